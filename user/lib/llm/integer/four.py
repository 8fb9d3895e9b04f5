"""One matrix times four vectors at once: its weights are loaded and spread for all four.

The arithmetic is that of `multiply_vector` in `products.py`, and so is the order of the weights.
"""

from __future__ import annotations

from bare import Span, always_inline, i8, i32, simd, usize
from bare.simd import i8x16, i16x8, i32x4
from user.lib.llm.integer.operand import Operand
from user.lib.llm.integer.products import (
    BLOCK_ROWS,
    GROUP_BYTES,
    GROUP_COLUMNS,
    LINE_BYTES,
    high_bytes,
    low_bytes,
    widened,
)

HALF_ROWS: usize = 8
FOUR: usize = 4


def multiply_four(
    first: Operand,
    second: Operand,
    third: Operand,
    fourth: Operand,
    weights: Span[i8],
    stride: usize,
    columns: usize,
) -> None:
    """Multiplies `columns` columns, a multiple of 16, into the rows of each operand's `out`."""
    turns = columns // (2 * GROUP_COLUMNS)
    for block in range(len(first.out) // BLOCK_ROWS):
        start = block * stride
        lines = weights[start : start + turns * LINE_BYTES]
        row = block * BLOCK_ROWS
        multiply_half(first, second, third, fourth, lines, 0, row, turns)
        multiply_half(first, second, third, fourth, lines, 32, row + HALF_ROWS, turns)


@always_inline
def multiply_half(
    first: Operand,
    second: Operand,
    third: Operand,
    fourth: Operand,
    lines: Span[i8],
    place: usize,
    row: usize,
    turns: usize,
) -> None:
    """Multiplies eight rows of a block, whose first weights lie at `place` in each line."""
    even_a = first.even[: 2 * turns]
    odd_a = first.odd[: 2 * turns]
    even_b = second.even[: 2 * turns]
    odd_b = second.odd[: 2 * turns]
    even_c = third.even[: 2 * turns]
    odd_c = third.odd[: 2 * turns]
    even_d = fourth.even[: 2 * turns]
    odd_d = fourth.odd[: 2 * turns]
    sums_a0 = i32x4.splat(0)
    sums_a1 = i32x4.splat(0)
    sums_b0 = i32x4.splat(0)
    sums_b1 = i32x4.splat(0)
    sums_c0 = i32x4.splat(0)
    sums_c1 = i32x4.splat(0)
    sums_d0 = i32x4.splat(0)
    sums_d1 = i32x4.splat(0)
    for turn in range(turns):
        line = lines[turn * LINE_BYTES : turn * LINE_BYTES + LINE_BYTES]
        pairs = simd.as_i16x8(i8x16.load(line, place))
        low_00 = low_bytes(pairs)
        high_00 = high_bytes(pairs)
        pairs = simd.as_i16x8(i8x16.load(line, place + GROUP_BYTES))
        low_01 = low_bytes(pairs)
        high_01 = high_bytes(pairs)
        pairs = simd.as_i16x8(i8x16.load(line, place + 16))
        low_10 = low_bytes(pairs)
        high_10 = high_bytes(pairs)
        pairs = simd.as_i16x8(i8x16.load(line, place + GROUP_BYTES + 16))
        low_11 = low_bytes(pairs)
        high_11 = high_bytes(pairs)
        sums_a0 = added(sums_a0, low_00, high_00, low_01, high_01, even_a, odd_a, turn)
        sums_a1 = added(sums_a1, low_10, high_10, low_11, high_11, even_a, odd_a, turn)
        sums_b0 = added(sums_b0, low_00, high_00, low_01, high_01, even_b, odd_b, turn)
        sums_b1 = added(sums_b1, low_10, high_10, low_11, high_11, even_b, odd_b, turn)
        sums_c0 = added(sums_c0, low_00, high_00, low_01, high_01, even_c, odd_c, turn)
        sums_c1 = added(sums_c1, low_10, high_10, low_11, high_11, even_c, odd_c, turn)
        sums_d0 = added(sums_d0, low_00, high_00, low_01, high_01, even_d, odd_d, turn)
        sums_d1 = added(sums_d1, low_10, high_10, low_11, high_11, even_d, odd_d, turn)
    store_half(first.out, row, sums_a0, sums_a1)
    store_half(second.out, row, sums_b0, sums_b1)
    store_half(third.out, row, sums_c0, sums_c1)
    store_half(fourth.out, row, sums_d0, sums_d1)


@always_inline
def turned(words: Span[i32], turn: usize, place: usize) -> i16x8:
    """Returns one word of a pair in every lane."""
    return simd.as_i16x8(i32x4.splat(words[2 * turn : 2 * turn + 2][place]))


@always_inline
def added(
    sums: i32x4,
    low_0: i16x8,
    high_0: i16x8,
    low_1: i16x8,
    high_1: i16x8,
    even: Span[i32],
    odd: Span[i32],
    turn: usize,
) -> i32x4:
    """Adds eight columns of four rows to their sums."""
    products = simd.mul(low_0, turned(even, turn, 0))
    products = simd.add(products, simd.mul(high_0, turned(odd, turn, 0)))
    products = simd.add(products, simd.mul(low_1, turned(even, turn, 1)))
    products = simd.add(products, simd.mul(high_1, turned(odd, turn, 1)))
    return widened(sums, products)


@always_inline
def store_half(out: Span[i32], row: usize, sums_0: i32x4, sums_1: i32x4) -> None:
    """Writes the sums of eight rows."""
    sums_0.store(out, row)
    sums_1.store(out, row + FOUR)
