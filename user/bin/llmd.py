"""llmd - serves a language model over HTTP.

usage: llmd [-f] [-p PORT] [-s SLOTS] [-m FOLDER] [WEIGHTS [TOKENIZER]]

The newest generation of the model whose signature and hashes are right is used, unless WEIGHTS
names a GGUF file, or a llama2.c version 0 file whose TOKENIZER lies beside it as tokenizer.bin
unless given.

  -f          compute in floating point: several times slower than integers
  -p PORT     where to listen; 8080 unless given
  -m FOLDER   the generations of the model; /models/house unless given
  -s SLOTS    completions that are made at once, 1 to 8, in turn token by token; 8 unless given

  POST /completion   the body is the prompt, continued by up to 64 tokens (?n=N for fewer); or, as
                     application/json, an object with prompt, n_predict, temperature, top_k, top_p,
                     seed, stop, stream as llama.cpp has them
  GET /health        the model's dimensions
  GET /metrics       requests, tokens_total, last_ttft_ms, last_tok_s
"""

from __future__ import annotations

from typing import NoReturn

from abi.errno import EACCES, EADDRINUSE, ENOENT
from abi.error_text import strerror
from abi.socket import SOCK_NONBLOCK
from bare import Bytes, FormatStr, allocate, errno_of, i32, raises, struct, text, u16, u64, usize
from user.lib.arguments import Arguments, Options
from user.lib.llm.bundle import Bundle
from user.lib.llm.fault import Fault
from user.lib.llm.gguf.model import is_gguf
from user.lib.llm.integer.choice import choose_way
from user.lib.llm.store import (
    TRUST_ROOT,
    ChosenBundle,
    choose_bundle,
    read_trust_root,
)
from user.lib.llmd.server import MOST_SLOTS, Server
from user.lib.mapped_file import map_file
from user.lib.numbers import parse_unsigned
from user.lib.paths import PathBuffer, folder_of, parent_of
from user.lib.report import leave, report, usage_error
from user.lib.socket import Endpoint, listen_tcp
from user.lib.standard import standard

DEFAULT_FAMILY = b"/models/house"
DEFAULT_PORT: u64 = 8080
MOST_PORT: u64 = 65535
BACKLOG = 64
LETTER_F = ord("f")
LETTER_M = ord("m")
LETTER_P = ord("p")
LETTER_S = ord("s")


@struct
class Command:
    """What the command line asks for."""

    port: u64 = DEFAULT_PORT
    slots: u64 = MOST_SLOTS
    family: Bytes = DEFAULT_FAMILY
    is_float: bool = False
    weights: Bytes = b""
    tokenizer: Bytes = b""


def main(arguments: Arguments) -> i32:
    """Loads the model and serves for ever."""
    command = Command()
    read_options(command, arguments)
    heap = standard().heap
    try:
        bundle = allocate(heap, Bundle)
        if len(command.weights) > 0:
            load_files(bundle, command)
        else:
            load_newest(bundle, command.family)
        if not command.is_float:
            bundle.pack(heap)
            choose_way(heap, bundle.integer, arguments)
        config = bundle.model.config
        kind: Bytes = b"fp32" if command.is_float else b"int8"
        print(f"llmd: model {text(kind)} dim={config.dim} vocab={config.vocab}")
        listener = open_listener(u16(command.port))
        server = allocate(heap, Server)
        server.prepare(heap, bundle, listener, usize(command.slots))
        print(f"llmd: serving on {command.port} (POST /completion, GET /health, GET /metrics)")
        standard().output.flush()
        server.run()
    except OSError as error:
        report(f"{strerror(errno_of(error))}")
    return 1


def read_options(command: Command, arguments: Arguments) -> None:
    """Fills the command; ends the program on a wrong word."""
    options = Options(arguments, b"fp:s:m:")
    while options.next():
        if options.letter == LETTER_P:
            command.port = number_of(options.value, MOST_PORT)
        elif options.letter == LETTER_F:
            command.is_float = True
        elif options.letter == LETTER_M:
            command.family = options.value
        elif options.letter == LETTER_S:
            command.slots = number_of(options.value, MOST_SLOTS)
        else:
            usage_error("unknown option")
    count = arguments.count - options.index
    if count > 2:
        usage_error("at most two files are taken")
    if count > 0:
        command.weights = arguments.get(options.index)
    if count > 1:
        command.tokenizer = arguments.get(options.index + 1)


def number_of(word: Bytes, most: u64) -> u64:
    """Reads a number from 1 to `most`, or ends the program."""
    try:
        number = parse_unsigned(word)
        if 1 <= number <= most:
            return number
    except OSError:
        pass
    usage_error(f"not a number from 1 to {most}: {text(word)}")


@raises()
def load_newest(bundle: Bundle, family: Bytes) -> None:
    """Maps the newest good bundle; ends the program where there is none."""
    chosen = allocate(standard().heap, ChosenBundle)
    read_trust_root(chosen)
    has_root = len(chosen.trust_root) > 0
    if has_root:
        print(f"llmd: trust root loaded ({text(TRUST_ROOT)})")
    else:
        print("llmd: no trust root; integrity-only mode")
    standard().output.flush()
    try:
        choose_bundle(chosen, family)
    except OSError as error:
        if errno_of(error) != ENOENT:
            raise
        refuse("no verifiable model bundle generation")
    checks: Bytes = b"ed25519+sha256" if has_root else b"sha256"
    print(
        f"llmd: bundle {text(chosen.name)} generation {chosen.generation} verified ({text(checks)})"
    )
    print(f"llmd: weights mmap'd file-backed from {text(parent_of(family))}")
    open_or_refuse(bundle, chosen.model_file, chosen.tokenizer_file)


@raises()
def load_files(bundle: Bundle, command: Command) -> None:
    """Maps the files that the user chose, whose shape is checked, but nothing else."""
    model_file = map_or_refuse(command.weights, "cannot load model file")
    tokenizer_file: Bytes = b""
    if not is_gguf(model_file):
        path = PathBuffer()
        path.set(command.tokenizer)
        if len(command.tokenizer) == 0:
            path.join(folder_of(command.weights), b"tokenizer.bin")
        tokenizer_file = map_or_refuse(path.content(), "cannot load tokenizer file")
    elif len(command.tokenizer) > 0:
        usage_error("a GGUF file has its own tokenizer")
    print(f"llmd: weights mmap'd file-backed from {text(command.weights)}")
    open_or_refuse(bundle, model_file, tokenizer_file)


def map_or_refuse(path: Bytes, problem: str) -> Bytes:
    """Maps a file, or ends the program."""
    try:
        return map_file(path)
    except OSError as error:
        refuse(f"{problem} {text(path)}: {strerror(errno_of(error))}")


@raises()
def open_or_refuse(bundle: Bundle, model_file: Bytes, tokenizer_file: Bytes) -> None:
    """Opens a model, or ends the program."""
    fault = bundle.open(standard().heap, model_file, tokenizer_file)
    if fault != Fault.NONE:
        refuse(f"cannot load model file: {bundle.explain(fault)}")


def open_listener(port: u16) -> i32:
    """Listens on all addresses, or ends the program."""
    try:
        return listen_tcp(Endpoint(0, port), BACKLOG, SOCK_NONBLOCK)
    except OSError as error:
        code = errno_of(error)
        if code == EADDRINUSE:
            refuse(f"bind failed: port {port} is in use")
        if code == EACCES:
            refuse("socket failed: this process has no network capability")
        refuse(f"listen failed: {strerror(code)}")


def refuse(message: FormatStr) -> NoReturn:
    """Ends the program with a message."""
    standard().output.flush()
    report(message)
    leave(1)
