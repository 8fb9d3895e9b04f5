"""Words on text: `encode`, `text`, `print`, writing messages, panics."""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.formats import join_values
from compiler.frontend.source import span_of
from compiler.frontend.word_arguments import constant_text, positional
from compiler.ir.nodes import Convert, Expr, Intrinsic
from compiler.ir.types import BYTES, FORMAT, NONE, STR, StructType, Type

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]
WRITER = "bare.lib.writer.Writer"


def check_encode(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`encode(s)`."""
    (argument,) = positional(c, node, 1)
    return Convert(BYTES, span_of(node), "str_to_bytes", c.check_as(argument, STR))


def check_text(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`text(b)`."""
    (argument,) = positional(c, node, 1)
    return Convert(STR, span_of(node), "bytes_to_str", c.check_as(argument, BYTES))


def check_print(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`print(*values, end="\\n")`."""
    if not c.front_end.has_print:
        raise c.refused("E0903", node, "the kernel has no standard output")
    end = "\n"
    for keyword in node.keywords:
        if keyword.arg != "end":
            raise c.refused("E0802", keyword, "print() takes `end` only")
        end = constant_text(c, keyword.value)
    values = [c.check_value(item) for item in node.args]
    message = join_values(c, values, node.args, end.encode())
    message.span = span_of(node)
    return Intrinsic(NONE, span_of(node), "print", [message])


def check_write_to(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`write_to(writer, message)`."""
    writer, message = positional(c, node, 2)
    return write(c, node, c.check_as(writer, writer_type(c)), message)


def write(c: FunctionChecker, node: ast.Call, writer: Expr, message: ast.expr) -> Expr:
    """Sends a message to a writer."""
    value = c.check_as(message, FORMAT)
    c.flow.forget_fields()
    return Intrinsic(NONE, span_of(node), "format_write", [value, writer])


def writer_type(c: FunctionChecker) -> StructType:
    """The type of `bare.lib.writer.Writer`."""
    entity = c.scopes.find_class(WRITER)
    assert entity is not None
    type = c.front_end.annotations.class_type(entity)
    assert isinstance(type, StructType)
    return type


def check_format_method(
    c: FunctionChecker, receiver: Expr, node: ast.Call, target: ast.Attribute
) -> Expr:
    """`message.write_to(writer)`."""
    if target.attr != "write_to":
        raise c.refused("E0203", target, f"FormatStr has no method {target.attr!r}")
    (argument,) = positional(c, node, 1)
    writer = c.check_as(argument, writer_type(c))
    c.flow.forget_fields()
    return Intrinsic(NONE, span_of(node), "format_write", [receiver, writer])


WORDS: dict[str, Handler] = {
    "encode": check_encode,
    "text": check_text,
    "print": check_print,
    "write_to": check_write_to,
}
