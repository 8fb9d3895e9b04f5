"""The type of a simple expression, without output, effects or diagnostics."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.diagnostics import RefusedError
from compiler.frontend.names import entity_of
from compiler.frontend.symbols import ClassEntity, FunctionEntity
from compiler.ir.types import ArrayType, NullableType, SpanType, StructType, Type


def peek_type(c: FunctionChecker, node: ast.expr) -> Type | None:
    """The type of a local or of a chain of fields and elements that starts at one; else None."""
    if isinstance(node, ast.Name):
        if node.id not in c.assigned_names:
            return None
        known = c.flow.narrowed.get((node.id,))
        return known or c.function.locals.get(node.id)
    if isinstance(node, ast.Subscript):
        holder = peek_type(c, node.value)
        return holder.element if isinstance(holder, ArrayType | SpanType) else None
    if isinstance(node, ast.Attribute):
        holder = peek_type(c, node.value)
        if isinstance(holder, NullableType):
            holder = holder.inner
        if isinstance(holder, StructType):
            field = c.structs.info(holder).fields.get(node.attr)
            return field.type if field else None
        return None
    if isinstance(node, ast.Call):
        return call_type(c, node)
    return None


def call_type(c: FunctionChecker, node: ast.Call) -> Type | None:
    """The result of a call of a block's class, a function or a method."""
    entity = entity_of(c, node.func)
    if isinstance(entity, ClassEntity) and entity.kind == "mmio":
        return c.front_end.annotations.class_type(entity)
    if isinstance(entity, FunctionEntity):
        signature = c.front_end.find_signature(entity.module.name, entity.name)
        return signature.result if signature else None
    if not isinstance(node.func, ast.Attribute):
        return None
    holder = peek_type(c, node.func.value)
    if not isinstance(holder, StructType):
        return None
    found = c.structs.info(holder).find_method(node.func.attr)
    if found is None:
        return None
    try:
        return c.front_end.signatures.get(found[1], found[0], found[0].environment).result
    except RefusedError:
        return None
