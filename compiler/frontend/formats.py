"""Checks f-strings: fields and their format specifications."""

from __future__ import annotations

import ast
import re

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.source import span_of
from compiler.ir.nodes import Expr, FormatField, FormatSpec, MakeFormat, Text
from compiler.ir.spans import NO_SPAN
from compiler.ir.types import (
    FORMAT,
    STR,
    BoolType,
    BytesType,
    EnumType,
    FloatType,
    FormatType,
    IntType,
    NullableType,
    SpanType,
    Type,
)

SPECIFICATION = re.compile(
    r"(?: ?(?P<align>[<>^]))?(?P<alternate>#)?(?P<zero>0)?(?P<width>[0-9]+)?"
    r"(?P<comma>,)?(?:\.(?P<precision>[0-9]+))?(?P<kind>[a-zA-Z])?"
)
INTEGER_KINDS = ("", "d", "x", "X", "o", "b", "c")
MOST_WIDTH = 255


def check_format_string(c: FunctionChecker, node: ast.JoinedStr, expected: Type | None) -> Expr:
    """An f-string."""
    parts: list[bytes | FormatField] = []
    for item in node.values:
        if isinstance(item, ast.Constant):
            parts.append(str(item.value).encode("utf-8", "surrogateescape"))
        elif isinstance(item, ast.FormattedValue):
            parts.append(check_field(c, item, node))
    return MakeFormat(FORMAT, span_of(node), parts)


def check_field(c: FunctionChecker, item: ast.FormattedValue, owner: ast.JoinedStr) -> FormatField:
    """One `{value:specification}`."""
    if item.conversion != -1:
        raise c.refused(
            "E0315", item.value, f"`!{chr(item.conversion)}` is not in Bare Python",
            "write the value as it shall appear",
        )  # fmt: skip
    value = c.check_value(item.value)
    return make_field(c, value, specification(c, item), item.value)


def specification(c: FunctionChecker, item: ast.FormattedValue) -> str:
    """The text behind the colon."""
    if item.format_spec is None:
        return ""
    assert isinstance(item.format_spec, ast.JoinedStr)
    parts = item.format_spec.values
    if any(not isinstance(part, ast.Constant) for part in parts):
        raise c.refused("E0315", item.value, "a format specification is constant")
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


def make_field(c: FunctionChecker, value: Expr, text: str, node: ast.expr) -> FormatField:
    """A field of a given specification."""
    found = SPECIFICATION.fullmatch(text)
    if found is None:
        raise c.refused("E0315", node, f"format specification {text!r}")
    kind = found["kind"] or ""
    problem = field_problem(value.type, text, kind, found["precision"])
    if problem:
        cure = "write `text(...)` around bytes" if is_bytes(value.type) else ""
        raise c.refused("E0315", node, problem, cure)
    is_number = isinstance(value.type, IntType | FloatType)
    width = int(found["width"] or 0)
    if width > MOST_WIDTH:
        raise c.refused("E0315", node, f"the width is at most {MOST_WIDTH}")
    spec = FormatSpec(
        kind=kind or ("d" if is_number else "s"),
        width=width,
        align=found["align"] or "",
        zero=bool(found["zero"]),
        alternate=bool(found["alternate"]),
        comma=bool(found["comma"]),
        precision=int(found["precision"] or 0),
    )
    return FormatField(value, spec)


def is_bytes(type: Type) -> bool:
    """Whether text() makes a str of it."""
    return isinstance(type, BytesType | SpanType)


def field_problem(type: Type, text: str, kind: str, precision: str | None) -> str:
    """What is wrong with a specification for a type; empty if nothing."""
    if isinstance(type, IntType):
        if kind not in INTEGER_KINDS or precision is not None:
            return f"format specification {text!r} on {type}"
        return ""
    if isinstance(type, FloatType):
        if kind != "f" or precision is None:
            return "a float needs a specification with digits, such as `.3f`"
        return ""
    if type == STR or isinstance(type, BoolType | EnumType):
        fits = kind in ("", "s") and precision is None
        return "" if fits else f"format specification {text!r} on {type}"
    if isinstance(type, FormatType):
        return "" if not text else f"{type} takes no format specification"
    if isinstance(type, NullableType):
        return f"{type} may be None and cannot be written"
    return f"{type} cannot be written in an f-string"


def join_values(c: FunctionChecker, values: list[Expr], nodes: list[ast.expr], end: bytes) -> Expr:
    """The values of `print`, joined by spaces."""
    parts: list[bytes | FormatField] = []
    for index, (value, node) in enumerate(zip(values, nodes, strict=True)):
        if index:
            parts.append(b" ")
        if isinstance(value, MakeFormat):
            parts += value.parts
        elif isinstance(value, Text) and value.type == STR:
            parts.append(value.value)
        else:
            parts.append(make_field(c, value, "", node))
    parts.append(end)
    return parts_of(parts)


def parts_of(parts: list[bytes | FormatField]) -> MakeFormat:
    """A message of parts, adjacent literals joined."""
    merged: list[bytes | FormatField] = []
    for part in parts:
        if isinstance(part, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += part
        elif part != b"":
            merged.append(part)
    return MakeFormat(FORMAT, NO_SPAN, merged)
