"""Matches the arguments of a call with parameters."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.signatures import ParameterInfo
from compiler.ir.nodes import Expr


def match_arguments(
    c: FunctionChecker, node: ast.Call, parameters: list[ParameterInfo], name: str
) -> list[Expr]:
    """One converted expression for each parameter, defaults filled in."""
    nodes = bind_arguments(c, node, parameters, name)
    made: list[Expr] = []
    for parameter in parameters:
        argument = nodes.get(parameter.name)
        if argument is not None:
            made.append(c.check_as(argument, parameter.type))
        else:
            assert parameter.default is not None
            value = c.front_end.constants.plain(c, parameter.default, node)
            made.append(c.coerce(value, parameter.type, node))
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
