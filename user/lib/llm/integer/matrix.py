"""`Matrix`: rows of `int8` in the order of the kernels, each row with a multiplier.

Row r stands for `weights[r] * multipliers[r] * unit`. A sum of products times its multiplier is
shifted down by `shift`, so that every result is below 2**30.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Span,
    allocate_span,
    f32,
    f32_bits,
    f32_from_bits,
    f64,
    floor,
    i8,
    i32,
    i64,
    leading_zeros,
    raises,
    scalar_loops,
    struct,
    u32,
    usize,
    wrap_i8,
    wrap_i32,
)
from bare.lib.allocator import Allocator
from bare.unsafe import address_of, span_at
from user.lib.llm.integer.products import (
    BLOCK_ROWS,
    COLUMN_STEP,
    GROUP_BYTES,
    GROUP_COLUMNS,
)
from user.lib.llm.tensor import Tensor

LARGEST_WEIGHT: f32 = 127.0
LARGEST_QUAD: f32 = 256.0
"""The four products of a 16-bit lane fit if their weights sum up to 258; rounding may add two."""
QUAD_STEP: usize = 8
"""Columns of two quads: 0, 1, 4, 5 and 2, 3, 6, 7."""
SMALLEST_SCALE: f32 = 1e-30
LARGEST_SCALE: f32 = 1e30
"""A row whose scale is not between these is taken as zeros: no model has such rows."""
ROUNDER: f32 = 12582912.0
"""3 * 2**22: a small number plus this has its nearest whole number in the lowest bits."""
SIZE_MASK: u32 = 0x7FFF_FFFF
MULTIPLIER_ONE: f64 = 16777216.0
"""2**24: of the row with the largest weights."""
MULTIPLIER_BITS: usize = 24
QUAD_SUM_BITS: usize = 13
"""Of a sum of products, for each column: four are below 2**15."""
RESULT_BITS: usize = 30
WORD_BITS: usize = 64


@struct
class Matrix:
    """Packed rows."""

    weights: Span[i8]
    multipliers: Span[i32]
    """One for each row, zeros after the last."""
    rows: usize = 0
    columns: usize = 0
    stride: usize = 0
    """Bytes of a block."""
    unit: f64 = 0.0
    shift: usize = 0

    @raises(ENOMEM)
    def pack(self, allocator: Allocator, source: Tensor, scratch: Span[f32]) -> None:
        """Quantises a matrix row by row; `scratch` has twice the padded columns."""
        columns = source.columns
        self.rows = source.rows
        self.columns = columns
        self.stride = BLOCK_ROWS * padded_columns(columns)
        self.shift = result_shift(columns)
        self.multipliers = allocate_span(allocator, i32, padded_rows(self.rows))
        blocks = padded_rows(self.rows) // BLOCK_ROWS
        self.weights = allocate_span(allocator, i8, blocks * self.stride)
        sizes = scratch[: padded_columns(columns)]
        numbers = scratch[padded_columns(columns) :]
        top: f32 = 0.0
        for row in range(self.rows):
            values = source.row(row, numbers)
            scale = scale_of(values, sizes)
            self.multipliers[row] = wrap_i32(f32_bits(scale))
            top = max(top, scale)
            if scale > 0.0:
                self.store_row(row, values, scale, sizes)
        self.unit = f64(top) / MULTIPLIER_ONE
        for row in range(self.rows):
            scale = f32_from_bits(u32(self.multipliers[row]))
            self.multipliers[row] = 0
            if scale > 0.0:
                ratio = f64(scale) / f64(top)
                self.multipliers[row] = i32(floor(ratio * MULTIPLIER_ONE + 0.5))

    @scalar_loops
    def store_row(self, row: usize, source: Span[f32], scale: f32, scratch: Span[f32]) -> None:
        """Writes one row in multiples of `scale`: the nearest whole number, the even one of two."""
        inverse = 1.0 / scale
        rounded = scratch[: len(source)]
        for column in range(len(source)):
            rounded[column] = source[column] * inverse + ROUNDER
        bits = bits_of(scratch)
        weights = self.weights[place_of(row, 0, self.stride) :]
        whole = len(source) // GROUP_COLUMNS
        for group in range(whole):
            numbers = bits[group * GROUP_COLUMNS : group * GROUP_COLUMNS + GROUP_COLUMNS]
            four = weights[group * GROUP_BYTES : group * GROUP_BYTES + GROUP_COLUMNS]
            four[0] = wrap_i8(numbers[0])
            four[1] = wrap_i8(numbers[1])
            four[2] = wrap_i8(numbers[2])
            four[3] = wrap_i8(numbers[3])
        for column in range(whole * GROUP_COLUMNS, len(source)):
            self.weights[place_of(row, column, self.stride)] = wrap_i8(bits[column])

    def weight(self, row: usize, column: usize) -> i8:
        """Returns one weight."""
        return self.weights[place_of(row, column, self.stride)]

    def row_unit(self, row: usize) -> f64:
        """Returns what a weight of 1 in a row stands for."""
        return f64(self.multipliers[row]) * self.unit

    def result_unit(self, unit: f64) -> f64:
        """Returns the unit of results for a vector with the given one."""
        return unit * self.unit * f64(i64(1) << self.shift)


def place_of(row: usize, column: usize, stride: usize) -> usize:
    """Returns where a weight lies."""
    block = row // BLOCK_ROWS * stride
    group = column // GROUP_COLUMNS * GROUP_BYTES
    return block + group + row % BLOCK_ROWS * GROUP_COLUMNS + column % GROUP_COLUMNS


def padded_rows(rows: usize) -> usize:
    """Returns the rows with those that fill up the last block."""
    return (rows + BLOCK_ROWS - 1) // BLOCK_ROWS * BLOCK_ROWS


def padded_columns(columns: usize) -> usize:
    """Returns the columns with those that fill up a kernel's turn."""
    return (columns + COLUMN_STEP - 1) // COLUMN_STEP * COLUMN_STEP


def result_shift(columns: usize) -> usize:
    """Returns how far results are shifted down."""
    column_bits = WORD_BITS - usize(leading_zeros(columns - 1))
    bits = column_bits + QUAD_SUM_BITS + MULTIPLIER_BITS
    return max(bits, RESULT_BITS) - RESULT_BITS


def bits_of(numbers: Span[f32]) -> Span[u32]:
    """Views numbers as their bits."""
    # SAFETY: the same memory, and the same size of an element.
    return span_at(u32, address_of(numbers), len(numbers))


def scale_of(row: Span[f32], sizes: Span[f32]) -> f32:
    """Returns the number that one unit of a row stands for, 0 for a row of zeros.

    `sizes` is scratch of the padded length.
    """
    bits = bits_of(row)
    size_bits = bits_of(sizes)[: len(row)]
    sizes[len(row) :].fill(0.0)
    top: u32 = 0
    for column in range(len(row)):
        size = bits[column] & SIZE_MASK
        size_bits[column] = size
        top = max(top, size)
    quads = len(sizes) // QUAD_STEP
    for quad in range(quads):
        eight = sizes[quad * QUAD_STEP : quad * QUAD_STEP + QUAD_STEP]
        first = eight[0] + eight[1] + eight[4] + eight[5]
        second = eight[2] + eight[3] + eight[6] + eight[7]
        sizes[2 * quad] = first
        sizes[2 * quad + 1] = second
    largest: u32 = 0
    for sum_bits in bits_of(sizes)[: 2 * quads]:
        largest = max(largest, sum_bits)
    scale = f32_from_bits(top) / LARGEST_WEIGHT
    by_quad = f32_from_bits(largest) / LARGEST_QUAD
    if not scale >= by_quad:
        scale = by_quad
    if scale > SMALLEST_SCALE and scale < LARGEST_SCALE:
        return scale
    return 0.0
