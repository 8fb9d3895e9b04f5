"""llm - continue a text with a language model.

usage: llm [PROMPT] [STEPS] [OPTION VALUE]...

PROMPT is "Once upon a time" and STEPS, the tokens to add, 64 unless given; prompt and added
tokens together are at most the model's context. The most probable token is taken every time,
unless a temperature is set.

  --temp T            choose at random, the more evenly the higher T is; 0.8 is usual
  --top-p P           only among the most probable tokens that sum up to P
  --top-k K           only among the K most probable tokens
  --seed S            start of the random numbers, at least 1; the same seed gives the same text
  --engine E          int8, unless given: integers throughout, several times faster than f32,
                      which computes with the weights as they are in the file
  --model FILE        weights, GGUF or llama2.c version 0, instead of the model of the image
  --tokenizer FILE    its tokenizer; unless given, the one that lies beside the weights; a GGUF
                      file has its own

The model of the image is the newest generation in /models/house whose signature and hashes are
right. A manifest.toml beside other weights names sizes and SHA-256, which are checked.
The house model writes stories for small children in simple English; it answers no questions.
"""

from __future__ import annotations

from typing import NoReturn

from abi.errno import ENOENT, ENOMEM
from abi.error_text import strerror
from bare import (
    Bytes,
    FormatStr,
    allocate,
    allocate_span,
    errno_of,
    f32,
    f64,
    i32,
    raises,
    struct,
    text,
    u32,
    u64,
    usize,
)
from user.lib.arguments import Arguments, Options
from user.lib.clock import monotonic_ns
from user.lib.llm.bundle import Bundle, verify
from user.lib.llm.fault import Fault, fault_text
from user.lib.llm.gguf.model import is_gguf
from user.lib.llm.integer.choice import choose_way
from user.lib.llm.manifest import Manifest
from user.lib.llm.merger import Merger
from user.lib.llm.session import Session, is_end
from user.lib.llm.store import ChosenBundle, choose_bundle, read_trust_root
from user.lib.mapped_file import map_file
from user.lib.numbers import parse_seconds, parse_unsigned
from user.lib.paths import PathBuffer, base_name, folder_of
from user.lib.report import leave, report, report_error, usage_error
from user.lib.standard import standard

DEFAULT_FAMILY = b"/models/house"
DEFAULT_PROMPT = b"Once upon a time"
DEFAULT_STEPS: u64 = 64
INTEGER_ENGINE = b"int8"
FLOAT_ENGINE = b"f32"
TOKENIZER_FILE = b"tokenizer.bin"
MANIFEST_FILE = b"manifest.toml"
BILLION: f64 = 1e9
NS_PER_MS: u64 = 1_000_000


@struct
class Request:
    """What the command line asks for."""

    model_path: Bytes = b""
    """Empty: the newest good bundle of the image."""
    tokenizer_path: Bytes = b""
    engine: Bytes = INTEGER_ENGINE
    prompt: Bytes = DEFAULT_PROMPT
    steps: u64 = DEFAULT_STEPS
    temperature: f32 = 0.0
    top_p: f32 = 1.0
    top_k: u64 = 0
    seed: u64 = 1


def main(arguments: Arguments) -> i32:
    """Loads the model and writes the text."""
    request = Request()
    read_options(request, arguments)
    try:
        heap = standard().heap
        bundle = allocate(heap, Bundle)
        if len(request.model_path) == 0:
            load_newest(bundle)
        else:
            manifest = Manifest()
            load(bundle, request, manifest)
            print(f"llm: weights mmap'd file-backed from {text(folder_of(request.model_path))}")
            describe(bundle, manifest.name)
        if request.engine == INTEGER_ENGINE:
            bundle.pack(heap)
            choose_way(heap, bundle.integer, arguments)
        session = allocate(heap, Session)
        session.prepare(heap, bundle)
        write_story(session, bundle, request)
    except OSError as error:
        report_error(request.model_path, errno_of(error))
        return 1
    print("llm: done")
    return 0


def read_options(request: Request, arguments: Arguments) -> None:
    """Fills the request; ends the program on a wrong option."""
    options = Options(arguments, b"", has_names=True)
    operands: u32 = 0
    while True:
        while options.next():
            take_option(request, options.name, options.value_of_name())
        if options.index == arguments.count:
            break
        take_operand(request, operands, arguments.get(options.index))
        options.index += 1
        operands += 1
    if request.seed == 0:
        usage_error("the seed is at least 1")


def take_option(request: Request, name: Bytes, value: Bytes) -> None:
    """Takes one option; ends the program on an unknown one."""
    if name == b"temp":
        request.temperature = fraction_option(name, value)
    elif name == b"top-p":
        request.top_p = fraction_option(name, value)
    elif name == b"top-k":
        request.top_k = whole_option(name, value)
    elif name == b"seed":
        request.seed = whole_option(name, value)
    elif name == b"engine":
        if value != INTEGER_ENGINE and value != FLOAT_ENGINE:
            usage_error(f"engine: int8 or f32, not {text(value)}")
        request.engine = value
    elif name == b"model":
        request.model_path = value
    elif name == b"tokenizer":
        request.tokenizer_path = value
    else:
        usage_error(f"unknown option --{text(name)}")


def take_operand(request: Request, place: u32, word: Bytes) -> None:
    """Takes the prompt, then the number of steps; a third word is a usage error."""
    if place == 0:
        request.prompt = word
    elif place == 1:
        request.steps = whole_option(b"steps", word)
    else:
        usage_error("too many words; put the prompt in quotes")


def whole_option(name: Bytes, value: Bytes) -> u64:
    """Reads a whole number, or ends the program."""
    try:
        return parse_unsigned(value)
    except OSError:
        usage_error(f"{text(name)}: not a whole number: {text(value)}")


def fraction_option(name: Bytes, value: Bytes) -> f32:
    """Reads a number with an optional fraction of up to nine digits, or ends the program."""
    try:
        return f32(f64(parse_seconds(value)) / BILLION)
    except OSError:
        usage_error(f"{text(name)}: not a number: {text(value)}")


@raises()
def load_newest(bundle: Bundle) -> None:
    """Maps the newest good bundle of the image; ends the program where there is none."""
    chosen = allocate(standard().heap, ChosenBundle)
    read_trust_root(chosen)
    try:
        choose_bundle(chosen, DEFAULT_FAMILY)
    except OSError as error:
        if errno_of(error) != ENOENT:
            raise
        reject(DEFAULT_FAMILY, "no verifiable model bundle generation")
    fault = bundle.open(standard().heap, chosen.model_file, chosen.tokenizer_file)
    if fault != Fault.NONE:
        reject(chosen.folder.content(), f"{bundle.explain(fault)}")
    print("llm: weights mmap'd file-backed from /models")
    describe(bundle, chosen.manifest.name)


@raises()
def load(bundle: Bundle, request: Request, manifest: Manifest) -> None:
    """Maps and checks the files; ends the program with a message if they are not right."""
    model_file = map_or_leave(request.model_path)
    has_manifest = read_manifest(manifest, request.model_path)
    tokenizer_file: Bytes = b""
    if not is_gguf(model_file):
        tokenizer_file = map_tokenizer(request, manifest)
    elif len(request.tokenizer_path) > 0:
        usage_error("tokenizer: a GGUF file has its own")
    fault = Fault.NONE
    if has_manifest:
        fault = verify(manifest, model_file, tokenizer_file)
    if fault == Fault.NONE:
        fault = bundle.open(standard().heap, model_file, tokenizer_file)
    if fault == Fault.TRUNCATED or fault == Fault.TOO_LONG:
        wanted = bundle.model.config.file_bytes()
        reject(
            request.model_path,
            f"{fault_text(fault)} ({len(model_file)} bytes, not {wanted})",
        )
    if fault != Fault.NONE:
        reject(request.model_path, f"{bundle.explain(fault)}")


@raises()
def map_tokenizer(request: Request, manifest: Manifest) -> Bytes:
    """Maps the tokenizer: the one asked for, or the one beside the model."""
    if len(request.tokenizer_path) > 0:
        return map_or_leave(request.tokenizer_path)
    name: Bytes = TOKENIZER_FILE
    if len(manifest.tokenizer.path) > 0:
        name = manifest.tokenizer.path
    path = PathBuffer()
    path.join(folder_of(request.model_path), name)
    return map_or_leave(path.content())


@raises()
def read_manifest(manifest: Manifest, model_path: Bytes) -> bool:
    """Reads the manifest beside the model; False where there is none."""
    path = PathBuffer()
    path.join(folder_of(model_path), MANIFEST_FILE)
    try:
        content = map_file(path.content())
    except OSError as error:
        if errno_of(error) != ENOENT:
            raise
        report(f"{text(model_path)} has no manifest; sizes and hashes are not checked")
        manifest.name = base_name(model_path)
        return False
    if not manifest.parse(content):
        reject(model_path, f"{fault_text(Fault.MANIFEST)}")
    return True


@raises()
def map_or_leave(path: Bytes) -> Bytes:
    """Maps a file, or says why not and ends the program."""
    try:
        return map_file(path)
    except OSError as error:
        reject(path, f"{strerror(errno_of(error))}")


def reject(path: Bytes, reason: FormatStr) -> NoReturn:
    """Says that a file cannot be used, and ends the program."""
    errors = standard().errors
    standard().output.flush()
    errors.print(f"llm: cannot load {text(path)}: ")
    errors.line(reason)
    leave(1)


def describe(bundle: Bundle, name: Bytes) -> None:
    """Prints the model's name and dimensions."""
    config = bundle.model.config
    print(
        f"llm: {text(name)} dim={config.dim} layers={config.layers}"
        f" heads={config.heads} vocab={config.vocab}"
    )


@raises(ENOMEM)
def write_story(session: Session, bundle: Bundle, request: Request) -> None:
    """Writes the prompt and what the model adds to it, and how long that took."""
    heap = standard().heap
    merger = allocate(heap, Merger)
    merger.prepare(heap, bundle.tokenizer, len(request.prompt))
    ids = allocate_span(heap, u32, len(request.prompt) + 2)
    count = merger.encode(request.prompt, ids)
    context = bundle.model.config.context
    if count >= context:
        usage_error(f"the prompt has {count} tokens, the model's context {context}")
    steps = min(request.steps, context - count)
    set_sampler(session, request)
    announce(steps, request)
    print("--- output ---")
    print(text(request.prompt), end="")
    standard().output.flush()
    while session.position < count:
        session.read(ids[:count])
    started_ns = monotonic_ns()
    written = continue_story(session, bundle, usize(ids[count - 1]), steps)
    elapsed_ns = monotonic_ns() - started_ns
    print("\n--- end ---")
    rate = f64(written) * BILLION / f64(max(elapsed_ns, 1))
    print(f"llm: {written} tokens in {elapsed_ns // NS_PER_MS} ms ({rate:.1f} tok/s)")


def set_sampler(session: Session, request: Request) -> None:
    """Hands the knobs to the sampler."""
    sampler = session.sampler
    sampler.temperature = request.temperature
    sampler.top_p = request.top_p
    sampler.top_k = request.top_k
    sampler.state = request.seed


def announce(steps: u64, request: Request) -> None:
    """Prints what will be done."""
    if request.temperature == 0.0:
        print(f"llm: generating {steps} tokens (greedy)")
    else:
        print(
            f"llm: generating {steps} tokens (temperature {request.temperature:.2f},"
            f" top-p {request.top_p:.2f}, top-k {request.top_k}, seed {request.seed})"
        )


def continue_story(session: Session, bundle: Bundle, last: usize, steps: u64) -> u64:
    """Writes up to `steps` tokens as they are chosen; returns how many it was until the end."""
    output = standard().output
    previous = last
    for written in range(steps):
        token = session.choose()
        if is_end(token):
            return written
        output.write(bundle.tokenizer.text_of(token, previous))
        output.flush()
        if written + 1 < steps:
            session.accept(token)
        previous = token
    return steps
