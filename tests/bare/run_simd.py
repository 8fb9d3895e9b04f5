"""Vectors of 128 bits: loads and stores, lane-wise arithmetic, widening products, sums."""

from __future__ import annotations

from bare import Array, Span, array, cpu_feature, f32, i8, i16, i32, i64, simd
from bare.simd import f32x4, i8x16, i16x8, i32x4


def dot_product(left: Span[i8], right: Span[i8]) -> i64:
    """Multiplies and adds, sixteen numbers a step."""
    total = i32x4.splat(0)
    for index in range(0, 32, 16):
        a = i8x16.load(left, index)
        b = i8x16.load(right, index)
        total = simd.pairwise_add_accumulate(total, simd.mul_widen_low(a, b))
        total = simd.pairwise_add_accumulate(total, simd.mul_widen_high(a, b))
    return simd.sum_lanes(total)


@cpu_feature("dotprod")
def fast_dot_product(left: Span[i8], right: Span[i8]) -> i64:
    """Does the same on a CPU that has the instruction."""
    total = i32x4.splat(0)
    for index in range(0, 32, 16):
        total = simd.dot(total, i8x16.load(left, index), i8x16.load(right, index))
    return simd.sum_lanes(total)


def best_dot_product(left: Span[i8], right: Span[i8], has_dot: bool) -> i64:
    """Chooses at run time."""
    return fast_dot_product(left, right) if has_dot else dot_product(left, right)


def main() -> None:
    """Computes with vectors."""
    left: Array[i8] = array(32)
    right: Array[i8] = array(32)
    for index in range(32):
        left[index] = i8(index * 8 - 128)
        right[index] = i8(127 - index * 7)
    print(dot_product(left, right), best_dot_product(left, right, left[0] > 0))
    bytes_vector = i8x16.load(left, 4)
    doubled = simd.add(bytes_vector, bytes_vector)
    print(bytes_vector.lane(0), doubled.lane(0), doubled.lane(15), simd.sum_lanes(doubled))
    shorts: Array[i16] = array(8)
    simd.mul(i16x8.splat(300), i16x8.splat(300)).store(shorts, 0)
    print(shorts[0], shorts[7])
    words: Array[i32] = array(5)
    simd.sub(i32x4.splat(-5), i32x4.splat(2_147_483_647)).store(words, 1)
    print(words[0], words[1], words[4])
    shifted = simd.shift_right(simd.shift_left(i16x8.splat(0x12F3), 8), 8)
    print(shifted.lane(7), simd.shift_right(i8x16.splat(-128), 7).lane(3))
    print(simd.shift_left(i32x4.splat(0x4001), 17).lane(0))
    pairs = simd.as_i16x8(i8x16.load(left, 0))
    print(pairs.lane(0), pairs.lane(7), simd.as_i32x4(pairs).lane(1))
    print(simd.as_i8x16(simd.as_i32x4(pairs)).lane(13), simd.as_i8x16(pairs).lane(15))
    print(simd.as_i16x8(i32x4.splat(-65535)).lane(0), simd.as_i16x8(i32x4.splat(-65535)).lane(1))
    reals: Array[f32] = array(4)
    for index in range(4):
        reals[index] = f32(index) + 0.1
    sums = simd.add(f32x4.load(reals, 0), f32x4.splat(0.2))
    scaled = simd.mul(sums, simd.to_f32(i32x4.load(words, 1)))
    print(f"{sums.lane(3):.9f} {simd.sum_lanes(sums):.9f} {scaled.lane(1):.1f}")
