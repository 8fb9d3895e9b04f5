"""`Attention`: what one position sees of those before it, head by head.

A score is a logarithm to base two in units of 2**-10, a chance an integer of 12 bits. The kernels
take 12 bits as two numbers of 6, so that four products with values fit in a lane.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Span,
    allocate_span,
    f64,
    i8,
    i32,
    i64,
    inline,
    raises,
    sqrt,
    struct,
    usize,
    wrap_i8,
    wrapping_add,
    wrapping_mul,
    wrapping_sub,
)
from bare.lib.allocator import Allocator
from user.lib.llm.config import Config
from user.lib.llm.integer.cache import Cache
from user.lib.llm.integer.matrix import Matrix, padded_rows
from user.lib.llm.integer.operand import Operand, Way
from user.lib.llm.integer.tables import exponential
from user.lib.llm.integer.vectors import (
    bit_length,
    fixed,
    power_of_two,
    quad_top_of,
    quantise,
    quantised_unit,
    scaled,
    top_of,
)

TURN_BITS = 15
LOG2_E: f64 = 1.4426950408889634
SCORE_STEPS: f64 = 4194304.0
"""2**22: 2**10 for the units of scores, 2**12 for the shifts."""
LARGEST_SCORE_FACTOR: i64 = 1 << 22
FIRST_SHIFT = 16
SECOND_SHIFT = 20
CHANCE_BITS: usize = 12
DIGIT_BITS = 6
DIGIT_MASK: i64 = 63
VALUE_UNIT_BITS: i64 = 28
HEAD_STEPS: f64 = 65536.0
HEAD_BITS = 16


@struct
class Attention:
    """The sequence's cache, and scratch for one position."""

    config: Config
    way: Way
    cache: Cache = inline()
    query: Operand = inline()
    high: Operand = inline()
    low: Operand = inline()
    head: Span[i64]
    """[head_size]."""
    key: Span[i8]
    """[head_size]."""
    scores: Span[i32]
    """[context], whole blocks."""
    chances: Span[i64]
    """[context]."""
    high_sums: Span[i32]
    """[head_size], whole blocks, like `low_sums`."""
    low_sums: Span[i32]
    mixed: Span[i64]
    """[dim]."""
    units: Span[f64]
    """[heads]."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, config: Config, way: Way) -> None:
        """Takes the memory."""
        size = config.head_size()
        self.config = config
        self.way = way
        self.cache.prepare(allocator, config)
        self.query.prepare(allocator, size)
        self.high.prepare(allocator, config.context)
        self.low.prepare(allocator, config.context)
        self.head = allocate_span(allocator, i64, size)
        self.key = allocate_span(allocator, i8, size)
        self.scores = allocate_span(allocator, i32, padded_rows(config.context))
        self.chances = allocate_span(allocator, i64, config.context)
        self.high_sums = allocate_span(allocator, i32, padded_rows(size))
        self.low_sums = allocate_span(allocator, i32, padded_rows(size))
        self.mixed = allocate_span(allocator, i64, config.dim)
        self.units = allocate_span(allocator, f64, config.heads)

    def keep_key(
        self,
        slot: usize,
        position: usize,
        sums: Span[i32],
        multipliers: Span[i32],
        matrix: Matrix,
        unit: f64,
        cosines: Span[i32],
        sines: Span[i32],
    ) -> None:
        """Turns and keeps the key of a head."""
        turn(self.head, sums, multipliers, matrix.shift, cosines, sines)
        top = quad_top_of(self.head)
        quantise(self.key, self.head, top)
        self.cache.store_key(slot, position, self.key, quantised_unit(unit, top))

    def keep_value(
        self,
        slot: usize,
        position: usize,
        sums: Span[i32],
        multipliers: Span[i32],
        matrix: Matrix,
        unit: f64,
    ) -> None:
        """Keeps the value of a head."""
        for index in range(len(self.head)):
            self.head[index] = scaled(sums[index], multipliers[index], matrix.shift)
        top = top_of(self.head)
        quantise(self.key, self.head, top)
        self.cache.store_value(slot, position, self.key, quantised_unit(unit, top))

    def attend(
        self,
        layer: usize,
        head: usize,
        position: usize,
        sums: Span[i32],
        multipliers: Span[i32],
        matrix: Matrix,
        unit: f64,
        cosines: Span[i32],
        sines: Span[i32],
    ) -> None:
        """Mixes the values of positions 0 to `position` for one head."""
        size = len(self.head)
        shared = head // (self.config.heads // self.config.kv_heads)
        slot = layer * self.config.kv_heads + shared
        turn(self.head, sums, multipliers, matrix.shift, cosines, sines)
        top = top_of(self.head)
        quantise(self.query.values, self.head, top)
        self.query.finish(size)
        self.score(slot, position + 1, quantised_unit(unit, top))
        self.units[head] = self.weigh(slot, position + 1)
        self.mix(slot, head, position + 1)

    def score(self, slot: usize, count: usize, unit: f64) -> None:
        """Sets the first `count` chances to the query's scores, and no more than that yet."""
        cache = self.cache
        scores = self.scores[: padded_rows(count)]
        keys = cache.keys_of(slot)
        self.query.multiply(self.way, scores, keys, cache.key_stride, len(self.head))
        wanted = unit * (LOG2_E / sqrt(f64(len(self.head))))
        factor = fixed(wanted, SCORE_STEPS, LARGEST_SCORE_FACTOR)
        start = slot * cache.context
        units = cache.key_units[start : start + count]
        chances = self.chances[:count]
        for past in range(count):
            product = i64(scores[past]) * i64(units[past]) >> FIRST_SHIFT
            chances[past] = wrapping_mul(product, factor) >> SECOND_SHIFT

    def weigh(self, slot: usize, count: usize) -> f64:
        """Turns scores into operands of chances times the units of values; returns their unit."""
        start = slot * self.cache.context
        units = self.cache.value_units[start : start + count]
        chances = self.chances[:count]
        largest = chances[0]
        for score in chances:
            largest = max(largest, score)
        total: i64 = 0
        top: i64 = 0
        for past in range(count):
            chance = exponential(wrapping_sub(largest, chances[past]))
            total = wrapping_add(total, chance)
            weighted = wrapping_mul(chance, i64(units[past]))
            top = max(top, weighted)
            chances[past] = weighted
        shift = max(bit_length(top), CHANCE_BITS) - CHANCE_BITS
        high = self.high.values[:count]
        low = self.low.values[:count]
        for past in range(count):
            chance = chances[past] >> shift
            high[past] = wrap_i8(chance >> DIGIT_BITS)
            low[past] = wrap_i8(chance & DIGIT_MASK)
        return power_of_two(i64(shift) - VALUE_UNIT_BITS) / f64(total)

    def mix(self, slot: usize, head: usize, count: usize) -> None:
        """Sums up the values by their chances."""
        self.high.finish(count)
        self.low.finish(count)
        values = self.cache.values_of(slot)
        stride = self.cache.value_stride
        self.high.multiply(self.way, self.high_sums, values, stride, count)
        self.low.multiply(self.way, self.low_sums, values, stride, count)
        size = len(self.head)
        mixed = self.mixed[head * size : head * size + size]
        high = self.high_sums[:size]
        low = self.low_sums[:size]
        for index in range(size):
            mixed[index] = (i64(high[index]) << DIGIT_BITS) + i64(low[index])

    def finish(self, operand: Operand) -> f64:
        """Makes the mixed values of all heads an operand; returns its unit."""
        largest: f64 = 0.0
        for unit in self.units:
            largest = max(largest, unit)
        size = len(self.head)
        for head in range(self.config.heads):
            factor = fixed_part(self.units[head] / largest)
            mixed = self.mixed[head * size : head * size + size]
            for index in range(size):
                mixed[index] = wrapping_mul(mixed[index], factor) >> HEAD_BITS
        top = top_of(self.mixed)
        quantise(operand.values, self.mixed, top)
        operand.finish(len(self.mixed))
        return quantised_unit(largest, top)


def fixed_part(ratio: f64) -> i64:
    """Returns a ratio up to 1 in units of 2**-16, rounded down."""
    return i64(ratio * HEAD_STEPS)


def turn(
    out: Span[i64],
    sums: Span[i32],
    multipliers: Span[i32],
    shift: usize,
    cosines: Span[i32],
    sines: Span[i32],
) -> None:
    """Scales a head's results and turns each pair."""
    pairs = len(cosines)
    assert len(sines) == pairs and len(out) == 2 * pairs, "vectors do not fit"
    assert len(sums) == 2 * pairs and len(multipliers) == 2 * pairs, "vectors do not fit"
    for pair in range(pairs):
        even = scaled(sums[2 * pair], multipliers[2 * pair], shift)
        odd = scaled(sums[2 * pair + 1], multipliers[2 * pair + 1], shift)
        cosine = i64(cosines[pair])
        sine = i64(sines[pair])
        first = wrapping_sub(wrapping_mul(even, cosine), wrapping_mul(odd, sine))
        second = wrapping_add(wrapping_mul(even, sine), wrapping_mul(odd, cosine))
        out[2 * pair] = first >> TURN_BITS
        out[2 * pair + 1] = second >> TURN_BITS
