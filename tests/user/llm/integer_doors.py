"""What the doors of `probe.py` into the integer engine need: one packed model, one sequence."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, allocate, allocate_span, f32, i8, i32, raises, struct, usize
from bare.lib.allocator import Allocator
from bare.unsafe import static_object
from user.lib.llm.integer.matrix import Matrix, padded_columns
from user.lib.llm.integer.model import IntegerModel
from user.lib.llm.integer.operand import Operand, Way
from user.lib.llm.integer.transformer import IntegerTransformer
from user.lib.llm.tensor import Tensor
from user.lib.llm.weights import Model

# SAFETY: one thread runs.


@struct
class IntegerDoors:
    """What is open."""

    allocator: Allocator | None = None
    transformer: IntegerTransformer | None = None


def integer_doors() -> IntegerDoors:
    """Returns the one object."""
    return static_object(IntegerDoors)


@raises(ENOMEM)
def open_integer(allocator: Allocator, model: Model) -> None:
    """Packs a model and takes the memory of one sequence."""
    doors = integer_doors()
    packed = allocate(allocator, IntegerModel)
    packed.pack(allocator, model)
    transformer = allocate(allocator, IntegerTransformer)
    transformer.prepare(allocator, packed)
    doors.allocator = allocator
    doors.transformer = transformer


def opened() -> IntegerTransformer:
    """Returns the open sequence."""
    found = integer_doors().transformer
    assert found is not None
    return found


@raises(ENOMEM)
def multiply_packed(way: Way, source: Span[f32], x: Span[i8], out: Span[i32]) -> None:
    """Packs a matrix and multiplies its rows of len(x) numbers; `out` has whole blocks."""
    allocator = integer_doors().allocator
    assert allocator is not None
    matrix = allocate(allocator, Matrix)
    scratch = allocate_span(allocator, f32, 2 * padded_columns(len(x)))
    tensor = Tensor(rows=len(source) // len(x), columns=len(x), floats=source)
    matrix.pack(allocator, tensor, scratch)
    operand = allocate(allocator, Operand)
    operand.prepare(allocator, len(x))
    operand.values[: len(x)].copy_from(x)
    operand.finish(len(x))
    operand.out = out
    operand.multiply(way, matrix.weights, matrix.stride, len(x))


@raises(ENOMEM)
def multiply_raw(way: Way, weights: Span[i8], x: Span[i8], out: Span[i32]) -> None:
    """Multiplies weights that lie as the kernels want them; len(x) is a multiple of 16."""
    allocator = integer_doors().allocator
    assert allocator is not None
    operand = allocate(allocator, Operand)
    operand.prepare(allocator, len(x))
    operand.values.copy_from(x)
    operand.finish(len(x))
    stride: usize = len(weights) * 16 // len(out)
    operand.out = out
    operand.multiply(way, weights, stride, len(x))
