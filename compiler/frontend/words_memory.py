"""Words on objects from allocators, and copies of whole structs."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.method_calls import call_struct_method
from compiler.frontend.source import span_of
from compiler.frontend.word_arguments import positional, type_argument
from compiler.ir.nodes import (
    Allocate,
    Binary,
    Bind,
    Const,
    Construct,
    ConstructArray,
    Expr,
    Intrinsic,
    Length,
)
from compiler.ir.nodes import Local as LocalNode
from compiler.ir.types import NONE, U64, NullableType, SpanType, StructType, Type

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]
ALLOCATOR = "bare.lib.allocator.Allocator"


def allocator_type(c: FunctionChecker, node: ast.expr) -> StructType:
    """The type of `bare.lib.allocator.Allocator`."""
    entity = c.scopes.find_class(ALLOCATOR)
    if entity is None:
        raise c.refused(
            "E0301", node, "this program has no allocator", "import Allocator from bare"
        )
    type = c.front_end.annotations.class_type(entity)
    assert isinstance(type, StructType)
    return type


def check_allocate(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`allocate(allocator, T)`, or `allocate(allocator)` where the wanted type is known."""
    first, *rest = positional(c, node, min(max(len(node.args), 1), 2))
    allocator = allocator_value(c, first)
    if rest:
        type = type_argument(c, rest[0])
    else:
        type = expected_type(c, node, expected)
    if not isinstance(type, StructType):
        raise c.refused("E0301", node, f"allocate() makes structs, not {type}", "use allocate_span")
    info = c.structs.info(type)
    missing = info.abstract_methods()
    if missing:
        raise c.refused(
            "E0404", node, f"{type} is abstract: {', '.join(missing)} is not implemented"
        )
    c.front_end.construct(info)
    span = span_of(node)
    size, align = c.structs.size_align(type, embedded=True)
    request = request_bytes(c, node, allocator, Const(U64, span, size), align)
    address = c.temporary(U64, "address")
    place = LocalNode(U64, span, address)
    made = Construct(type, span, type.name, None, place, [], None, [], False)
    return Allocate(type, span, request, address, None, None, made)


def check_allocate_span(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`allocate_span(allocator, T, n)`, or `allocate_span(allocator, n)`."""
    first, *rest = positional(c, node, min(max(len(node.args), 2), 3))
    allocator = allocator_value(c, first)
    if len(rest) == 2:
        element = type_argument(c, rest[0])
    else:
        wanted = expected_type(c, node, expected)
        if not isinstance(wanted, SpanType):
            raise c.refused("E0312", node, "the element type is not known here")
        element = wanted.element
    count = c.check_as(rest[-1], U64)
    if isinstance(element, StructType):
        c.front_end.construct(c.structs.info(element))
    span = span_of(node)
    size, align = c.structs.size_align(element, embedded=True)
    length = c.temporary(U64, "length")
    many = LocalNode(U64, span, length)
    total = Binary(U64, span, "mul", "checked", many, Const(U64, span, size))
    request = request_bytes(c, node, allocator, total, align)
    address = c.temporary(U64, "address")
    type = SpanType(element)
    made = ConstructArray(type, span, None, LocalNode(U64, span, address), many)
    return Allocate(type, span, request, address, count, length, made)


def expected_type(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Type:
    """The type that the place of the call asks for, without None."""
    if isinstance(expected, NullableType):
        expected = expected.inner
    if expected is None:
        raise c.refused(
            "E0312", node, "the type to allocate is not known here", "give it: `(allocator, T)`"
        )
    return expected


def allocator_value(c: FunctionChecker, node: ast.expr) -> Expr:
    """The allocator argument, kept at its own class for a direct call."""
    value = c.check_value(node)
    base = allocator_type(c, node)
    c.coerce(value, base, node)
    return value


def request_bytes(
    c: FunctionChecker, node: ast.Call, allocator: Expr, size: Expr, align: int
) -> Expr:
    """The call of `allocate_bytes`."""
    arguments = [size, Const(U64, span_of(node), align)]
    return call_struct_method(c, node, allocator, "allocate_bytes", arguments)


def check_release(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`release(allocator, object)`."""
    first, second = positional(c, node, 2)
    allocator = allocator_value(c, first)
    value = c.check_value(second)
    span = span_of(node)
    if isinstance(value.type, StructType):
        size: Expr = Const(U64, span, c.structs.size_align(value.type, embedded=True)[0])
    elif isinstance(value.type, SpanType):
        name = c.temporary(value.type, "span")
        return release_span(c, node, allocator, value, name)
    else:
        raise c.refused("E0301", second, f"release() takes an object or a span, not {value.type}")
    address = Intrinsic(U64, span, "release", [value])
    return call_struct_method(c, node, allocator, "free_bytes", [address, size])


def release_span(
    c: FunctionChecker, node: ast.Call, allocator: Expr, value: Expr, name: str
) -> Expr:
    """Gives a span back."""
    assert isinstance(value.type, SpanType)
    span = span_of(node)
    each, _ = c.structs.size_align(value.type.element, embedded=True)
    bind = Bind(value.type, span, name, value)
    address = Intrinsic(U64, span, "release", [bind])
    length = Length(U64, span, LocalNode(value.type, span, name))
    size = Binary(U64, span, "mul", "checked", length, Const(U64, span, each))
    return call_struct_method(c, node, allocator, "free_bytes", [address, size])


def check_copy_struct(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`copy_struct(target, source)`."""
    first, second = positional(c, node, 2)
    return copy(c, node, c.check_value(first), second)


def check_struct_copy(c: FunctionChecker, receiver: Expr, node: ast.Call) -> Expr:
    """`a.copy_from(b)` of structs."""
    (argument,) = positional(c, node, 1)
    return copy(c, node, receiver, argument)


def copy(c: FunctionChecker, node: ast.Call, target: Expr, source: ast.expr) -> Expr:
    """Copies all fields."""
    if not isinstance(target.type, StructType):
        raise c.refused("E0301", node, f"copy_struct() copies structs, not {target.type}")
    value = c.check_as(source, target.type)
    c.flow.forget_fields()
    return Intrinsic(NONE, span_of(node), "copy_struct", [target, value], (target.type.name,))


WORDS: dict[str, Handler] = {
    "allocate": check_allocate,
    "allocate_span": check_allocate_span,
    "release": check_release,
    "copy_struct": check_copy_struct,
}
