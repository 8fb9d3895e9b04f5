"""Messages to writers and to the program's output."""

from __future__ import annotations

from compiler.backend.formats import call_message, runtime_call
from compiler.backend.function import FunctionLowering
from compiler.backend.layout import FORMAT, VOID, Value
from compiler.ir import nodes as n


def format_write(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Formats a message into a writer."""
    message = lowering.value(node.arguments[0])
    writer = lowering.text(node.arguments[1])
    lowering.at(node.span)
    call_message(lowering, message, writer)
    return VOID


def print_message(lowering: FunctionLowering, node: n.Intrinsic) -> Value:
    """Hands a message to the runtime's `print_message`."""
    message = lowering.value(node.arguments[0])
    lowering.at(node.span)
    argument = f"{FORMAT} {lowering.whole(message)}"
    if not runtime_call(lowering, "print_message", argument):
        raise lowering.bug("the runtime module has no print_message", node.span)
    return VOID
