"""`Turn`: a matrix's results for one position, read head by head, turned by the position or not."""

from __future__ import annotations

from bare import Span, f64, i32, i64, scalar_loops, struct, usize, wrapping_add, wrapping_sub
from bare import wrapping_mul as times
from user.lib.llm.integer.matrix import Matrix
from user.lib.llm.integer.vectors import scaled

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

    def write(self, out: Span[i64], head: usize) -> None:
        """Writes a head's results."""
        size = len(out)
        sums = self.sums[head * size : head * size + size]
        multipliers = self.multipliers[head * size : head * size + size]
        for index in range(size):
            out[index] = scaled(sums[index], multipliers[index], self.shift)

    @scalar_loops
    def write_turned(self, out: Span[i64], head: usize) -> None:
        """Writes a head's results, each pair turned."""
        size = len(out)
        sums = self.sums[head * size : head * size + size]
        multipliers = self.multipliers[head * size : head * size + size]
        shift = self.shift
        cosines = self.cosines[: size // 2]
        sines = self.sines[: size // 2]
        for pair in range(size // 2):
            even = scaled(sums[2 * pair], multipliers[2 * pair], shift)
            odd = scaled(sums[2 * pair + 1], multipliers[2 * pair + 1], shift)
            cosine = i64(cosines[pair])
            sine = i64(sines[pair])
            first = wrapping_sub(times(even, cosine), times(odd, sine))
            second = wrapping_add(times(even, sine), times(odd, cosine))
            out[2 * pair] = first >> TURN_BITS
            out[2 * pair + 1] = second >> TURN_BITS
