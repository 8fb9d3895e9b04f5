"""`Attention`: what positions see of those before them, head by head.

A score is a logarithm to base two in units of 2**-10, a chance an integer of 12 bits. The kernels
take 12 bits as two numbers of 6, so that four products with values fit in a lane. Heads that share
keys and values, and positions that are taken in together, are looked at four at a time.
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
    scalar_loops,
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
from user.lib.llm.integer.four import multiply_four
from user.lib.llm.integer.matrix import padded_columns, padded_rows
from user.lib.llm.integer.operand import Operand, Way
from user.lib.llm.integer.tables import exponential
from user.lib.llm.integer.turn import Turn
from user.lib.llm.integer.vectors import (
    bit_length,
    fixed,
    power_of_two,
    quad_top_of,
    quantise,
    quantised_unit,
)

MOST_VIEWERS: usize = 4
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
LOWEST_SCORE: i64 = -(1 << 62)


@struct
class Viewer:
    """One head of one position."""

    query: Operand = inline()
    unit: f64
    """Of the query."""
    seen: usize
    """Positions that it sees: its own and those before."""
    scores: Span[i32]
    """[context], whole blocks."""
    chances: Span[i64]
    """[context]."""
    high: Operand = inline()
    low: Operand = inline()
    high_sums: Span[i32]
    """[head_size], whole blocks, like `low_sums`."""
    low_sums: Span[i32]
    mixed: Span[i64]
    """[head_size]: where the result goes."""
    result: Span[f64]
    """[1]: and its unit."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, config: Config) -> None:
        """Takes the memory."""
        rows = padded_rows(config.head_size())
        self.query.prepare(allocator, config.head_size())
        self.high.prepare(allocator, config.context)
        self.low.prepare(allocator, config.context)
        self.scores = allocate_span(allocator, i32, padded_rows(config.context))
        self.chances = allocate_span(allocator, i64, config.context)
        self.high_sums = allocate_span(allocator, i32, rows)
        self.low_sums = allocate_span(allocator, i32, rows)
        self.high.out = self.high_sums
        self.low.out = self.low_sums

    @scalar_loops
    def score(self, units: Span[i32]) -> i64:
        """Makes scores of the products with keys, which have the given units.

        Returns the largest score.
        """
        count = self.seen
        wanted = self.unit * (LOG2_E / sqrt(f64(len(self.mixed))))
        factor = fixed(wanted, SCORE_STEPS, LARGEST_SCORE_FACTOR)
        scores = self.scores[:count]
        chances = self.chances[:count]
        key_units = units[:count]
        largest: i64 = LOWEST_SCORE
        for past in range(count):
            product = i64(scores[past]) * i64(key_units[past]) >> FIRST_SHIFT
            score = wrapping_mul(product, factor) >> SECOND_SHIFT
            chances[past] = score
            largest = max(largest, score)
        return largest

    @scalar_loops
    def weigh(self, units: Span[i32], largest: i64, longest: usize) -> None:
        """Turns scores, the largest of which is given, into chances times the units of values.

        They are filled up to `longest`, the positions that are multiplied.
        """
        count = self.seen
        value_units = units[:count]
        chances = self.chances[:count]
        total: i64 = 0
        top: i64 = 0
        for past in range(count):
            chance = exponential(wrapping_sub(largest, chances[past]))
            total = wrapping_add(total, chance)
            weighted = wrapping_mul(chance, i64(value_units[past]))
            top = max(top, weighted)
            chances[past] = weighted
        shift = max(bit_length(top), CHANCE_BITS) - CHANCE_BITS
        high = self.high.values[:count]
        low = self.low.values[:count]
        for past in range(count):
            chance = chances[past] >> shift
            high[past] = wrap_i8(chance >> DIGIT_BITS)
            low[past] = wrap_i8(chance & DIGIT_MASK)
        self.high.values[count:longest].fill(0)
        self.low.values[count:longest].fill(0)
        self.high.finish(longest)
        self.low.finish(longest)
        self.result[0] = power_of_two(i64(shift) - VALUE_UNIT_BITS) / f64(total)

    @scalar_loops
    def join(self) -> None:
        """Puts the two halves of each mixed number together."""
        mixed = self.mixed
        high = self.high_sums[: len(mixed)]
        low = self.low_sums[: len(mixed)]
        for index in range(len(mixed)):
            mixed[index] = (i64(high[index]) << DIGIT_BITS) + i64(low[index])


@struct
class Attention:
    """The sequence's cache, and scratch for a few heads."""

    config: Config
    way: Way
    cache: Cache = inline()
    viewers: Span[Viewer]
    head: Span[i64]
    """[head_size]."""
    kept: Span[i8]
    """[head_size]."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, config: Config, way: Way) -> None:
        """Takes the memory."""
        self.config = config
        self.way = way
        self.cache.prepare(allocator, config)
        self.viewers = allocate_span(allocator, Viewer, MOST_VIEWERS)
        for viewer in self.viewers:
            viewer.prepare(allocator, config)
        self.head = allocate_span(allocator, i64, config.head_size())
        self.kept = allocate_span(allocator, i8, config.head_size())

    def keep_key(self, slot: usize, position: usize, turn: Turn, head: usize) -> None:
        """Turns and keeps the key of a head."""
        top = quad_top_of(self.head, turn.write_turned(self.head, head))
        quantise(self.kept, self.head, top)
        self.cache.store_key(slot, position, self.kept, quantised_unit(turn.unit, top))

    def keep_value(self, slot: usize, position: usize, turn: Turn, head: usize) -> None:
        """Keeps the value of a head."""
        top = turn.write(self.head, head)
        quantise(self.kept, self.head, top)
        self.cache.store_value(slot, position, self.kept, quantised_unit(turn.unit, top))

    def aim(self, viewer: Viewer, seen: usize, turn: Turn, head: usize) -> None:
        """Sets a viewer's query and how far it sees."""
        top = turn.write_turned(self.head, head)
        quantise(viewer.query.values, self.head, top)
        viewer.query.finish(len(self.head))
        viewer.unit = quantised_unit(turn.unit, top)
        viewer.seen = seen

    def view(self, slot: usize, count: usize) -> None:
        """Mixes values of one slot for the first `count` viewers."""
        cache = self.cache
        viewers = self.viewers[:count]
        longest: usize = 0
        for viewer in viewers:
            longest = max(longest, viewer.seen)
        rows = padded_rows(longest)
        for viewer in viewers:
            viewer.query.out = viewer.scores[:rows]
        self.multiply_keys(slot, count)
        start = slot * cache.context
        for viewer in viewers:
            largest = viewer.score(cache.key_units[start : start + longest])
            viewer.weigh(cache.value_units[start : start + longest], largest, longest)
        for index in range(0, count, 2):
            self.multiply_values(slot, index, min(index + 2, count), longest)
        for viewer in viewers:
            viewer.join()

    def multiply_keys(self, slot: usize, count: usize) -> None:
        """Multiplies all seen keys by each viewer's query."""
        viewers = self.viewers
        keys = self.cache.keys_of(slot)
        stride = self.cache.key_stride
        size = len(self.head)
        if self.way == Way.VECTOR and count == MOST_VIEWERS:
            multiply_four(
                viewers[0].query,
                viewers[1].query,
                viewers[2].query,
                viewers[3].query,
                keys,
                stride,
                padded_columns(size),
            )
            return
        for viewer in viewers[:count]:
            viewer.query.multiply(self.way, keys, stride, size)

    def multiply_values(self, slot: usize, first: usize, end: usize, seen: usize) -> None:
        """Sums up the values by the chances of one viewer or two."""
        values = self.cache.values_of(slot)
        stride = self.cache.value_stride
        one = self.viewers[first]
        if self.way == Way.VECTOR and end - first == 2:
            two = self.viewers[first + 1]
            columns = padded_columns(seen)
            multiply_four(one.high, one.low, two.high, two.low, values, stride, columns)
            return
        for viewer in self.viewers[first:end]:
            viewer.high.multiply(self.way, values, stride, seen)
            viewer.low.multiply(self.way, values, stride, seen)
