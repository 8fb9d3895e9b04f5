"""Words on layout: `size_of`, `align_of`, `offset_of`; constants of the compiler's own layouts."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.source import span_of
from compiler.frontend.untyped import UNTYPED_INT
from compiler.frontend.word_arguments import constant_text, positional, type_argument
from compiler.ir.nodes import Const, Expr
from compiler.ir.types import StructType, Type

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]


def check_size_of(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`size_of(T)`."""
    (argument,) = positional(c, node, 1)
    size, _ = c.structs.size_align(type_argument(c, argument), embedded=True)
    return Const(UNTYPED_INT, span_of(node), size)


def check_align_of(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`align_of(T)`."""
    (argument,) = positional(c, node, 1)
    _, align = c.structs.size_align(type_argument(c, argument), embedded=True)
    return Const(UNTYPED_INT, span_of(node), align)


def check_offset_of(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`offset_of(T, "field")`."""
    struct, field = positional(c, node, 2)
    type = type_argument(c, struct)
    if not isinstance(type, StructType):
        raise c.refused("E0301", struct, f"offset_of() takes a struct, not {type}")
    name = constant_text(c, field)
    place = c.structs.layout(c.structs.info(type)).places.get(name)
    if place is None:
        raise c.refused("E0203", field, f"struct {type} has no field {name!r}")
    return Const(UNTYPED_INT, span_of(node), place.offset)


WORDS: dict[str, Handler] = {
    "size_of": check_size_of,
    "align_of": check_align_of,
    "offset_of": check_offset_of,
}
