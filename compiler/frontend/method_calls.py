"""Calls of methods that the language itself makes: `__enter__`, `next_item`, `allocate_bytes`."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.signatures import Signature
from compiler.frontend.source import span_of
from compiler.frontend.structs import StructInfo
from compiler.frontend.symbols import FunctionEntity
from compiler.ir.nodes import Call, CallVirtual, Convert, Expr
from compiler.ir.types import StructType


def call_struct_method(
    c: FunctionChecker,
    node: ast.expr | ast.stmt,
    receiver: Expr,
    name: str,
    arguments: list[Expr],
) -> Expr:
    """`receiver.name(...)` with arguments already converted."""
    assert isinstance(receiver.type, StructType)
    info = c.structs.info(receiver.type)
    found = info.find_method(name)
    if found is None:
        raise c.refused("E0203", node, f"{info.name} has no method {name!r}")
    owner, entity = found
    signature = c.front_end.signatures.get(entity, owner, dict(owner.environment))
    if len(arguments) != len(signature.parameters) - 1:
        raise c.refused("E0802", node, f"{name}() takes {len(signature.parameters) - 1} arguments")
    if owner is not info:
        receiver = Convert(owner.type, receiver.span, "upcast", receiver)
    values = [receiver]
    for value, parameter in zip(arguments, signature.parameters[1:], strict=True):
        values.append(c.coerce(value, parameter.type, node))
    if is_virtual(info, entity):
        return finish_virtual(c, node, signature, owner, values)
    return finish_call(c, node, signature, values)


def is_virtual(info: StructInfo, entity: FunctionEntity) -> bool:
    """Whether a call on a reference to `info` has to look into the object's vtable."""
    if entity.is_static or entity.name == "__init__":
        return False
    if entity.is_abstract:
        return True
    assert info.entity is not None
    return any(entity.name in derived.methods for derived in info.entity.derived)


def finish_call(
    c: FunctionChecker,
    node: ast.expr | ast.stmt,
    signature: Signature,
    arguments: list[Expr],
) -> Expr:
    """A direct call."""
    entity = signature.entity
    if entity.is_abstract:
        raise c.refused("E0404", node, f"{entity.qualname} is abstract")
    c.front_end.request(signature)
    c.note_errors(signature.raises, node, f"{entity.name}()")
    c.flow.forget_fields()
    return Call(signature.result, span_of(node), signature.symbol, arguments, signature.fallible)


def finish_virtual(
    c: FunctionChecker,
    node: ast.expr | ast.stmt,
    signature: Signature,
    owner: StructInfo,
    arguments: list[Expr],
) -> Expr:
    """A call through the vtable; the slot's number is set when all classes are known."""
    entity = signature.entity
    c.front_end.request_virtual(owner, entity.name)
    c.note_errors(signature.raises, node, f"{entity.name}()")
    c.flow.forget_fields()
    return CallVirtual(
        signature.result, span_of(node), owner.name, entity.name, -1, arguments,
        signature.fallible,
    )  # fmt: skip
