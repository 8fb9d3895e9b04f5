"""The residual, and the norm that makes an operand of it."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Span,
    allocate_span,
    f32,
    f64,
    floor,
    i32,
    i64,
    raises,
    scalar_loops,
    sqrt,
    struct,
    usize,
    wrap_i32,
    wrapping_add,
    wrapping_mul,
)
from bare.lib.allocator import Allocator
from user.lib.llm.integer.matrix import Matrix
from user.lib.llm.integer.operand import Operand
from user.lib.llm.integer.vectors import (
    bit_length,
    power_of_two,
    quantise,
    quantised_unit,
    scaled,
)

START_BITS = 13
"""A weight of the embedding begins with so many bits below it."""
START_STEPS: f64 = 8192.0
LIMIT: i64 = 1 << 30
SQUARE_BITS: usize = 23
"""What is squared has no more, so that 2**16 squares have a sum."""
NORM_ONE: f64 = 32768.0
NORM_SHIFT = 8
NORM_STEPS: f64 = 256.0
RATIO_BITS = 31
RATIO_ONE: f64 = 2147483648.0


@struct
class Norm:
    """The weights of a norm as integers: `weights[i] * unit`."""

    weights: Span[i32]
    unit: f64 = 0.0

    @raises(ENOMEM)
    def pack(self, allocator: Allocator, source: Span[f32]) -> None:
        """Takes them in."""
        top: f64 = 0.0
        for weight in source:
            top = max(top, f64(abs(weight)))
        self.weights = allocate_span(allocator, i32, len(source))
        self.unit = top / NORM_ONE
        if top > 0.0:
            for index in range(len(source)):
                ratio = f64(source[index]) / top
                self.weights[index] = i32(floor(ratio * NORM_ONE + 0.5))


@struct
class Residual:
    """The sum of what the layers add, below 2**30, and its unit."""

    x: Span[i32]
    work: Span[i64]
    unit: f64 = 0.0
    top: i64 = 0

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, dim: usize) -> None:
        """Takes the memory."""
        self.x = allocate_span(allocator, i32, dim)
        self.work = allocate_span(allocator, i64, dim)

    def start(self, embedding: Matrix, token: usize) -> None:
        """Sets it to a row of the embedding."""
        self.unit = embedding.row_unit(token) / START_STEPS
        for index in range(len(self.x)):
            self.x[index] = i32(embedding.weight(token, index)) << START_BITS
        self.find_top()

    def find_top(self) -> None:
        """Sets `top` to the largest absolute value."""
        largest: i32 = 0
        smallest: i32 = 0
        for value in self.x:
            largest = max(largest, value)
            smallest = min(smallest, value)
        self.top = max(i64(largest), -i64(smallest))

    @scalar_loops
    def add(self, matrix: Matrix, sums: Span[i32], unit: f64) -> None:
        """Adds a matrix's results, which have the given unit."""
        count = len(self.x)
        assert len(sums) >= count and len(matrix.multipliers) >= count, "vectors do not fit"
        if unit == 0.0:
            return
        ratio = self.ratio_to(unit)
        multipliers = matrix.multipliers[:count]
        totals = sums[:count]
        x = self.x
        factor = i64(ratio * RATIO_ONE)
        shift = matrix.shift
        largest: i64 = 0
        smallest: i64 = 0
        for index in range(count):
            result = scaled(totals[index], multipliers[index], shift)
            value = i64(x[index]) + (wrapping_mul(result, factor) >> RATIO_BITS)
            x[index] = wrap_i32(value)
            largest = max(largest, value)
            smallest = min(smallest, value)
        self.top = max(largest, -smallest)
        if self.top >= LIMIT:
            self.halve()
            self.find_top()

    def ratio_to(self, unit: f64) -> f64:
        """Returns a unit in terms of the residual's, which is made large enough for it."""
        if self.unit == 0.0:
            self.unit = unit
        ratio = unit / self.unit
        while ratio > 1.0:
            ratio *= 0.5
            self.halve()
        return ratio

    def halve(self) -> None:
        """Doubles the unit."""
        self.unit *= 2.0
        for index in range(len(self.x)):
            self.x[index] >>= 1

    @scalar_loops
    def norm(self, operand: Operand, norm: Norm, epsilon: f32) -> f64:
        """Makes the normed residual an operand; returns its unit."""
        count = len(self.x)
        assert len(norm.weights) == count and len(self.work) == count, "vectors do not fit"
        bits = bit_length(self.top)
        shift = max(bits, SQUARE_BITS) - SQUARE_BITS
        x = self.x
        weights = norm.weights
        work = self.work
        squares: i64 = 0
        largest: i64 = 0
        smallest: i64 = 0
        for index in range(count):
            value = i64(x[index])
            weighed = value * weights[index] >> NORM_SHIFT
            work[index] = weighed
            largest = max(largest, weighed)
            smallest = min(smallest, weighed)
            part = value >> shift
            squares = wrapping_add(squares, wrapping_mul(part, part))
        top = max(largest, -smallest)
        quantise(operand.values, work, top)
        operand.finish(count)
        large = self.unit * power_of_two(i64(shift))
        mean = f64(squares) * large * large / f64(count)
        root = 1.0 / sqrt(mean + f64(epsilon))
        return quantised_unit(self.unit * norm.unit * NORM_STEPS * root, top)
