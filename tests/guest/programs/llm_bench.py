"""llm_bench - measures the language model's engines: rates, parts of a token, memory.

usage: llm_bench SHAPE [ROUNDS [TOKENS [PROMPT]]]

SHAPE is house (the model of the image) or 15m, a model of 15 million parameters with random
weights: a speed, not a text. In each round every figure is taken once, in turn; printed is one
line `llm_bench: NAME VALUE` for each, all rounds behind each other. TOKENS are made in a text from
position 0, greedily; PROMPT tokens are read before a first token is chosen.

  kernel_mmacs        million multiply-adds a second of the kernel alone, 2048 rows of 128
  int8_tok_s f32_tok_s
  prompt_ms           PROMPT tokens read, and the next chosen
  token_us token_matrices_us
                      the token in the middle of the text, and the kernel alone over all matrices
                      of the model, each the fastest of 100 in turn
  matrices_us norms_us attention_us gates_us sums_us logits_us
                      parts of that token, each the fastest of 32
"""

from __future__ import annotations

from abi.errno import EINVAL
from bare import (
    Array,
    Span,
    allocate,
    allocate_span,
    array,
    f32,
    f32_bits,
    f64,
    i8,
    i32,
    inline,
    raises,
    store_u32,
    struct,
    u8,
    u32,
    u64,
    usize,
    wrapping_shl,
)
from user.lib.arguments import Arguments
from user.lib.clock import monotonic_ns
from user.lib.llm import kernels
from user.lib.llm.bundle import Bundle
from user.lib.llm.config import HEADER_BYTES
from user.lib.llm.fault import Fault
from user.lib.llm.integer.choice import choose_way
from user.lib.llm.integer.operand import Operand, Way
from user.lib.llm.integer.transformer import MOST_LANES, IntegerTransformer, gate
from user.lib.llm.store import ChosenBundle, choose_bundle
from user.lib.llm.transformer import Transformer
from user.lib.llm.weights import Model
from user.lib.numbers import parse_unsigned
from user.lib.report import report, usage_error
from user.lib.standard import standard

KERNEL_ROWS: usize = 2048
KERNEL_COLUMNS: usize = 128
KERNEL_RUNS: u64 = 256
PART_RUNS = 32
SHARE_RUNS = 100
RANDOM_STEP: f32 = 3e-6
NEVER: u64 = 1 << 60
SECOND: f64 = 1e9
NS_PER_US: u64 = 1000
PARTS: tuple[str, ...] = (
    "matrices_us",
    "attention_us",
    "norms_us",
    "gates_us",
    "sums_us",
    "logits_us",
)


@struct
class Bench:
    """What is measured, and how often."""

    bundle: Bundle = inline()
    integer: IntegerTransformer = inline()
    single: Transformer = inline()
    has_single: bool
    tokens: usize
    prompt: Span[u32]
    token: Array[u32] = array(1)


def main(arguments: Arguments) -> i32:
    """Measures and prints."""
    if arguments.count < 2:
        usage_error("which shape?")
    try:
        bench = allocate(standard().heap, Bench)
        prepare(bench, arguments)
        rounds = number(arguments, 2, 3)
        for _ in range(rounds):
            measure(bench)
    except OSError as error:
        report(f"failed with {error.errno}")
        return 1
    return 0


def number(arguments: Arguments, place: usize, otherwise: u64) -> u64:
    """Reads a number of the command line."""
    if place >= arguments.count:
        return otherwise
    try:
        return parse_unsigned(arguments.get(place))
    except OSError:
        usage_error("not a number")


@raises()
def prepare(bench: Bench, arguments: Arguments) -> None:
    """Loads or makes the model."""
    heap = standard().heap
    shape = arguments.get(1)
    bundle = bench.bundle
    bench.tokens = usize(number(arguments, 3, 128))
    if shape == b"house":
        chosen = allocate(heap, ChosenBundle)
        choose_bundle(chosen, b"/models/house")
        if bundle.open(heap, chosen.model_file, chosen.tokenizer_file) != Fault.NONE:
            raise OSError(EINVAL)
    else:
        make_random(bundle.model)
    started = monotonic_ns()
    bundle.pack(heap)
    tell("pack_us", (monotonic_ns() - started) // NS_PER_US)
    choose_way(heap, bundle.integer, arguments)
    bench.integer.prepare(heap, bundle.integer)
    bench.has_single = shape == b"house"
    if bench.has_single:
        bench.single.prepare(heap, bundle.model)
    bench.prompt = allocate_span(heap, u32, usize(number(arguments, 4, 200)))
    for index in range(len(bench.prompt)):
        bench.prompt[index] = u32(index * 7 % bundle.model.config.vocab)
    print(f"llm_bench: way {bundle.integer.way}")
    tell("sequence_bytes", bench.integer.bytes())
    tell("model_bytes", bundle.integer.bytes())
    tell("macs_a_token", bundle.integer.products())


def tell(name: str, value: u64) -> None:
    """Prints a figure."""
    print(f"llm_bench: {name} {value}")


@raises()
def make_random(model: Model) -> None:
    """Makes a model of 15 million parameters: a file in memory, as llama2.c has them."""
    config = model.config
    config.dim = 288
    config.hidden = 768
    config.layers = 6
    config.heads = 6
    config.kv_heads = 6
    config.vocab = 32000
    config.context = 256
    file = allocate_span(standard().heap, u8, config.file_bytes())
    header: Array[usize] = array(7)
    header[0] = config.dim
    header[1] = config.hidden
    header[2] = config.layers
    header[3] = config.heads
    header[4] = config.kv_heads
    header[5] = config.vocab
    header[6] = config.context
    for index in range(7):
        store_u32(file, 4 * index, u32(header[index]))
    state: u64 = 88172645463325252
    for offset in range(HEADER_BYTES, len(file), 4):
        state ^= wrapping_shl(state, 13)
        state ^= state >> 7
        state ^= wrapping_shl(state, 17)
        store_u32(file, offset, f32_bits(f32(i32(state & 0xFFFF) - 32768) * RANDOM_STEP))
    if model.open(standard().heap, file) != Fault.NONE:
        raise OSError(EINVAL)


@raises()
def measure(bench: Bench) -> None:
    """Takes every figure once."""
    tell("kernel_mmacs", kernel_rate(bench.bundle.integer.way))
    tell_rate("int8_tok_s", bench.tokens, integer_text(bench))
    if bench.has_single:
        tell_rate("f32_tok_s", bench.tokens, single_text(bench))
    tell("prompt_ms", read_prompt(bench) // 1_000_000)
    tell_share(bench)
    tell_parts(bench)


def tell_rate(name: str, tokens: usize, nanoseconds: u64) -> None:
    """Prints tokens a second."""
    print(f"llm_bench: {name} {f64(tokens) * SECOND / f64(nanoseconds):.1f}")


@raises()
def kernel_rate(way: Way) -> u64:
    """Returns millions of multiply-adds a second of the kernel alone."""
    heap = standard().heap
    weights = allocate_span(heap, i8, KERNEL_ROWS * KERNEL_COLUMNS)
    out = allocate_span(heap, i32, KERNEL_ROWS)
    operand = allocate(heap, Operand)
    operand.prepare(heap, KERNEL_COLUMNS)
    weights.fill(3)
    operand.values.fill(5)
    operand.finish(KERNEL_COLUMNS)
    operand.out = out
    started = monotonic_ns()
    for _ in range(KERNEL_RUNS):
        operand.multiply(way, weights, 16 * KERNEL_COLUMNS, KERNEL_COLUMNS)
    spent = monotonic_ns() - started
    return KERNEL_RUNS * KERNEL_ROWS * KERNEL_COLUMNS * 1000 // spent


def matrices_time(bench: Bench) -> u64:
    """Multiplies all matrices of a token, nothing else; returns nanoseconds."""
    integer = bench.integer
    model = integer.model
    lanes = integer.lanes[:1]
    classifier = model.classifier()
    started = monotonic_ns()
    for layer in range(model.config.layers):
        weights = model.layers[layer]
        integer.multiply(lanes, weights.wq, 0)
        integer.multiply(lanes, weights.wk, 0)
        integer.multiply(lanes, weights.wv, 0)
        integer.multiply(lanes, weights.wo, 0)
        integer.multiply(lanes, weights.w1, 0)
        integer.multiply(lanes, weights.w2, 0)
        integer.multiply(lanes, weights.w3, 0)
    lanes[0].operand.out = integer.logits
    lanes[0].operand.multiply(model.way, classifier.weights, classifier.stride, classifier.columns)
    return monotonic_ns() - started


def token_time(bench: Bench) -> u64:
    """Takes in a token in the middle of the text; returns nanoseconds."""
    started = monotonic_ns()
    bench.integer.forward(bench.token, bench.tokens // 2, True)
    return monotonic_ns() - started


def tell_share(bench: Bench) -> None:
    """Prints the fastest of many tokens, and of all matrices alone, in turn."""
    token: u64 = NEVER
    matrices: u64 = NEVER
    for _ in range(SHARE_RUNS):
        token = min(token, token_time(bench))
        matrices = min(matrices, matrices_time(bench))
    tell("token_us", token // NS_PER_US)
    tell("token_matrices_us", matrices // NS_PER_US)


def integer_text(bench: Bench) -> u64:
    """Writes a text with the integer engine; returns nanoseconds."""
    token: usize = 1
    started = monotonic_ns()
    for position in range(bench.tokens):
        bench.token[0] = u32(token)
        bench.integer.forward(bench.token, position, True)
        token = bench.integer.best_token
    return monotonic_ns() - started


def single_text(bench: Bench) -> u64:
    """Writes a text with the f32 engine; returns nanoseconds."""
    token: usize = 1
    started = monotonic_ns()
    for position in range(bench.tokens):
        token = kernels.argmax(bench.single.forward(token, position))
    return monotonic_ns() - started


def read_prompt(bench: Bench) -> u64:
    """Reads a prompt and chooses a token; returns nanoseconds."""
    count = len(bench.prompt)
    started = monotonic_ns()
    for position in range(0, count, MOST_LANES):
        end = min(position + MOST_LANES, count)
        bench.integer.forward(bench.prompt[position:end], position, end == count)
    return monotonic_ns() - started


def tell_parts(bench: Bench) -> None:
    """Prints what the parts of one token take, all layers together."""
    integer = bench.integer
    model = integer.model
    lanes = integer.lanes[:1]
    lane = lanes[0]
    position = bench.tokens // 2
    times: Array[u64] = array(6)
    best: Array[u64] = array(6)
    best.fill(NEVER)
    for _ in range(PART_RUNS):
        times.fill(0)
        for layer in range(model.config.layers):
            weights = model.layers[layer]
            keys_at = usize(len(weights.wq.multipliers))
            values_at = keys_at + len(weights.wk.multipliers)
            up_at = usize(len(weights.w1.multipliers))
            t0 = monotonic_ns()
            integer.multiply(lanes, weights.wq, 0)
            integer.multiply(lanes, weights.wk, keys_at)
            integer.multiply(lanes, weights.wv, values_at)
            t1 = monotonic_ns()
            integer.set_turns(lane, layer, position, keys_at, values_at)
            integer.keep(lane, layer, position)
            for shared in range(model.config.kv_heads):
                integer.look_back(lanes, layer, shared, position)
            lane.finish_heads()
            t2 = monotonic_ns()
            integer.multiply(lanes, weights.wo, 0)
            t3 = monotonic_ns()
            lane.residual.norm(lane.operand, weights.ffn_norm, 1e-5)
            lane.residual.norm(lane.operand, weights.ffn_norm, 1e-5)
            t4 = monotonic_ns()
            integer.multiply(lanes, weights.w1, 0)
            integer.multiply(lanes, weights.w3, up_at)
            t5 = monotonic_ns()
            gate(lane, weights.w1, weights.w3, up_at)
            t6 = monotonic_ns()
            integer.multiply(lanes, weights.w2, 0)
            t7 = monotonic_ns()
            lane.residual.add(weights.w2, lane.sums, 1e-9)
            lane.residual.add(weights.w2, lane.sums, 1e-9)
            t8 = monotonic_ns()
            times[0] += t1 - t0 + t3 - t2 + t5 - t4 + t7 - t6
            times[1] += t2 - t1
            times[2] += t4 - t3
            times[3] += t6 - t5
            times[4] += t8 - t7
        t9 = monotonic_ns()
        integer.classify(lane)
        times[5] += monotonic_ns() - t9
        for index in range(6):
            best[index] = min(best[index], times[index])
    for index in range(6):
        tell(PARTS[index], best[index] // NS_PER_US)
