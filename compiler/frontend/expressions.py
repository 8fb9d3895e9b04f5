"""Checks the expressions that choose or group: conditional, `and`/`or`, tuples; and refusals."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.conditions import check_condition
from compiler.frontend.conversions import convert
from compiler.frontend.flow import join
from compiler.frontend.source import span_of
from compiler.frontend.untyped import (
    UNTYPED_FLOAT,
    UNTYPED_INT,
    UNTYPED_NONE,
)
from compiler.ir.nodes import (
    Conditional,
    Const,
    Expr,
    MakeTuple,
)
from compiler.ir.types import (
    NullableType,
    TupleType,
    Type,
)


def check_conditional(c: FunctionChecker, node: ast.IfExp, expected: Type | None) -> Expr:
    """`then if condition else otherwise`."""
    condition, when_true, when_false = check_condition(c, node.test)
    if isinstance(condition, Const):
        c.flow = when_true if condition.value else when_false
        return c.check(node.body if condition.value else node.orelse, expected)
    c.flow = when_true
    then = c.check(node.body, expected)
    after_then = c.flow
    c.flow = when_false
    otherwise = c.check(node.orelse, expected)
    c.flow = join([after_then, c.flow], c.structs.common_base)
    type = unify_branches(c, then, otherwise, expected, node)
    if type not in (UNTYPED_INT, UNTYPED_FLOAT):
        then = c.coerce(then, type, node.body)
        otherwise = c.coerce(otherwise, type, node.orelse)
    return Conditional(type, span_of(node), condition, then, otherwise)


def check_tuple(c: FunctionChecker, node: ast.Tuple, expected: Type | None) -> Expr:
    """A tuple value, as a function's result."""
    if not 2 <= len(node.elts) <= 4:
        raise c.refused("E0102", node, "a tuple has two to four items", "return a struct instead")
    wanted: list[Type | None] = [None] * len(node.elts)
    if isinstance(expected, TupleType) and len(expected.items) == len(node.elts):
        wanted = list(expected.items)
    items: list[Expr] = []
    for item, type in zip(node.elts, wanted, strict=True):
        items.append(c.check_as(item, type) if type else c.check_value(item))
    made = TupleType(tuple(item.type for item in items))
    return MakeTuple(made, span_of(node), items)


def check_logical(c: FunctionChecker, node: ast.BoolOp, expected: Type | None) -> Expr:
    """`and`, `or`: as a condition whose flows are joined."""
    value, when_true, when_false = check_condition(c, node)
    c.flow = join([when_true, when_false], c.structs.common_base)
    return value


def unify_branches(
    c: FunctionChecker, then: Expr, otherwise: Expr, expected: Type | None, node: ast.IfExp
) -> Type:
    """The type of `then if ... else otherwise`."""
    left, right = then.type, otherwise.type
    if left == right:
        return left
    if expected is not None and all(
        convert(c.structs, item, expected) is not None for item in (then, otherwise)
    ):
        return expected
    for one, other in ((then, otherwise), (otherwise, then)):
        if one.type == UNTYPED_NONE and other.type not in (UNTYPED_INT, UNTYPED_FLOAT):
            return other.type if isinstance(other.type, NullableType) else NullableType(other.type)
        if convert(c.structs, one, other.type) is not None:
            return other.type
    raise c.refused("E0304", node, f"the branches have the types {left} and {right}")


def check_named(c: FunctionChecker, node: ast.NamedExpr, expected: Type | None) -> Expr:
    """`:=`, refused."""
    raise c.refused("E0102", node, "`:=` is not in Bare Python", "assign in a statement of its own")


REFUSED: dict[type[ast.expr], tuple[str, str]] = {
    ast.Lambda: ("`lambda` is not in Bare Python", "write a function at module level"),
    ast.ListComp: ("comprehensions are not in Bare Python", "write a loop that fills a span"),
    ast.SetComp: ("comprehensions are not in Bare Python", "write a loop that fills a span"),
    ast.DictComp: ("comprehensions are not in Bare Python", "write a loop that fills a map"),
    ast.GeneratorExp: ("generators are not in Bare Python", "write a loop"),
    ast.Yield: ("generators are not in Bare Python", "write a class with `next_item`"),
    ast.YieldFrom: ("generators are not in Bare Python", "write a class with `next_item`"),
    ast.Await: ("`await` is not in Bare Python", "call the function directly"),
    ast.List: ("list displays are not in Bare Python", "use `array(n)` or a constant tuple"),
    ast.Dict: ("dicts are not in Bare Python", "use `Map` from `bare.lib`"),
    ast.Set: ("sets are not in Bare Python", "use `in` with a constant tuple"),
    ast.Starred: ("`*` in expressions is not in Bare Python", "pass each argument"),
}
