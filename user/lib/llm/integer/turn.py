"""`Turn`: a matrix's results for one position, read head by head, turned by the position or not."""

from __future__ import annotations

from bare import Span, f64, i32, i64, scalar_loops, struct, usize, wrapping_add, wrapping_sub
from bare import wrapping_mul as times
from user.lib.llm.integer.matrix import Matrix
from user.lib.llm.integer.vectors import scaled, top_of

TURN_BITS = 15


@struct
class Turn:
    """Sums of a matrix with its multipliers, and the turns of a position."""

    sums: Span[i32]
    multipliers: Span[i32]
    shift: usize
    unit: f64
    """Of the results."""
    cosines: Span[i32]
    """[head_size / 2] in units of 2**-15, like `sines`."""
    sines: Span[i32]

    def set(self, sums: Span[i32], matrix: Matrix, unit: f64) -> None:
        """Takes the results for an operand with the given unit."""
        self.sums = sums
        self.multipliers = matrix.multipliers
        self.shift = matrix.shift
        self.unit = matrix.result_unit(unit)

    @scalar_loops
    def write(self, out: Span[i64], head: usize) -> i64:
        """Writes a head's results; returns the largest size."""
        size = len(out)
        sums = self.sums[head * size : head * size + size]
        multipliers = self.multipliers[head * size : head * size + size]
        shift = self.shift
        for index in range(size):
            out[index] = scaled(sums[index], multipliers[index], shift)
        return top_of(out)

    @scalar_loops
    def write_turned(self, out: Span[i64], head: usize) -> i64:
        """Writes a head's results, each pair turned; returns the largest size."""
        size = len(out)
        sums = self.sums[head * size : head * size + size]
        multipliers = self.multipliers[head * size : head * size + size]
        shift = self.shift
        cosines = self.cosines[: size // 2]
        sines = self.sines[: size // 2]
        largest: i64 = 0
        smallest: i64 = 0
        for pair in range(size // 2):
            even = scaled(sums[2 * pair], multipliers[2 * pair], shift)
            odd = scaled(sums[2 * pair + 1], multipliers[2 * pair + 1], shift)
            cosine = i64(cosines[pair])
            sine = i64(sines[pair])
            first = wrapping_sub(times(even, cosine), times(odd, sine)) >> TURN_BITS
            second = wrapping_add(times(even, sine), times(odd, cosine)) >> TURN_BITS
            out[2 * pair] = first
            out[2 * pair + 1] = second
            largest = max(largest, first, second)
            smallest = min(smallest, first, second)
        return max(largest, -smallest)
