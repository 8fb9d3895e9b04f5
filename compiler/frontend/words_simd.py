"""Words on vectors."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.source import span_of
from compiler.frontend.word_arguments import constant_int, positional
from compiler.ir.nodes import Expr, Intrinsic
from compiler.ir.types import (
    F32,
    I8,
    I16,
    I32,
    I64,
    NONE,
    U8,
    ArrayType,
    BytesType,
    IntType,
    SimdType,
    SpanType,
    TableType,
    Type,
)

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]
I8X16 = SimdType(I8, 16)
I16X8 = SimdType(I16, 8)
I32X4 = SimdType(I32, 4)
F32X4 = SimdType(F32, 4)
WIDER = {I8X16: I16X8, I16X8: I32X4}


def check_class_method(
    c: FunctionChecker, node: ast.Call, target: ast.Attribute, type: SimdType
) -> Expr:
    """`i8x16.load(span, index)`, `i8x16.splat(x)`."""
    if target.attr == "load":
        source, index = positional(c, node, 2)
        span = c.check_value(source)
        if not isinstance(span.type, SpanType | ArrayType | TableType | BytesType):
            raise c.refused("E0301", source, f"expected Span[{type.element}], got {span.type}")
        element = U8 if isinstance(span.type, BytesType) else span.type.element
        if element != type.element:
            raise c.refused("E0301", source, f"expected elements {type.element}, got {element}")
        return Intrinsic(type, span_of(node), "simd_load", [span, c.check_integer(index)])
    if target.attr == "splat":
        (value,) = positional(c, node, 1)
        return Intrinsic(type, span_of(node), "simd_splat", [c.check_as(value, type.element)])
    raise c.refused("E0203", target, f"{type} has no method {target.attr!r}")


def check_method(c: FunctionChecker, receiver: Expr, node: ast.Call, target: ast.Attribute) -> Expr:
    """`v.store(span, index)`, `v.lane(k)`."""
    type = receiver.type
    assert isinstance(type, SimdType)
    span = span_of(node)
    if target.attr == "store":
        into, index = positional(c, node, 2)
        operands = [c.check_as(into, SpanType(type.element)), c.check_integer(index), receiver]
        return Intrinsic(NONE, span, "simd_store", operands)
    if target.attr == "lane":
        (argument,) = positional(c, node, 1)
        lane = constant_int(c, argument)
        if not 0 <= lane < type.lanes:
            raise c.refused("E0305", argument, f"{type} has no lane {lane}")
        return Intrinsic(type.element, span, "simd_lane", [receiver], (lane,))
    raise c.refused("E0203", target, f"{type} has no method {target.attr!r}")


def vector(c: FunctionChecker, node: ast.expr) -> tuple[Expr, SimdType]:
    """A vector argument."""
    value = c.check_value(node)
    if not isinstance(value.type, SimdType):
        raise c.refused("E0301", node, f"expected a vector, got {value.type}")
    return value, value.type


def lanes(name: str) -> Handler:
    """An operation lane by lane."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        first, second = positional(c, node, 2)
        left, type = vector(c, first)
        return Intrinsic(type, span_of(node), name, [left, c.check_as(second, type)])

    return check


def widening(name: str) -> Handler:
    """A product of half of the lanes."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        first, second = positional(c, node, 2)
        left, type = vector(c, first)
        if type not in WIDER:
            raise c.refused("E0301", first, f"expected i8x16 or i16x8, got {type}")
        return Intrinsic(WIDER[type], span_of(node), name, [left, c.check_as(second, type)])

    return check


def fixed(name: str, result: Type, parameters: tuple[Type, ...]) -> Handler:
    """An operation on given types."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        arguments = positional(c, node, len(parameters))
        pairs = zip(arguments, parameters, strict=True)
        return Intrinsic(result, span_of(node), name, [c.check_as(a, t) for a, t in pairs])

    return check


def check_sum(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`sum_lanes(v)`."""
    (argument,) = positional(c, node, 1)
    value, type = vector(c, argument)
    result = I64 if isinstance(type.element, IntType) else type.element
    return Intrinsic(result, span_of(node), "simd_sum", [value])


def shift(name: str) -> Handler:
    """A shift of integer lanes by a constant."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        first, second = positional(c, node, 2)
        value, type = integer_vector(c, first)
        count = constant_int(c, second)
        if not 0 <= count < type.element.bits:
            raise c.refused("E0305", second, f"a lane of {type} has no {count} bits to shift by")
        return Intrinsic(type, span_of(node), name, [value], (count,))

    return check


def reinterpretation(result: SimdType) -> Handler:
    """The same bits in other lanes."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        (argument,) = positional(c, node, 1)
        value, _ = integer_vector(c, argument)
        return Intrinsic(result, span_of(node), "simd_reinterpret", [value])

    return check


def integer_vector(c: FunctionChecker, node: ast.expr) -> tuple[Expr, SimdType]:
    """A vector argument with integer lanes."""
    value, type = vector(c, node)
    if not isinstance(type.element, IntType):
        raise c.refused("E0301", node, f"expected integer lanes, got {type}")
    return value, type


WORDS: dict[str, Handler] = {
    "simd.shift_left": shift("simd_shift_left"),
    "simd.shift_right": shift("simd_shift_right"),
    "simd.as_i8x16": reinterpretation(I8X16),
    "simd.as_i16x8": reinterpretation(I16X8),
    "simd.as_i32x4": reinterpretation(I32X4),
    "simd.add": lanes("simd_add"),
    "simd.sub": lanes("simd_sub"),
    "simd.mul": lanes("simd_mul"),
    "simd.mul_widen_low": widening("simd_mul_widen_low"),
    "simd.mul_widen_high": widening("simd_mul_widen_high"),
    "simd.pairwise_add_accumulate": fixed("simd_pairwise_add_accumulate", I32X4, (I32X4, I16X8)),
    "simd.dot": fixed("simd_dot", I32X4, (I32X4, I8X16, I8X16)),
    "simd.to_f32": fixed("simd_convert", F32X4, (I32X4,)),
    "simd.sum_lanes": check_sum,
}
