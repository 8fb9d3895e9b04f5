"""Words on numbers: wrapping and saturating arithmetic, bits, reinterpretation, min, max, abs."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.conversions import adapt
from compiler.frontend.operators import balance, binary, plain_number
from compiler.frontend.source import span_of
from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT
from compiler.frontend.word_arguments import positional
from compiler.ir.nodes import (
    Binary,
    BinaryOperator,
    Const,
    Convert,
    Expr,
    Intrinsic,
    Mode,
    Unary,
    UnaryOperator,
)
from compiler.ir.types import (
    F32,
    F64,
    INTEGERS,
    U32,
    U64,
    EnumType,
    FloatType,
    IntType,
    RegisterType,
    Type,
)

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]


def integer_pair(c: FunctionChecker, node: ast.Call, expected: Type | None) -> tuple[Expr, Expr]:
    """Two integers of one type."""
    first, second = positional(c, node, 2)
    left, right = c.check(first), c.check(second)
    plain_number(c, left, "add", first)
    plain_number(c, right, "add", second)
    left, right = balance(c, left, right, ast.unparse(node.func), node)
    if left.type == UNTYPED_INT and isinstance(expected, IntType):
        left, right = c.coerce(left, expected, first), c.coerce(right, expected, second)
    left, right = c.settle(left, first), c.settle(right, second)
    if not isinstance(left.type, IntType):
        raise c.refused(
            "E0306", node, f"{ast.unparse(node.func)}() is for integers, not {left.type}"
        )
    return left, right


def modal(operator: BinaryOperator, mode: Mode) -> Handler:
    """A binary operation with a mode."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        left, right = integer_pair(c, node, expected)
        return Binary(left.type, span_of(node), operator, mode, left, right)

    return check


def check_wrapping_shl(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`wrapping_shl(x, count)`."""
    first, second = positional(c, node, 2)
    value = typed_integer(c, first, expected)
    count = c.check_integer(second)
    return Binary(value.type, span_of(node), "shl", "wrapping", value, count)


def typed_integer(c: FunctionChecker, node: ast.expr, expected: Type | None = None) -> Expr:
    """An integer; a constant takes the expected type."""
    value = c.check(node, expected)
    if value.type == UNTYPED_INT and isinstance(expected, IntType):
        value = adapt(value, expected) or value
    value = c.settle(value, node)
    if not isinstance(value.type, IntType):
        raise c.refused("E0301", node, f"expected an integer, got {value.type}")
    return value


def unsigned(c: FunctionChecker, node: ast.expr, expected: Type | None = None) -> Expr:
    """An unsigned integer."""
    value = typed_integer(c, node, expected)
    if isinstance(value.type, IntType) and value.type.signed:
        raise c.refused("E0301", node, f"expected an unsigned integer, got {value.type}")
    return value


def unary(operator: UnaryOperator, mode: Mode) -> Handler:
    """A unary operation with a mode."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        (argument,) = positional(c, node, 1)
        take = unsigned if operator == "invert" else typed_integer
        value = take(c, argument, expected)
        return Unary(value.type, span_of(node), operator, mode, value)

    return check


def wrap_to(target: IntType) -> Handler:
    """`wrap_u8(x)` and its like."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        (argument,) = positional(c, node, 1)
        value = c.check(argument)
        if isinstance(value, Const) and value.type == UNTYPED_INT and isinstance(value.value, int):
            low = value.value & ((1 << target.bits) - 1)
            wrapped = low - (1 << target.bits) if target.signed and low > target.maximum else low
            return Const(target, span_of(node), wrapped)
        value = c.settle(value, argument)
        if isinstance(value.type, EnumType | RegisterType):
            kind = "from_enum" if isinstance(value.type, EnumType) else "from_register"
            value = Convert(value.type.base, value.span, kind, value)  # type: ignore[arg-type]
        if not isinstance(value.type, IntType):
            raise c.refused("E0301", argument, f"expected an integer, got {value.type}")
        return Convert(target, span_of(node), "wrap", value)

    return check


def bit_function(name: str, result: IntType | None, counts: bool = False) -> Handler:
    """`rotate_left`, `count_ones` and their like."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        arguments = positional(c, node, 2 if counts else 1)
        hint = expected if result is None else None
        value = typed_integer(c, arguments[0], hint)
        if not counts and result is not None:
            operands = [value]
        else:
            value = unsigned(c, arguments[0], hint)
            operands = [value, c.check_integer(arguments[1])] if counts else [value]
        return Intrinsic(result or value.type, span_of(node), name, operands)

    return check


def check_multiply_high(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`multiply_high(a, b)`."""
    first, second = positional(c, node, 2)
    operands = [c.check_as(first, U64), c.check_as(second, U64)]
    return Intrinsic(U64, span_of(node), "multiply_high", operands)


def reinterpret(source: Type, target: Type) -> Handler:
    """`f32_bits(x)` and its like."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        (argument,) = positional(c, node, 1)
        return Convert(target, span_of(node), "reinterpret", c.check_as(argument, source))

    return check


def float_function(operator: UnaryOperator) -> Handler:
    """`sqrt(x)`, `floor(x)`."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        (argument,) = positional(c, node, 1)
        value = c.check(argument, expected)
        if value.type in (UNTYPED_INT, UNTYPED_FLOAT):
            value = c.coerce(value, expected if isinstance(expected, FloatType) else F64, node)
        if not isinstance(value.type, FloatType):
            raise c.refused("E0301", argument, f"expected a float, got {value.type}")
        return Unary(value.type, span_of(node), operator, "checked", value)

    return check


def extreme(operator: BinaryOperator) -> Handler:
    """`min(a, b, ...)`, `max(a, b, ...)`."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        if len(node.args) < 2 or node.keywords:
            raise c.refused("E0802", node, f"{operator}() takes two values or more")
        result = c.check(node.args[0])
        for argument in node.args[1:]:
            result = binary(c, operator, result, c.check(argument), node)
        return result

    return check


def check_abs(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`abs(x)`."""
    (argument,) = positional(c, node, 1)
    value = plain_number(c, c.check(argument), "sub", node)
    if isinstance(value, Const) and value.value is not None:
        return Const(value.type, span_of(node), abs(value.value))
    return Unary(value.type, span_of(node), "abs", "checked", value)


WORDS: dict[str, Handler] = {
    "wrapping_add": modal("add", "wrapping"),
    "wrapping_sub": modal("sub", "wrapping"),
    "wrapping_mul": modal("mul", "wrapping"),
    "saturating_add": modal("add", "saturating"),
    "saturating_sub": modal("sub", "saturating"),
    "wrapping_shl": check_wrapping_shl,
    "wrapping_neg": unary("neg", "wrapping"),
    "invert": unary("invert", "checked"),
    **{f"wrap_{name}": wrap_to(type) for name, type in INTEGERS.items()},
    "rotate_left": bit_function("rotate_left", None, counts=True),
    "rotate_right": bit_function("rotate_right", None, counts=True),
    "count_ones": bit_function("count_ones", U32),
    "leading_zeros": bit_function("leading_zeros", U32),
    "trailing_zeros": bit_function("trailing_zeros", U32),
    "byte_swap": bit_function("byte_swap", None),
    "multiply_high": check_multiply_high,
    "f32_bits": reinterpret(F32, U32),
    "f32_from_bits": reinterpret(U32, F32),
    "f64_bits": reinterpret(F64, U64),
    "f64_from_bits": reinterpret(U64, F64),
    "sqrt": float_function("sqrt"),
    "floor": float_function("floor"),
    "min": extreme("min"),
    "max": extreme("max"),
    "abs": check_abs,
}
