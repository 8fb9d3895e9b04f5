"""Arguments of words: positions, constants and types."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.ir.nodes import Const, Expr, Text
from compiler.ir.types import StrType, Type


def positional(c: FunctionChecker, node: ast.Call, count: int) -> list[ast.expr]:
    """Exactly `count` positional arguments and nothing else."""
    name = ast.unparse(node.func)
    if node.keywords:
        raise c.refused("E0802", node.keywords[0], f"{name}() takes no named arguments")
    if len(node.args) != count:
        raise c.refused("E0802", node, f"{name}() takes {count} arguments, not {len(node.args)}")
    return node.args


def bound(
    c: FunctionChecker, node: ast.Call, names: tuple[str, ...], required: int
) -> dict[str, ast.expr]:
    """Arguments by name; the first `required` have to be there."""
    name = ast.unparse(node.func)
    if len(node.args) > len(names):
        raise c.refused(
            "E0802", node, f"{name}() takes {len(names)} arguments, not {len(node.args)}"
        )
    found = dict(zip(names, node.args, strict=False))
    for keyword in node.keywords:
        if keyword.arg not in names or keyword.arg in found:
            raise c.refused("E0802", keyword, f"{name}() takes no argument {keyword.arg!r} here")
        found[keyword.arg] = keyword.value
    missing = [item for item in names[:required] if item not in found]
    if missing:
        raise c.refused("E0802", node, f"{name}() needs {', '.join(map(repr, missing))}")
    return found


def constant_int(c: FunctionChecker, node: ast.expr) -> int:
    """An integer known at compile time."""
    value = c.check(node)
    if isinstance(value, Const) and isinstance(value.value, int):
        return int(value.value)
    raise c.refused("E0902", node, "this has to be a constant integer")


def constant_text(c: FunctionChecker, node: ast.expr) -> str:
    """A string known at compile time."""
    value = c.check(node)
    if isinstance(value, Text) and isinstance(value.type, StrType):
        return value.value.decode()
    raise c.refused("E0902", node, "this has to be a constant str")


def type_argument(c: FunctionChecker, node: ast.expr) -> Type:
    """An argument that is a type."""
    return c.resolve_type(node)


def settled(c: FunctionChecker, node: ast.expr) -> Expr:
    """An argument of any type."""
    return c.check_value(node)
