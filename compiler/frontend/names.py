"""Checks literals and names, and what names of module level are as values."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.diagnostics import RefusedError
from compiler.frontend.loader import Module
from compiler.frontend.paths import narrow
from compiler.frontend.source import span_of
from compiler.frontend.symbols import (
    AliasEntity,
    ClassEntity,
    ConstantEntity,
    Entity,
    ForeignEntity,
    FunctionEntity,
    ModuleEntity,
    TypeVariableEntity,
    VocabularyEntity,
)
from compiler.frontend.untyped import (
    UNTYPED_FLOAT,
    UNTYPED_INT,
    UNTYPED_NONE,
    ErrorValue,
)
from compiler.ir.nodes import (
    Const,
    Expr,
    FunctionRef,
    Local,
    Text,
)
from compiler.ir.types import (
    BOOL,
    BYTES,
    STR,
    Type,
)

# --- literals and names ------------------------------------------------------------------------


def check_literal(c: FunctionChecker, node: ast.Constant, expected: Type | None) -> Expr:
    """A literal."""
    span, value = span_of(node), node.value
    if value is None:
        return Const(UNTYPED_NONE, span, None)
    if isinstance(value, bool):
        return Const(BOOL, span, value)
    if isinstance(value, int):
        return Const(UNTYPED_INT, span, value)
    if isinstance(value, float):
        return Const(UNTYPED_FLOAT, span, value)
    if isinstance(value, str):
        return Text(STR, span, value.encode("utf-8", "surrogateescape"))
    if isinstance(value, bytes):
        return Text(BYTES, span, value)
    raise c.refused("E0102", node, f"{ast.unparse(node)} has no meaning here")


def check_name(c: FunctionChecker, node: ast.Name, expected: Type | None) -> Expr:
    """A local, or something of module level."""
    if node.id in c.assigned_names:
        return read_local(c, node)
    entity = c.scopes.lookup(c.module, node.id)
    if entity is None and node.id == "__doc__":
        return Text(STR, span_of(node), docstring(c.module))
    return entity_value(c, entity, node)


def read_local(c: FunctionChecker, node: ast.Name) -> Expr:
    """The value of a local, narrowed by what is known here."""
    name = node.id
    if name in c.unknown:
        raise RefusedError
    if name not in c.flow.assigned:
        raise c.refused("E0202", node, f"{name!r} may have no value here")
    if name in c.error_locals:
        return Local(ErrorValue(c.error_locals[name]), span_of(node), name)
    value = Local(c.function.locals[name], span_of(node), name)
    return narrow(c, value, (name,))


def entity_value(c: FunctionChecker, entity: Entity | None, node: ast.expr) -> Expr:
    """The value of something of module level."""
    text = ast.unparse(node)
    if entity is None:
        raise c.refused("E0201", node, f"unknown name {text!r}")
    if isinstance(entity, ConstantEntity):
        return c.front_end.constants.value(c, entity, node)
    if isinstance(entity, FunctionEntity):
        signature = c.front_end.signatures.get(entity, None, {})
        c.front_end.request(signature)
        return FunctionRef(signature.callable_type, span_of(node), signature.symbol)
    if isinstance(entity, ForeignEntity):
        raise c.refused(
            "E0004", node, f"{text} comes from {entity.origin}, which exists at compile time only"
        )
    if isinstance(entity, VocabularyEntity) and entity.key.startswith("program."):
        return program_text(c, entity.key, node)
    kinds = {
        ModuleEntity: "a module", ClassEntity: "a class", AliasEntity: "a type",
        TypeVariableEntity: "a type variable", VocabularyEntity: "a word of the language",
    }  # fmt: skip
    raise c.refused("E0204", node, f"{text} is {kinds[type(entity)]}, not a value")


def program_text(c: FunctionChecker, key: str, node: ast.expr) -> Expr:
    """`bare.program.HELP` and `NAME`, of the root module."""
    root = c.front_end.root
    assert root is not None
    if key == "program.HELP":
        return Text(STR, span_of(node), docstring(root))
    if key == "program.NAME":
        return Text(STR, span_of(node), root.name.rpartition(".")[2].encode())
    raise c.refused("E0204", node, f"{ast.unparse(node)} is called, not used as a value")


def docstring(module: Module) -> bytes:
    """A module's docstring, empty if it has none."""
    return (ast.get_docstring(module.tree, clean=True) or "").encode()


def entity_of(c: FunctionChecker, node: ast.expr) -> Entity | None:
    """The module-level entity that a dotted name means; None if it starts at a local or value."""
    if isinstance(node, ast.Name):
        return None if node.id in c.assigned_names else c.scopes.lookup(c.module, node.id)
    if isinstance(node, ast.Attribute):
        holder = entity_of(c, node.value)
        return c.scopes.attribute(holder, node.attr) if holder is not None else None
    return None
