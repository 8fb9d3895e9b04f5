"""Checks comparisons: `==`, order, `is`, `in`, and chains of them."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.conversions import convert
from compiler.frontend.names import entity_of
from compiler.frontend.operators import balance
from compiler.frontend.paths import path_of
from compiler.frontend.source import span_of
from compiler.frontend.symbols import ConstantEntity
from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT, UNTYPED_NONE
from compiler.ir.nodes import Bind, Compare, Comparison, Const, Expr, Local, Logical, Unary
from compiler.ir.spans import Span
from compiler.ir.types import (
    BOOL,
    BYTES,
    STR,
    ArrayType,
    BoolType,
    BytesType,
    CallableType,
    EnumType,
    FloatType,
    IntType,
    NullableType,
    SpanType,
    StructType,
    TableType,
    Type,
)

OPERATORS: dict[type[ast.cmpop], Comparison] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Is: "is",
    ast.IsNot: "is_not",
}
SYMBOLS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
BYTE_VIEWS = (BytesType, SpanType, ArrayType, TableType)


def check_compare(c: FunctionChecker, node: ast.Compare, expected: Type | None) -> Expr:
    """`a < b`, `a < b < c`, `x is None`, `x in (A, B)`."""
    left = c.check(node.left)
    result: Expr | None = None
    for index, (operator, right_node) in enumerate(zip(node.ops, node.comparators, strict=True)):
        if isinstance(operator, ast.In | ast.NotIn):
            if len(node.ops) > 1:
                raise c.refused("E0306", node, "`in` is not chained")
            return check_in(c, left, right_node, isinstance(operator, ast.NotIn), node)
        right = c.check(right_node)
        is_last = index == len(node.ops) - 1
        shared = right
        if not is_last:
            right, shared = share(c, right, right_node)
        part = compare(c, OPERATORS[type(operator)], left, right, node)
        left = shared
        result = part if result is None else both(result, part, span_of(node))
    assert result is not None
    return result


def both(left: Expr, right: Expr, span: Span) -> Expr:
    """`left and right`, folded."""
    if isinstance(left, Const):
        return right if left.value else left
    return Logical(BOOL, span, "and", left, right)


def share(c: FunctionChecker, value: Expr, node: ast.expr) -> tuple[Expr, Expr]:
    """`value` for two uses: the first evaluates it, the second reads it again."""
    if isinstance(value, Const | Local):
        return value, value
    value = c.settle(value, node)
    name = c.temporary(value.type)
    return Bind(value.type, value.span, name, value), Local(value.type, value.span, name)


def compare(
    c: FunctionChecker, operator: Comparison, left: Expr, right: Expr, node: ast.expr
) -> Expr:
    """One comparison."""
    if operator in ("is", "is_not"):
        return compare_identity(c, operator, left, right, node)
    span = span_of(node)
    if UNTYPED_NONE in (left.type, right.type):
        raise c.refused("E0306", node, "None is compared with `is` and `is not`", "write `is None`")
    if isinstance(left.type, BYTE_VIEWS) and isinstance(right.type, BYTE_VIEWS):
        return compare_bytes(c, operator, left, right, node)
    for value in (left, right):
        if isinstance(value.type, NullableType):
            raise c.refused(
                "E0311", value.span, f"an operand of `{SYMBOLS[operator]}` may be None here"
            )
        if isinstance(value.type, StructType):
            raise c.refused("E0317", node, f"`{SYMBOLS[operator]}` on structs")
    if is_number(left.type) and is_number(right.type):
        left, right = balance(c, left, right, SYMBOLS[operator], node)
        if isinstance(left, Const) and isinstance(right, Const):
            return Const(BOOL, span, fold(operator, left, right))
        if left.type in (UNTYPED_INT, UNTYPED_FLOAT):
            left, right = c.settle(left, node), c.settle(right, node)
        return Compare(BOOL, span, operator, left, right)
    if left.type != right.type:
        raise c.refused(
            "E0304", node, f"the operands of `{SYMBOLS[operator]}` are {left.type} and {right.type}"
        )
    ordered = operator not in ("eq", "ne")
    if (
        isinstance(left.type, EnumType)
        or (not ordered and isinstance(left.type, BoolType))
        or (left.type == STR and not ordered)
    ):
        return Compare(BOOL, span, operator, left, right)
    raise c.refused("E0306", node, f"`{SYMBOLS[operator]}` is not defined on {left.type}")


def is_number(type: Type) -> bool:
    """Whether a type has arithmetic."""
    return isinstance(type, IntType | FloatType) or type in (UNTYPED_INT, UNTYPED_FLOAT)


def fold(operator: Comparison, left: Const, right: Const) -> bool:
    """Compares constants."""
    a, b = left.value, right.value
    assert a is not None and b is not None
    return {
        "eq": a == b, "ne": a != b, "lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b,
    }[operator]  # fmt: skip


def compare_bytes(
    c: FunctionChecker, operator: Comparison, left: Expr, right: Expr, node: ast.expr
) -> Expr:
    """`==` and `!=` on views of bytes compare contents."""
    if operator not in ("eq", "ne"):
        raise c.refused("E0306", node, f"`{SYMBOLS[operator]}` is not defined on bytes")
    left, right = c.coerce(left, BYTES, node), c.coerce(right, BYTES, node)
    return Compare(BOOL, span_of(node), operator, left, right)


def compare_identity(
    c: FunctionChecker, operator: Comparison, left: Expr, right: Expr, node: ast.expr
) -> Expr:
    """`is` and `is not`."""
    span = span_of(node)
    if left.type == UNTYPED_NONE:
        left, right = right, left
    if right.type == UNTYPED_NONE:
        if left.type == UNTYPED_NONE:
            return Const(BOOL, span, operator == "is")
        if not isinstance(left.type, NullableType):
            return never_none(c, operator, left, node)
        return Compare(BOOL, span, operator, left, Const(left.type, right.span, None))
    if isinstance(left.type, EnumType) and left.type == right.type:
        return Compare(BOOL, span, "eq" if operator == "is" else "ne", left, right)
    left, right = same_reference_type(c, left, right, node)
    return Compare(BOOL, span, operator, left, right)


def never_none(c: FunctionChecker, operator: Comparison, left: Expr, node: ast.expr) -> Expr:
    """A test for None of something that cannot be None (any more): constant, but evaluated."""
    assert isinstance(node, ast.Compare)
    if path_of(c, node.left) is None and not isinstance(left, Const):
        raise c.refused("E0306", node, f"{left.type} is never None", "remove the test")
    return Const(BOOL, span_of(node), operator == "is_not")


def same_reference_type(
    c: FunctionChecker, left: Expr, right: Expr, node: ast.expr
) -> tuple[Expr, Expr]:
    """Both references in one type."""
    references = (StructType, NullableType, CallableType, ArrayType)
    if isinstance(left.type, references) and isinstance(right.type, references):
        for one, other, swapped in ((left, right, False), (right, left, True)):
            converted = convert(c.structs, one, other.type)
            if converted is not None:
                return (other, converted) if swapped else (converted, other)
    raise c.refused(
        "E0304", node, f"`is` compares references of one type, not {left.type} and {right.type}"
    )


def check_in(
    c: FunctionChecker, left: Expr, right: ast.expr, negated: bool, node: ast.Compare
) -> Expr:
    """`x in (A, B)`: equal to one of the constants."""
    items = constant_items(c, right)
    left = c.settle(left, node.left)
    first, again = share(c, left, node.left)
    result: Expr = Const(BOOL, span_of(node), value=False)
    for index, item in enumerate(items):
        part = compare(c, "eq", first if index == 0 else again, item, node)
        result = part if index == 0 else Logical(BOOL, span_of(node), "or", result, part)
    return Unary(BOOL, span_of(node), "not", "checked", result) if negated else result


def constant_items(c: FunctionChecker, node: ast.expr) -> list[Expr]:
    """The constants of a tuple display or of a module-level tuple."""
    if isinstance(node, ast.Tuple):
        return [c.check(item) for item in node.elts]
    entity = entity_of(c, node)
    if isinstance(entity, ConstantEntity) and entity.value[0] == "tuple":
        return [c.front_end.constants.plain(c, item, node) for item in entity.value[1]]
    raise c.refused("E0306", node, "`in` takes a tuple of constants", "write `x in (A, B)`")
