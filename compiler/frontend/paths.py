"""Narrowing paths of expressions, and reading along them."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.flow import Path
from compiler.ir.nodes import Convert, Expr
from compiler.ir.types import NullableType, Type


def path_of(c: FunctionChecker, node: ast.expr) -> Path | None:
    """The narrowing path of `a` or `a.b.c`, `a` a local."""
    if isinstance(node, ast.Name):
        return (node.id,) if node.id in c.assigned_names else None
    if isinstance(node, ast.Attribute):
        base = path_of(c, node.value)
        return (*base, node.attr) if base else None
    return None


def narrow(c: FunctionChecker, value: Expr, path: Path | None) -> Expr:
    """`value` as the type that tests have proven for `path`."""
    known = c.flow.narrowed.get(path) if path else None
    if known is None or known == value.type:
        return value
    if isinstance(value.type, NullableType):
        value = Convert(value.type.inner, value.span, "unwrap", value)
    if value.type != known:
        value = Convert(known, value.span, "downcast", value)
    return value


def none_cure(node: ast.expr) -> str:
    """What to write before the use of a value that may be None."""
    text = ast.unparse(node)
    if isinstance(node, ast.Name):
        return f"test it first: `if {text} is not None:` or `assert {text} is not None`"
    return f"copy it to a local first, as in `x = {text}`, and test that with `is not None`"


def short(type: Type) -> str:
    """The last part of a type's name, for messages."""
    name = str(type)
    head, bracket, rest = name.partition("[")
    return head.rpartition(".")[2] + bracket + rest
