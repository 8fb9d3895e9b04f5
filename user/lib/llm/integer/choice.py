"""Which kernel of those that the CPU has is the fastest here: they are timed, once.

All give the same bits, so that the choice changes nothing but the speed. On hardware the
dot-product extension wins; under an emulator that calls a function for its instruction it loses.
For programs: it reads the clock.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from abi.process import AT_HWCAP, HWCAP_ASIMDDP
from bare import allocate, allocate_span, i32, raises, u64
from bare.lib.allocator import Allocator
from user.lib.arguments import Arguments
from user.lib.clock import monotonic_ns
from user.lib.llm.integer.matrix import Matrix
from user.lib.llm.integer.model import IntegerModel
from user.lib.llm.integer.operand import Operand, Way

MOST_ROWS = 512
ROUNDS = 3


@raises(ENOMEM)
def choose_way(allocator: Allocator, model: IntegerModel, arguments: Arguments) -> None:
    """Sets the model's way of multiplying; sequences prepared from now on take it."""
    model.way = Way.VECTOR
    if arguments.auxiliary(AT_HWCAP) & HWCAP_ASIMDDP == 0:
        return
    matrix = model.classifier()
    operand = allocate(allocator, Operand)
    operand.prepare(allocator, matrix.columns)
    operand.values.fill(1)
    operand.finish(matrix.columns)
    operand.out = allocate_span(allocator, i32, min(len(matrix.multipliers), MOST_ROWS))
    by_vector = time_of(Way.VECTOR, operand, matrix)
    if time_of(Way.DOT, operand, matrix) < by_vector:
        model.way = Way.DOT


def time_of(way: Way, operand: Operand, matrix: Matrix) -> u64:
    """Returns the nanoseconds of the fastest of a few products."""
    best: u64 = 0xFFFF_FFFF_FFFF_FFFF
    for _ in range(ROUNDS):
        start = monotonic_ns()
        operand.multiply(way, matrix.weights, matrix.stride, matrix.columns)
        best = min(best, monotonic_ns() - start)
    return best
