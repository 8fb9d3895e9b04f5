"""Matrix times vector on `int8`, the one loop that the time goes into, in three ways.

A matrix lies in blocks of 16 rows; within a block, column by four columns, 16 rows side by side:

    byte of (row, column) = row // 16 * stride + column // 4 * 64 + row % 16 * 4 + column % 4

so that one 16-byte load has four columns of four rows, which is what SDOT takes, and a block is
read front to back. Rows and columns are filled up with zeros to multiples of 16.

The plain NEON way has no widening multiply: those are slow under emulation and no faster than MLA
on hardware. A load is taken as eight `i16`, each the bytes of two columns; shifts spread them, MLA
sums up four products in `i16`, and two adds of the halves widen them. For that the four products in
a lane must fit: `LARGEST_QUAD`, in `matrix.py`, sees to it.
"""

from __future__ import annotations

from bare import Span, always_inline, cpu_feature, i8, i32, simd, usize
from bare.simd import i8x16, i16x8, i32x4

BLOCK_ROWS: usize = 16
GROUP_COLUMNS: usize = 4
COLUMN_STEP: usize = 16
"""What the columns of a matrix are a multiple of: one load of a vector."""
GROUP_BYTES: usize = 64
LINE_BYTES: usize = 128
LOAD_BYTES: usize = 16


def multiply_scalar(out: Span[i32], weights: Span[i8], stride: usize, x: Span[i8]) -> None:
    """Multiplies the first `len(x)` columns of a matrix by `x`: what all other ways must equal."""
    for row in range(len(out)):
        first = row // BLOCK_ROWS * stride + row % BLOCK_ROWS * GROUP_COLUMNS
        total: i32 = 0
        for column in range(len(x)):
            place = column // GROUP_COLUMNS * GROUP_BYTES + column % GROUP_COLUMNS
            total += i32(weights[first + place]) * i32(x[column])
        out[row] = total


def multiply_vector(
    out: Span[i32], weights: Span[i8], stride: usize, even: Span[i32], odd: Span[i32]
) -> None:
    """Does it with the vectors of every ARMv8: `even` and `odd` are `x`, two `i16` a word."""
    turns = len(even) // 2
    evens = even[: 2 * turns]
    odds = odd[: 2 * turns]
    for block in range(len(out) // BLOCK_ROWS):
        first = block * stride
        lines = weights[first : first + turns * LINE_BYTES]
        sums_0 = i32x4.splat(0)
        sums_1 = i32x4.splat(0)
        sums_2 = i32x4.splat(0)
        sums_3 = i32x4.splat(0)
        for turn in range(turns):
            line = lines[turn * LINE_BYTES : turn * LINE_BYTES + LINE_BYTES]
            pair = evens[2 * turn : 2 * turn + 2]
            even_0 = simd.as_i16x8(i32x4.splat(pair[0]))
            even_1 = simd.as_i16x8(i32x4.splat(pair[1]))
            pair = odds[2 * turn : 2 * turn + 2]
            odd_0 = simd.as_i16x8(i32x4.splat(pair[0]))
            odd_1 = simd.as_i16x8(i32x4.splat(pair[1]))
            sums_0 = quad(sums_0, line, 0, even_0, odd_0, even_1, odd_1)
            sums_1 = quad(sums_1, line, 16, even_0, odd_0, even_1, odd_1)
            sums_2 = quad(sums_2, line, 32, even_0, odd_0, even_1, odd_1)
            sums_3 = quad(sums_3, line, 48, even_0, odd_0, even_1, odd_1)
        store_block(out, block * BLOCK_ROWS, sums_0, sums_1, sums_2, sums_3)


@always_inline
def quad(
    sums: i32x4,
    line: Span[i8],
    place: usize,
    even_0: i16x8,
    odd_0: i16x8,
    even_1: i16x8,
    odd_1: i16x8,
) -> i32x4:
    """Adds eight columns of four rows to their sums."""
    first = simd.as_i16x8(i8x16.load(line, place))
    second = simd.as_i16x8(i8x16.load(line, place + GROUP_BYTES))
    products = simd.mul(low_bytes(first), even_0)
    products = simd.add(products, simd.mul(high_bytes(first), odd_0))
    products = simd.add(products, simd.mul(low_bytes(second), even_1))
    products = simd.add(products, simd.mul(high_bytes(second), odd_1))
    return widened(sums, products)


@always_inline
def low_bytes(pairs: i16x8) -> i16x8:
    """Returns the lower byte of each lane with its sign."""
    return simd.shift_right(simd.shift_left(pairs, 8), 8)


@always_inline
def high_bytes(pairs: i16x8) -> i16x8:
    """Returns the higher byte of each lane with its sign."""
    return simd.shift_right(pairs, 8)


@always_inline
def widened(sums: i32x4, products: i16x8) -> i32x4:
    """Adds both halves of each word of products to its sum."""
    wide = simd.as_i32x4(products)
    sums = simd.add(sums, simd.shift_right(simd.shift_left(wide, 16), 16))
    return simd.add(sums, simd.shift_right(wide, 16))


@cpu_feature("dotprod")
def multiply_dot(out: Span[i32], weights: Span[i8], stride: usize, words: Span[i32]) -> None:
    """Does it with SDOT: `words` is `x`, four bytes a word."""
    groups = len(words)
    for block in range(len(out) // BLOCK_ROWS):
        first = block * stride
        lines = weights[first : first + groups * GROUP_BYTES]
        sums_0 = i32x4.splat(0)
        sums_1 = i32x4.splat(0)
        sums_2 = i32x4.splat(0)
        sums_3 = i32x4.splat(0)
        for group in range(groups):
            start = group * GROUP_BYTES
            line = lines[start : start + GROUP_BYTES]
            word = simd.as_i8x16(i32x4.splat(words[group]))
            sums_0 = simd.dot(sums_0, i8x16.load(line, 0), word)
            sums_1 = simd.dot(sums_1, i8x16.load(line, 16), word)
            sums_2 = simd.dot(sums_2, i8x16.load(line, 32), word)
            sums_3 = simd.dot(sums_3, i8x16.load(line, 48), word)
        store_block(out, block * BLOCK_ROWS, sums_0, sums_1, sums_2, sums_3)


@always_inline
def store_block(
    out: Span[i32], row: usize, sums_0: i32x4, sums_1: i32x4, sums_2: i32x4, sums_3: i32x4
) -> None:
    """Writes the sums of 16 rows."""
    sums_0.store(out, row)
    sums_1.store(out, row + 4)
    sums_2.store(out, row + 8)
    sums_3.store(out, row + 12)


def spread(even: Span[i32], odd: Span[i32], x: Span[i8], words: Span[i32]) -> None:
    """Fills the words that the kernels take from `x`, whose length is a multiple of 16."""
    for start in range(0, len(x), LOAD_BYTES):
        pairs = simd.as_i16x8(i8x16.load(x, start))
        group = start // GROUP_COLUMNS
        simd.as_i32x4(pairs).store(words, group)
        simd.as_i32x4(low_bytes(pairs)).store(even, group)
        simd.as_i32x4(high_bytes(pairs)).store(odd, group)
