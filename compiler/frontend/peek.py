"""The type of a simple expression, without output, effects or diagnostics."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
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
    """The result of calling a block's class, as in `Uart(address).data.read()`."""
    from compiler.frontend.names import entity_of
    from compiler.frontend.symbols import ClassEntity

    entity = entity_of(c, node.func)
    if isinstance(entity, ClassEntity) and entity.kind == "mmio":
        return c.front_end.annotations.class_type(entity)
    return None
