"""Checks operators: arithmetic, bits, shifts, negation; and folds what is constant."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker, Located
from compiler.frontend.conditions import check_condition
from compiler.frontend.conversions import adapt, common_type, widens
from compiler.frontend.flow import join
from compiler.frontend.source import span_of
from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT
from compiler.ir.nodes import Binary, BinaryOperator, Const, Convert, Expr, Unary
from compiler.ir.spans import Span
from compiler.ir.types import BOOL, I64, FloatType, IntType, NullableType, Type

OPERATORS: dict[type[ast.operator], BinaryOperator] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Div: "div",
    ast.LShift: "shl",
    ast.RShift: "shr",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}
SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "floordiv": "//", "mod": "%", "div": "/", "shl": "<<",
    "shr": ">>", "and": "&", "or": "|", "xor": "^", "min": "min", "max": "max",
}  # fmt: skip
FLOAT_OPERATORS = frozenset({"add", "sub", "mul", "div", "min", "max"})
FOLD: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "floordiv": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "shl": lambda a, b: a << b,
    "shr": lambda a, b: a >> b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b,
    "min": min,
    "max": max,
}
MOST_SHIFT = 1024


def check_binary(c: FunctionChecker, node: ast.BinOp, expected: Type | None) -> Expr:
    """`a + b` and its like."""
    operator = OPERATORS.get(type(node.op))
    if operator is None:
        raise c.refused(
            "E0306", node, f"`{ast.unparse(node)}`: this operator is not in Bare Python"
        )
    left = c.check(node.left)
    right = c.check(node.right)
    return binary(c, operator, left, right, node)


def binary(
    c: FunctionChecker, operator: BinaryOperator, left: Expr, right: Expr, node: Located
) -> Expr:
    """`left operator right`, checked, in their common type."""
    left, right = plain_number(c, left, operator, node), plain_number(c, right, operator, node)
    if operator in ("shl", "shr"):
        return shift(c, operator, left, right, node)
    left, right = balance(c, left, right, operator, node)
    type = left.type
    if operator == "div" and not isinstance(type, FloatType) and type != UNTYPED_FLOAT:
        raise c.refused("E0308", node, "`/` on integers")
    is_float = isinstance(type, FloatType) or type == UNTYPED_FLOAT
    if is_float and operator not in FLOAT_OPERATORS:
        raise c.refused("E0306", node, f"`{SYMBOLS[operator]}` is not defined on floats")
    if isinstance(left, Const) and isinstance(right, Const):
        folded = fold(c, operator, left, right, node)
        if folded is not None:
            return folded
    return Binary(type, span_of(node), operator, "checked", left, right)


def plain_number(c: FunctionChecker, value: Expr, operator: str, node: Located) -> Expr:
    """Refuses an operand that is not a number."""
    type = value.type
    if isinstance(type, IntType | FloatType) or type in (UNTYPED_INT, UNTYPED_FLOAT):
        return value
    symbol = SYMBOLS[operator]
    if isinstance(type, NullableType):
        raise c.refused("E0311", value.span, f"an operand of `{symbol}` may be None here")
    cure = ""
    if type == BOOL:
        cure = "use `and`, `or`, `!=`, or convert: `u32(b)`"
    raise c.refused("E0306", node, f"`{symbol}` is not defined on {type}", cure)


def balance(
    c: FunctionChecker, left: Expr, right: Expr, operator: str, node: Located
) -> tuple[Expr, Expr]:
    """Both operands in their common type."""
    one, other = left.type, right.type
    if one == other:
        return left, right
    untyped = (UNTYPED_INT, UNTYPED_FLOAT)
    if one in untyped and other in untyped:
        return promote(left), promote(right)
    if one in untyped:
        return c.coerce(left, other, left.span), right
    if other in untyped:
        return left, c.coerce(right, one, right.span)
    target = common_type(one, other)
    if target is None:
        raise c.refused(
            "E0304", node, f"the operands of `{SYMBOLS.get(operator, operator)}` are {one} "
            f"and {other}",
            f"convert one, as in `{one}(...)`",
        )  # fmt: skip
    return widen(left, target), widen(right, target)


def promote(value: Expr) -> Expr:
    """An untyped integer beside an untyped float."""
    if isinstance(value, Const) and value.type == UNTYPED_INT:
        return Const(UNTYPED_FLOAT, value.span, float(value.value or 0))
    return value


def widen(value: Expr, target: Type) -> Expr:
    """`value` in a wider type."""
    if value.type == target:
        return value
    assert widens(value.type, target)
    if isinstance(value, Const):
        return Const(target, value.span, value.value)
    return Convert(target, value.span, "widen", value)


def shift(
    c: FunctionChecker, operator: BinaryOperator, left: Expr, right: Expr, node: Located
) -> Expr:
    """`<<` and `>>`: the count may have any integer type."""
    for value in (left, right):
        if isinstance(value.type, FloatType) or value.type == UNTYPED_FLOAT:
            raise c.refused("E0306", node, f"`{SYMBOLS[operator]}` is not defined on floats")
    if isinstance(left, Const) and isinstance(right, Const):
        count = right.value
        assert isinstance(count, int)
        if not 0 <= count <= MOST_SHIFT:
            raise c.refused("E0305", node, f"shift by {count}")
        folded = fold(c, operator, left, right, node)
        if folded is not None:
            return folded
    if right.type == UNTYPED_INT:
        right = adapt(right, I64) or right
    return Binary(left.type, span_of(node), operator, "checked", left, right)


def fold(
    c: FunctionChecker, operator: str, left: Const, right: Const, node: Located
) -> Const | None:
    """The constant result; None where it is left to the running program."""
    a, b = left.value, right.value
    span = span_of(node)
    if isinstance(left.type, FloatType) or left.type == UNTYPED_FLOAT:
        return fold_float(operator, left, right, span) if left.type == UNTYPED_FLOAT else None
    assert isinstance(a, int) and isinstance(b, int)
    if operator in ("floordiv", "mod") and b == 0:
        raise c.refused("E0305", node, "division by zero in a constant")
    result = FOLD[operator](a, b)
    if isinstance(left.type, IntType) and not left.type.holds(result):
        raise c.refused("E0305", node, f"constant {result} does not fit {left.type}")
    return Const(left.type, span, result)


def fold_float(operator: str, left: Const, right: Const, span: Span) -> Const | None:
    """Folds untyped float constants, which have double precision."""
    a, b = float(left.value or 0), float(right.value or 0)
    if operator == "div":
        return Const(UNTYPED_FLOAT, span, a / b) if b else None
    results = {"add": a + b, "sub": a - b, "mul": a * b, "min": min(a, b), "max": max(a, b)}
    return Const(UNTYPED_FLOAT, span, results[operator])


def check_unary(c: FunctionChecker, node: ast.UnaryOp, expected: Type | None) -> Expr:
    """`-x`, `~x`, `not x`; `+x` is refused."""
    if isinstance(node.op, ast.Not):
        value, when_true, when_false = check_condition(c, node)
        c.flow = join([when_true, when_false], c.structs.common_base)
        return value
    operand = c.check(node.operand)
    if isinstance(node.op, ast.UAdd):
        raise c.refused("E0306", node, "unary `+` is not in Bare Python")
    operand = plain_number(c, operand, "sub" if isinstance(node.op, ast.USub) else "xor", node)
    span, type = span_of(node), operand.type
    if isinstance(node.op, ast.USub):
        return negate(c, operand, node)
    if isinstance(type, FloatType) or type == UNTYPED_FLOAT:
        raise c.refused("E0306", node, "`~` is not defined on floats")
    if isinstance(type, IntType) and not type.signed:
        raise c.refused("E0309", node, f"`~` on {type}, which has no negative values")
    if isinstance(operand, Const) and isinstance(operand.value, int):
        return Const(type, span, ~operand.value)
    return Unary(type, span, "invert", "checked", operand)


def negate(c: FunctionChecker, operand: Expr, node: ast.UnaryOp) -> Expr:
    """`-x`."""
    span, type = span_of(node), operand.type
    if isinstance(operand, Const) and operand.value is not None:
        if not isinstance(type, IntType) or type.holds(int(-operand.value)):
            return Const(type, span, -operand.value)
        raise c.refused("E0305", node, f"constant {-operand.value} does not fit {type}")
    return Unary(type, span, "neg", "checked", operand)
