"""Questions about single syntax nodes."""

from __future__ import annotations

import ast


def is_none(node: ast.expr) -> bool:
    """Whether the expression is `None`."""
    return isinstance(node, ast.Constant) and node.value is None


def is_ellipsis(node: ast.expr) -> bool:
    """Whether the expression is `...`."""
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def is_name(node: ast.expr, name: str) -> bool:
    """Whether an expression is the plain name."""
    return isinstance(node, ast.Name) and node.id == name


def is_call_of(node: ast.expr, name: str) -> bool:
    """Whether an expression is a call of the plain name."""
    return isinstance(node, ast.Call) and is_name(node.func, name)
