"""Implicit conversions: which there are, and the IR that performs them."""

from __future__ import annotations

import dataclasses
import math
import struct as packing
from typing import TYPE_CHECKING

from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT, UNTYPED_NONE
from compiler.ir.nodes import Binary, Conditional, Const, Convert, Expr, Unary
from compiler.ir.types import (
    BYTES,
    F64,
    FORMAT,
    I64,
    STR,
    U8,
    ArrayType,
    CallableType,
    FloatType,
    IntType,
    NeverType,
    NullableType,
    SpanType,
    StructType,
    TableType,
    Type,
)

if TYPE_CHECKING:
    from compiler.frontend.structs import Structs


def widens(source: Type, target: Type) -> bool:
    """Whether every value of `source` is a value of scalar type `target`."""
    if isinstance(source, IntType) and isinstance(target, IntType):
        if source.signed and not target.signed:
            return False
        return source.bits < target.bits or source == target
    if isinstance(source, FloatType) and isinstance(target, FloatType):
        return source.bits <= target.bits
    return False


def round_float(value: float, type: FloatType) -> float:
    """The nearest value of `type`."""
    if type.bits == 64:
        return value
    try:
        rounded: float = packing.unpack("<f", packing.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def adapt(value: Expr, target: IntType | FloatType) -> Expr | None:
    """An untyped expression in `target`; None where a constant in it does not fit."""
    if isinstance(value, Const):
        return adapt_constant(value, target)
    if value.type not in (UNTYPED_INT, UNTYPED_FLOAT):
        return value
    if isinstance(value, Conditional):
        then, otherwise = adapt(value.then, target), adapt(value.otherwise, target)
        if then is None or otherwise is None:
            return None
        return dataclasses.replace(value, type=target, then=then, otherwise=otherwise)
    if isinstance(value, Binary):
        left = adapt(value.left, target)
        shifts = value.operator in ("shl", "shr")
        right = value.right if shifts else adapt(value.right, target)
        if left is None or right is None:
            return None
        if shifts and right.type == UNTYPED_INT:
            right = adapt(right, I64)
            assert right is not None
        return dataclasses.replace(value, type=target, left=left, right=right)
    if isinstance(value, Unary):
        operand = adapt(value.operand, target)
        return None if operand is None else dataclasses.replace(value, type=target, operand=operand)
    return None


def adapt_constant(value: Const, target: IntType | FloatType) -> Const | None:
    """A constant in `target`, if it is a value of it (a float constant is rounded)."""
    number = value.value
    if value.type == UNTYPED_INT and isinstance(number, int):
        if isinstance(target, IntType):
            return Const(target, value.span, number) if target.holds(number) else None
        rounded = round_float(float(number), target)
        return Const(target, value.span, rounded) if rounded == number else None
    if value.type == UNTYPED_FLOAT and isinstance(target, FloatType):
        return Const(target, value.span, round_float(float(number or 0.0), target))
    return None


def default_type(value: Expr) -> Expr:
    """The expression with its type where nothing asks for one: `i64` and `f64` for constants."""
    if value.type == UNTYPED_INT:
        return adapt(value, I64) or value
    if value.type == UNTYPED_FLOAT:
        return adapt(value, F64) or value
    return value


def convert(structs: Structs, value: Expr, target: Type) -> Expr | None:
    """`value` converted implicitly to `target`; None where there is no such conversion."""
    source = value.type
    if source == target or isinstance(source, NeverType):
        return value
    if source in (UNTYPED_INT, UNTYPED_FLOAT):
        if isinstance(target, IntType | FloatType):
            return adapt(value, target)
    elif widens(source, target):
        return Convert(target, value.span, "widen", value)
    if isinstance(target, NullableType):
        return _to_nullable(structs, value, target)
    if isinstance(target, StructType) and isinstance(source, StructType):
        derived = structs.info(source).derives(target.name)
        return Convert(target, value.span, "upcast", value) if derived else None
    return _to_view(value, target)


def _to_nullable(structs: Structs, value: Expr, target: NullableType) -> Expr | None:
    if value.type == UNTYPED_NONE:
        return Const(target, value.span, None)
    if isinstance(value.type, NullableType):
        inner, wanted = value.type.inner, target.inner
        if isinstance(inner, StructType) and isinstance(wanted, StructType):
            if structs.info(inner).derives(wanted.name):
                return Convert(target, value.span, "upcast", value)
        return None
    if isinstance(value, Conditional) and value.type == UNTYPED_NONE:
        return None
    inner_value = convert(structs, value, target.inner)
    return None if inner_value is None else Convert(target, value.span, "to_nullable", inner_value)


def _to_view(value: Expr, target: Type) -> Expr | None:
    source = value.type
    if isinstance(target, SpanType) and isinstance(source, ArrayType):
        if source.element == target.element:
            return Convert(target, value.span, "array_to_span", value)
    if target == BYTES and isinstance(source, SpanType | ArrayType | TableType):
        if source.element == U8:
            return Convert(target, value.span, "to_bytes", value)
    if target == FORMAT and source == STR:
        return Convert(target, value.span, "str_to_format", value)
    if isinstance(target, CallableType) and isinstance(source, CallableType):
        fits = (source.parameters, source.result) == (target.parameters, target.result)
        if fits and target.fallible and not source.fallible:
            return Convert(target, value.span, "callable", value)
    if isinstance(target, ArrayType) and isinstance(source, ArrayType) and target.length < 0:
        return value if source.element == target.element else None
    return None


def common_type(left: Type, right: Type) -> Type | None:
    """The type to which two scalars convert implicitly."""
    if left == right or widens(right, left):
        return left
    return right if widens(left, right) else None
