"""Words that end the program or ask about an object: `panic`, `unreachable`, `isinstance`,
`errno_of`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from compiler.frontend.arguments import match_arguments
from compiler.frontend.checker import FunctionChecker
from compiler.frontend.method_calls import finish_call
from compiler.frontend.names import entity_of
from compiler.frontend.source import span_of
from compiler.frontend.symbols import VocabularyEntity
from compiler.frontend.untyped import ErrorValue
from compiler.frontend.word_arguments import positional, type_argument
from compiler.ir.nodes import Compare, Const, Convert, Expr, IsInstance, Local, Logical, Trap
from compiler.ir.types import (
    BOOL,
    FORMAT,
    I32,
    NONE,
    NullableType,
    StructType,
    Type,
)

Handler = Callable[[FunctionChecker, ast.Call, "Type | None"], Expr]


def check_panic(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`panic(message)`, as a statement."""
    raise c.refused("E0605", node, "panic() is a statement of its own")


def check_unreachable(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`unreachable()`, as a statement."""
    raise c.refused("E0605", node, "unreachable() is a statement of its own")


def check_ending(c: FunctionChecker, node: ast.Call) -> bool:
    """Emits the trap if a statement is `panic(...)` or `unreachable()`; says whether it was."""
    entity = entity_of(c, node.func)
    if not isinstance(entity, VocabularyEntity):
        return False
    if entity.key == "panic":
        (argument,) = positional(c, node, 1)
        c.emit(Trap(span_of(node), "PanicError", c.check_as(argument, FORMAT)))
    elif entity.key == "unreachable":
        positional(c, node, 0)
        c.emit(Trap(span_of(node), "UnreachableError", None))
    else:
        return False
    c.flow.is_reachable = False
    return True


def check_isinstance(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`isinstance(x, Derived)`."""
    first, second = positional(c, node, 2)
    value = c.check_value(first)
    type = type_argument(c, second)
    inner = value.type.inner if isinstance(value.type, NullableType) else value.type
    if not isinstance(type, StructType) or not isinstance(inner, StructType):
        raise c.refused(
            "E0301", node, f"isinstance() asks for the class of a struct, not {value.type}"
        )
    info = c.structs.info(type)
    if not info.has_vtable:
        raise c.refused("E0407", node, f"objects of {type} do not know their class")
    if not info.derives(inner.name) and not c.structs.info(inner).derives(type.name):
        raise c.refused("E0301", node, f"{inner} and {type} are not related")
    span = span_of(node)
    if not isinstance(value.type, NullableType):
        return IsInstance(BOOL, span, value, type.name)
    if not isinstance(value, Local):
        raise c.refused(
            "E0311", first, f"{ast.unparse(first)} may be None here", "copy it to a local"
        )
    present = Compare(BOOL, span, "is_not", value, Const(value.type, span, None))
    test = IsInstance(BOOL, span, Convert(inner, span, "unwrap", value), type.name)
    return Logical(BOOL, span, "and", present, test)


def check_errno_of(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`errno_of(error)`."""
    (argument,) = positional(c, node, 1)
    value = c.check(argument)
    if not isinstance(value.type, ErrorValue):
        raise c.refused("E0301", argument, "errno_of() takes the name bound by `except OSError as`")
    return Local(I32, span_of(node), value.type.local)


def check_program_main(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`bare.program.main(...)`: the root module's `main`."""
    root = c.front_end.root
    entity = c.scopes.find_function(root.name, "main") if root is not None else None
    if entity is None:
        for item in node.args:
            c.check_value(item)
        return Const(I32 if node.args else NONE, span_of(node), 0 if node.args else None)
    signature = c.front_end.signatures.get(entity, None, {})
    arguments = match_arguments(c, node, signature.parameters, "main")
    return finish_call(c, node, signature, arguments)


def refuse_iteration(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """`range` and its like as values."""
    raise c.refused("E0204", node, f"{ast.unparse(node.func)}() belongs in a `for` statement")


WORDS: dict[str, Handler] = {
    "panic": check_panic,
    "unreachable": check_unreachable,
    "isinstance": check_isinstance,
    "errno_of": check_errno_of,
    "program.main": check_program_main,
    "range": refuse_iteration,
    "enumerate": refuse_iteration,
    "zip": refuse_iteration,
}
