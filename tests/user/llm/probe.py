"""Doors into the engine for tests, in Bare Python: everything crosses as integers and addresses.

Compiled for the host these are C functions; in checked execution they are called the same way.
`Fault.NONE` is 0; NO_MEMORY stands for ENOMEM.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Bytes,
    Span,
    allocate,
    encode,
    export,
    f32,
    f32_from_bits,
    f64,
    i8,
    i32,
    raises,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from bare.lib.arena import Arena
from bare.lib.ed25519 import PUBLIC_KEY_SIZE
from bare.unsafe import span_at, static_object
from tests.user.llm.integer_doors import multiply_packed, multiply_raw, open_integer, opened
from user.lib.llm import elementary, kernels
from user.lib.llm.bundle import Bundle, verify
from user.lib.llm.config import LN_10000, NORM_EPSILON
from user.lib.llm.fault import Fault
from user.lib.llm.integer.matrix import padded_rows
from user.lib.llm.integer.operand import Way
from user.lib.llm.manifest import Manifest
from user.lib.llm.merger import Merger
from user.lib.llm.serve.completion_request import CompletionRequest
from user.lib.llm.serve.generation import Generation, GenerationState
from user.lib.llm.session import Session

MOST_TEXT_BYTES: usize = 12000
NO_MEMORY: u64 = 255
BAD_MANIFEST: u64 = 254

# SAFETY: tests pass addresses and lengths of buffers that they hold; one thread runs.


@struct
class Probe:
    """What is open."""

    arena: Arena | None = None
    bundle: Bundle | None = None
    session: Session | None = None
    merger: Merger | None = None


def probe() -> Probe:
    """Returns the one probe."""
    return static_object(Probe)


def session() -> Session:
    """Returns the open session."""
    found = probe().session
    assert found is not None
    return found


def bundle() -> Bundle:
    """Returns the open bundle."""
    found = probe().bundle
    assert found is not None
    return found


@export("probe_open")
def probe_open(
    memory: usize,
    memory_bytes: usize,
    model: usize,
    model_bytes: usize,
    tokens: usize,
    tokens_bytes: usize,
) -> u64:
    """Opens a model and a tokenizer with all memory taken from `memory`; returns the fault."""
    try:
        return open_all(
            span_at(u8, memory, memory_bytes),
            span_at(u8, model, model_bytes),
            span_at(u8, tokens, tokens_bytes),
        )
    except OSError:
        return NO_MEMORY


@raises(ENOMEM)
def open_all(memory: Span[u8], model: Bytes, tokens: Bytes) -> u64:
    """Does what `probe_open` says."""
    arena = static_object(Arena)
    arena.memory = memory
    arena.used = 0
    opened = allocate(arena, Bundle)
    probe().bundle = opened
    fault = opened.open(arena, model, tokens)
    if u64(fault) != 0:
        return u64(fault)
    open_integer(arena, opened.model)
    made = allocate(arena, Session)
    made.prepare(arena, opened)
    merger = allocate(arena, Merger)
    merger.prepare(arena, opened.tokenizer, MOST_TEXT_BYTES)
    probe().arena = arena
    probe().session = made
    probe().merger = merger
    return 0


@export("probe_explain")
def probe_explain(fault: u64, out: usize) -> usize:
    """Copies what the last opening found to be wrong, in words; returns the length."""
    words = encode(bundle().explain(Fault(fault)))
    span_at(u8, out, len(words)).copy_from(words)
    return len(words)


@export("probe_vocab")
def probe_vocab() -> usize:
    """Returns the number of tokens."""
    return bundle().model.config.vocab


@export("probe_context")
def probe_context() -> usize:
    """Returns the positions of a sequence."""
    return bundle().model.config.context


@export("probe_forward")
def probe_forward(token: usize, position: usize, out: usize) -> None:
    """Runs one token and copies the logits."""
    logits = session().transformer.forward(token, position)
    span_at(f32, out, len(logits)).copy_from(logits)


@export("probe_pack")
def probe_pack(way: u64) -> u64:
    """Lets completions be made by the integer engine."""
    arena = probe().arena
    assert arena is not None
    try:
        bundle().pack(arena)
    except OSError:
        return NO_MEMORY
    bundle().integer.way = Way(way)
    return 0


@export("probe_integer_way")
def probe_integer_way(way: u64) -> None:
    """Chooses how matrices are multiplied: a number of `Way`, each of which the host computes."""
    opened().model.way = Way(way)
    opened().attention.way = Way(way)


@export("probe_integer_forward")
def probe_integer_forward(ids: usize, count: usize, position: usize, out: usize) -> usize:
    """Takes in tokens at once; copies the integer logits and their unit; returns the best."""
    transformer = opened()
    transformer.forward(span_at(u32, ids, count), position, True)
    vocab = transformer.model.config.vocab
    span_at(i32, out, vocab).copy_from(transformer.logits[:vocab])
    span_at(f32, out + 4 * vocab, 1)[0] = transformer.logit_unit
    return transformer.best_token


@export("probe_integer_matrix")
def probe_integer_matrix(
    way: u64, matrix: usize, rows: usize, columns: usize, x: usize, out: usize
) -> u64:
    """Packs an f32 matrix and multiplies it by a vector of i8; the sums go to whole blocks."""
    sums = span_at(i32, out, padded_rows(rows))
    try:
        multiply_packed(
            Way(way), span_at(f32, matrix, rows * columns), span_at(i8, x, columns), sums
        )
    except OSError:
        return NO_MEMORY
    return 0


@export("probe_integer_kernel")
def probe_integer_kernel(
    way: u64, weights: usize, rows: usize, columns: usize, x: usize, out: usize
) -> u64:
    """Multiplies packed weights, in whole blocks, by a vector of i8."""
    packed = span_at(i8, weights, rows * columns)
    try:
        multiply_raw(Way(way), packed, span_at(i8, x, columns), span_at(i32, out, rows))
    except OSError:
        return NO_MEMORY
    return 0


@export("probe_encode")
def probe_encode(text: usize, length: usize, ids: usize) -> usize:
    """Encodes a text; `ids` has room for length + 2."""
    merger = probe().merger
    assert merger is not None
    return merger.encode(span_at(u8, text, length), span_at(u32, ids, length + 2))


@export("probe_complete")
def probe_complete(body: usize, length: usize, is_json: bool, out: usize) -> u64:
    """Makes a whole completion; `out` gets the text, each piece behind its length in one byte.

    Returns the bytes written, and from bit 32 on the stop type, from bit 40 on the tokens. 0: the
    body was refused, or the prompt does not fit.
    """
    try:
        return complete(span_at(u8, body, length), is_json, span_at(u8, out, 1 << 16))
    except OSError:
        return 0


@raises(ENOMEM)
def complete(body: Bytes, is_json: bool, out: Span[u8]) -> u64:
    """Does what `probe_complete` says."""
    arena = probe().arena
    merger = probe().merger
    assert arena is not None and merger is not None
    request = allocate(arena, CompletionRequest)
    request.prepare(arena)
    is_good = request.read_json(body) if is_json else request.read_raw(body)
    generation = allocate(arena, Generation)
    generation.prepare(arena, bundle(), merger, MOST_TEXT_BYTES)
    if not is_good or not generation.begin(request):
        return 0
    size: usize = 0
    while generation.state != GenerationState.DONE:
        generation.advance()
        piece = generation.ready()
        if len(piece) > 0:
            out[size] = u8(len(piece))
            out[size + 1 : size + 1 + len(piece)].copy_from(piece)
            size += 1 + len(piece)
        generation.take()
    return size | u64(generation.stop_type) << 32 | generation.written << 40


@export("probe_text")
def probe_text(token: usize, previous: usize, out: usize) -> usize:
    """Copies the text of a token; returns its length."""
    text = bundle().tokenizer.text_of(token, previous)
    span_at(u8, out, len(text)).copy_from(text)
    return len(text)


@export("probe_knobs")
def probe_knobs(temperature_bits: u32, top_p_bits: u32, top_k: usize, seed: u64) -> None:
    """Sets the sampler."""
    sampler = session().sampler
    sampler.temperature = f32_from_bits(temperature_bits)
    sampler.top_p = f32_from_bits(top_p_bits)
    sampler.top_k = top_k
    sampler.state = seed


@export("probe_choose")
def probe_choose(logits: usize) -> usize:
    """Chooses a token from logits [vocab]."""
    return session().sampler.choose(span_at(f32, logits, bundle().model.config.vocab))


@export("probe_coins")
def probe_coins(out: usize, count: usize) -> None:
    """Draws numbers."""
    coins = span_at(f32, out, count)
    for index in range(count):
        coins[index] = session().sampler.coin()


@export("probe_verify")
def probe_verify(
    manifest: usize,
    manifest_bytes: usize,
    model: usize,
    model_bytes: usize,
    tokens: usize,
    tokens_bytes: usize,
) -> u64:
    """Parses a manifest and checks two files against it; returns the fault."""
    parsed = Manifest()
    if not parsed.parse(span_at(u8, manifest, manifest_bytes)):
        return BAD_MANIFEST
    fault = verify(parsed, span_at(u8, model, model_bytes), span_at(u8, tokens, tokens_bytes))
    return u64(fault)


@export("probe_signed")
def probe_signed(manifest: usize, manifest_bytes: usize, key: usize) -> u64:
    """Parses a manifest and checks its signature; returns the fault."""
    parsed = Manifest()
    if not parsed.parse(span_at(u8, manifest, manifest_bytes)):
        return BAD_MANIFEST
    is_signed = parsed.is_signed_by(span_at(u8, key, PUBLIC_KEY_SIZE))
    return u64(Fault.NONE if is_signed else Fault.SIGNATURE)


@export("probe_exp")
def probe_exp(x: usize, out: usize, count: usize) -> None:
    """Takes the exponential of f64 numbers."""
    numbers = span_at(f64, x, count)
    results = span_at(f64, out, count)
    for index in range(count):
        results[index] = elementary.exp(numbers[index])


@export("probe_exp_f32")
def probe_exp_f32(x: usize, out: usize, count: usize) -> None:
    """Takes the exponential of f32 numbers."""
    numbers = span_at(f32, x, count)
    results = span_at(f32, out, count)
    for index in range(count):
        results[index] = elementary.exp_f32(numbers[index])


@export("probe_ln")
def probe_ln(x: usize, out: usize, count: usize) -> None:
    """Takes the logarithm of f64 numbers."""
    numbers = span_at(f64, x, count)
    results = span_at(f64, out, count)
    for index in range(count):
        results[index] = elementary.ln(numbers[index])


@export("probe_sin_cos")
def probe_sin_cos(x: usize, sines: usize, cosines: usize, count: usize) -> None:
    """Takes sine and cosine of f64 angles."""
    angles = span_at(f64, x, count)
    for index in range(count):
        sine, cosine = elementary.sin_cos(angles[index])
        span_at(f64, sines, count)[index] = sine
        span_at(f64, cosines, count)[index] = cosine


@export("probe_matvec")
def probe_matvec(out: usize, rows: usize, matrix: usize, x: usize, columns: usize) -> None:
    """Multiplies a matrix by a vector."""
    kernels.matvec(
        span_at(f32, out, rows), span_at(f32, matrix, rows * columns), span_at(f32, x, columns)
    )


@export("probe_add_scaled")
def probe_add_scaled(out: usize, x: usize, count: usize, scale_bits: u32) -> None:
    """Adds a scaled vector."""
    scale = f32_from_bits(scale_bits)
    kernels.add_scaled(span_at(f32, out, count), span_at(f32, x, count), scale)


@export("probe_rms_norm")
def probe_rms_norm(out: usize, x: usize, weight: usize, count: usize) -> None:
    """Normalises a vector."""
    weights = span_at(f32, weight, count)
    kernels.rms_norm(span_at(f32, out, count), span_at(f32, x, count), weights, NORM_EPSILON)


@export("probe_softmax")
def probe_softmax(x: usize, count: usize) -> None:
    """Turns scores into probabilities."""
    kernels.softmax(span_at(f32, x, count))


@export("probe_swiglu")
def probe_swiglu(gate: usize, up: usize, count: usize) -> None:
    """Gates a vector."""
    kernels.swiglu(span_at(f32, gate, count), span_at(f32, up, count))


@export("probe_rotate")
def probe_rotate(x: usize, count: usize, tables: usize, pairs: usize, position: usize) -> None:
    """Turns heads of 2 * pairs elements; `tables` has room for 2 * pairs."""
    cosines = span_at(f32, tables, 2 * pairs)[:pairs]
    sines = span_at(f32, tables, 2 * pairs)[pairs:]
    kernels.rope_angles(cosines, sines, position, LN_10000)
    kernels.rotate(span_at(f32, x, count), cosines, sines)


def main() -> None:
    """Does nothing: the doors are called from outside."""
