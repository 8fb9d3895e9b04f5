"""Walks the IR: every node of a function, in evaluation order as far as the fields say it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any

from compiler.ir.nodes import Expr, FormatField, Stmt, SwitchCase

NODES = (Expr, Stmt, SwitchCase, FormatField)


@cache
def node_fields(kind: Any) -> tuple[str, ...]:
    """The fields of a node class that can hold nodes."""
    plain = {
        "type",
        "span",
        "name",
        "struct",
        "field",
        "symbol",
        "operator",
        "mode",
        "kind",
        "slot",
    }
    return tuple(item.name for item in dataclasses.fields(kind) if item.name not in plain)


def children(node: Any) -> Iterator[Any]:
    """The nodes directly inside a node."""
    for name in node_fields(node.__class__):
        value = getattr(node, name)
        if isinstance(value, NODES):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, NODES):
                    yield item
                elif isinstance(item, tuple):
                    yield from (part for part in item if isinstance(part, NODES))


def walk(nodes: list[Stmt] | list[Expr]) -> Iterator[Any]:
    """Every node below `nodes`, parents before their children."""
    pending: list[Any] = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(list(children(node))))
