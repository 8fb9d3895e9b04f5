"""`Operand`: a vector of `int8` ready to be multiplied, and the choice of how that is done."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Enum8, Span, allocate_span, i8, i32, raises, struct, usize
from bare.lib.allocator import Allocator
from user.lib.llm.integer.matrix import padded_columns
from user.lib.llm.integer.products import (
    GROUP_COLUMNS,
    multiply_dot,
    multiply_scalar,
    multiply_vector,
    spread,
)


class Way(Enum8):
    """How matrices are multiplied: all ways give the same bits."""

    SCALAR = 0
    VECTOR = 1
    DOT = 2
    """Only where the CPU has the dot-product extension."""


@struct
class Operand:
    """A vector, zeros up to its padded length, and the same spread for the kernels."""

    values: Span[i8]
    words: Span[i32]
    even: Span[i32]
    odd: Span[i32]
    out: Span[i32]
    """Where results go, whole blocks: set by those who multiply."""

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, most: usize) -> None:
        """Takes the memory for up to `most` numbers."""
        groups = padded_columns(most) // GROUP_COLUMNS
        self.values = allocate_span(allocator, i8, padded_columns(most))
        self.words = allocate_span(allocator, i32, groups)
        self.even = allocate_span(allocator, i32, groups)
        self.odd = allocate_span(allocator, i32, groups)

    def finish(self, count: usize) -> None:
        """Fills up and spreads the first `count` values, which were just written."""
        end = padded_columns(count)
        self.values[count:end].fill(0)
        spread(self.even, self.odd, self.values[:end], self.words)

    def multiply(self, way: Way, weights: Span[i8], stride: usize, count: usize) -> None:
        """Multiplies the first `count` columns of packed weights into `out`."""
        out = self.out
        end = padded_columns(count)
        groups = end // GROUP_COLUMNS
        match way:
            case Way.SCALAR:
                multiply_scalar(out, weights, stride, self.values[:end])
            case Way.VECTOR:
                multiply_vector(out, weights, stride, self.even[:groups], self.odd[:groups])
            case Way.DOT:
                multiply_dot(out, weights, stride, self.words[:groups])
