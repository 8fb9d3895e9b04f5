"""Checks `a[i]` and `a[i:j]`."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.paths import none_cure
from compiler.frontend.source import span_of
from compiler.ir.nodes import (
    Expr,
    Index,
    Slice,
)
from compiler.ir.types import (
    U8,
    ArrayType,
    BytesType,
    NullableType,
    PointerType,
    SpanType,
    StrType,
    TableType,
    TupleType,
    Type,
)

# --- subscripts --------------------------------------------------------------------------------

SEQUENCES = (ArrayType, SpanType, TableType, BytesType)


def element_type(type: Type) -> Type | None:
    """The type of `a[i]`; None if it has no elements."""
    if isinstance(type, BytesType):
        return U8
    if isinstance(type, ArrayType | SpanType | TableType | PointerType):
        return type.element
    return None


def check_subscript(c: FunctionChecker, node: ast.Subscript, expected: Type | None) -> Expr:
    """`a[i]` and `a[i:j]`."""
    holder = c.check_value(node.value)
    if isinstance(holder.type, TupleType):
        raise c.refused("E0306", node, "a tuple is unpacked, not indexed", "write `a, b = ...`")
    if isinstance(node.slice, ast.Slice):
        return check_slice(c, holder, node)
    element = indexable(c, holder, node)
    index = c.check_integer(node.slice)
    checked = not isinstance(holder.type, PointerType)
    return Index(element, span_of(node), holder, index, checked)


def indexable(c: FunctionChecker, holder: Expr, node: ast.Subscript) -> Type:
    """The element type of a value that is indexed."""
    element = element_type(holder.type)
    if element is not None:
        return element
    if isinstance(holder.type, StrType):
        raise c.refused("E0316", node, "str has no index")
    if isinstance(holder.type, NullableType):
        raise c.refused(
            "E0311",
            node.value,
            f"{ast.unparse(node.value)} may be None here",
            none_cure(node.value),
        )
    raise c.refused("E0306", node, f"{holder.type} cannot be indexed")


def check_slice(c: FunctionChecker, holder: Expr, node: ast.Subscript) -> Expr:
    """`a[i:j]`."""
    assert isinstance(node.slice, ast.Slice)
    indexable(c, holder, node)
    if node.slice.step is not None:
        raise c.refused("E0306", node.slice, "a slice has no step")
    type = holder.type
    if isinstance(type, PointerType):
        raise c.refused("E0306", node, "a pointer has no slices", "use `span_at`")
    if isinstance(type, ArrayType):
        type = SpanType(type.element)
    start = c.check_integer(node.slice.lower) if node.slice.lower is not None else None
    stop = c.check_integer(node.slice.upper) if node.slice.upper is not None else None
    return Slice(type, span_of(node), holder, start, stop)
