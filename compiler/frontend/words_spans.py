"""Words on arrays, spans and bytes: `array`, `len`, copies, integers at byte offsets, `view`."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.paths import none_cure
from compiler.frontend.source import span_of
from compiler.frontend.untyped import UnsizedArray
from compiler.frontend.word_arguments import bound, constant_int, positional, type_argument
from compiler.ir.nodes import Const, ConstructArray, Expr, Intrinsic, Length
from compiler.ir.types import (
    BYTES,
    INTEGERS,
    NONE,
    U8,
    U64,
    ArrayType,
    BytesType,
    IntType,
    NullableType,
    SpanType,
    StrType,
    StructType,
    TableType,
    Type,
)

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]
SEQUENCES = (ArrayType, SpanType, TableType, BytesType)


def check_array(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`array(n)`: zeroed elements in this function's frame; the type comes from the annotation."""
    (argument,) = positional(c, node, 1)
    length = constant_int(c, argument)
    if length < 0:
        raise c.refused("E0305", argument, f"an array has no {length} elements")
    if not isinstance(expected, ArrayType | SpanType):
        return Const(UnsizedArray(length), span_of(node), None)
    type = ArrayType(expected.element, length)
    if isinstance(type.element, StructType):
        c.front_end.construct(c.structs.info(type.element))
    return ConstructArray(type, span_of(node), c.slot(type, span_of(node)), None, None)


def check_len(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`len(a)`."""
    (argument,) = positional(c, node, 1)
    value = c.check_value(argument)
    type = value.type
    if isinstance(type, ArrayType):
        return Const(U64, span_of(node), type.length)
    if isinstance(type, SEQUENCES):
        return Length(U64, span_of(node), value)
    if isinstance(type, StrType):
        raise c.refused("E0316", node, "str has no length", "use `len(encode(s))` for its bytes")
    if isinstance(type, NullableType):
        raise c.refused(
            "E0311", argument, f"{ast.unparse(argument)} may be None here", none_cure(argument)
        )
    count = c.front_end.registers.length(c, argument)
    if count is not None:
        return Const(U64, span_of(node), count)
    if isinstance(type, StructType):
        return struct_length(c, node, argument)
    raise c.refused("E0301", argument, f"{type} has no length")


def struct_length(c: FunctionChecker, node: ast.Call, argument: ast.expr) -> Expr:
    """`len(x)` of a class with `__len__`."""
    method = ast.Attribute(argument, "__len__", ast.Load())
    call = ast.Call(method, [], [])
    for item in (method, call):
        ast.copy_location(item, node)
    return c.check_value(call)


def check_span_method(
    c: FunctionChecker, receiver: Expr, node: ast.Call, target: ast.Attribute
) -> Expr:
    """`a.copy_from(b)`, `a.fill(x)`."""
    type = receiver.type
    assert isinstance(type, ArrayType | SpanType)
    if target.attr == "copy_from":
        (argument,) = positional(c, node, 1)
        source = c.check_value(argument)
        source = as_source(c, source, type.element, argument)
        return Intrinsic(NONE, span_of(node), "copy_elements", [receiver, source])
    if target.attr == "fill":
        (argument,) = positional(c, node, 1)
        if isinstance(type.element, StructType):
            raise c.refused("E0401", node, "elements of struct type are embedded")
        value = c.check_as(argument, type.element)
        return Intrinsic(NONE, span_of(node), "fill", [receiver, value])
    raise c.refused(
        "E0203", target, f"{type} has no method {target.attr!r}", "it has `copy_from` and `fill`"
    )


def as_source(c: FunctionChecker, source: Expr, element: Type, node: ast.expr) -> Expr:
    """What elements are copied from."""
    if isinstance(source.type, SpanType | ArrayType | TableType) and source.type.element == element:
        if not (isinstance(source.type, TableType) and isinstance(element, StructType)):
            return source
    if element == U8:
        return c.coerce(source, BYTES, node)
    raise c.refused("E0301", node, f"expected Span[{element}], got {source.type}")


def load(type: IntType, big_endian: bool) -> Handler:
    """`load_u32(bytes, offset)` and its like."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        source, offset = positional(c, node, 2)
        operands = [c.check_as(source, BYTES), c.check_integer(offset)]
        return Intrinsic(type, span_of(node), "load_int", operands, (big_endian,))

    return check


def store(type: IntType, big_endian: bool) -> Handler:
    """`store_u32(span, offset, value)` and its like."""

    def check(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
        target, offset, value = positional(c, node, 3)
        operands = [
            c.check_as(target, SpanType(U8)), c.check_integer(offset), c.check_as(value, type),
        ]  # fmt: skip
        return Intrinsic(NONE, span_of(node), "store_int", operands, (big_endian,))

    return check


def check_view(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`view(T, span, offset)`."""
    given = bound(c, node, ("struct_type", "span", "offset"), 2)
    type = type_argument(c, given["struct_type"])
    if not isinstance(type, StructType) or not c.structs.info(type).packed:
        raise c.refused(
            "E0301", given["struct_type"], f"view() takes a packed struct, not {type}",
            "declare it `@struct(packed=True)`",
        )  # fmt: skip
    source = c.check_as(given["span"], SpanType(U8))
    offset: Expr = Const(U64, span_of(node), 0)
    if "offset" in given:
        offset = c.check_integer(given["offset"])
    return Intrinsic(type, span_of(node), "view", [source, offset])


def _accesses() -> dict[str, Handler]:
    found: dict[str, Handler] = {}
    for name, type in INTEGERS.items():
        if name == "usize":
            continue
        for suffix, big_endian in (("", False), ("_be", True)):
            found[f"load_{name}{suffix}"] = load(type, big_endian)
            found[f"store_{name}{suffix}"] = store(type, big_endian)
    return found


WORDS: dict[str, Handler] = {
    "array": check_array,
    "len": check_len,
    "view": check_view,
    **_accesses(),
}
