"""Matches the arguments of a call with parameters."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.signatures import ParameterInfo
from compiler.ir.nodes import (
    Bind,
    Const,
    DataRef,
    Expr,
    FunctionRef,
    Local,
    MakeTuple,
    Text,
    TupleItem,
)
from compiler.ir.types import TupleType


def match_arguments(
    c: FunctionChecker, node: ast.Call, parameters: list[ParameterInfo], name: str
) -> list[Expr]:
    """One converted expression for each parameter, defaults filled in."""
    nodes = bind_arguments(c, node, parameters, name)
    types = {item.name: item.type for item in parameters}
    given = {key: c.check_as(argument, types[key]) for key, argument in nodes.items()}
    order = [item.name for item in parameters if item.name in given]
    if list(given) != order and not all(isinstance(item, PURE) for item in given.values()):
        given = in_source_order(c, given, order[0])
    made: list[Expr] = []
    for parameter in parameters:
        if parameter.name in given:
            made.append(given[parameter.name])
        else:
            assert parameter.default is not None
            value = c.front_end.constants.plain(c, parameter.default, node)
            made.append(c.coerce(value, parameter.type, node))
    return made


PURE = (Const, Text, Local, DataRef, FunctionRef)
"""Expressions whose place in the order of evaluation makes no difference."""


def in_source_order(c: FunctionChecker, given: dict[str, Expr], first: str) -> dict[str, Expr]:
    """Arguments written in another order than the parameters', evaluated as they are written.

    The argument that is evaluated first, that of parameter `first`, binds all of them to locals.
    """
    names = {key: c.temporary(value.type, "argument") for key, value in given.items()}
    binds: list[Expr] = [
        Bind(value.type, value.span, names[key], value) for key, value in given.items()
    ]
    whole = TupleType(tuple(item.type for item in binds))
    span = given[first].span
    place = list(given).index(first)
    made: dict[str, Expr] = {
        key: Local(value.type, value.span, names[key]) for key, value in given.items()
    }
    made[first] = TupleItem(given[first].type, span, MakeTuple(whole, span, binds), place)
    return made


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def bind_arguments(
    c: FunctionChecker,
    node: ast.Call,
    parameters: list[ParameterInfo],
    name: str,
    code: str = "E0802",
) -> dict[str, ast.expr]:
    """Which argument belongs to which parameter; all without a default are there."""
    positional = [item for item in parameters if not item.is_keyword_only]
    if len(node.args) > len(positional):
        raise c.refused(
            code, node.args[len(positional)],
            f"{name}() takes {counted(len(positional), 'argument')}, not {len(node.args)}",
        )  # fmt: skip
    bound = {item.name: value for item, value in zip(positional, node.args, strict=False)}
    names = {item.name for item in parameters}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise c.refused("E0102", keyword, "`**` in calls is not in Bare Python")
        if keyword.arg not in names:
            raise c.refused(code, keyword, f"{name}() has no parameter {keyword.arg!r}")
        if keyword.arg in bound:
            raise c.refused(code, keyword, f"parameter {keyword.arg!r} is given twice")
        bound[keyword.arg] = keyword.value
    missing = [item.name for item in parameters if item.name not in bound and item.default is None]
    if missing:
        raise c.refused(code, node, f"{name}() needs {', '.join(map(repr, missing))}")
    return bound
