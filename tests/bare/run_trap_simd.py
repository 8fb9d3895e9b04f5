"""A vector load that leaves the span traps."""

from __future__ import annotations

from bare import Array, Span, array, i8, i64, simd, usize
from bare.simd import i8x16


def total(values: Span[i8], index: usize) -> i64:
    """Adds sixteen numbers."""
    return simd.sum_lanes(i8x16.load(values, index))


def main() -> None:
    """Loads the last sixteen, then from one further."""
    values: Array[i8] = array(20)
    values[19] = -7
    print(total(values, 4))
    print(total(values, 5))
