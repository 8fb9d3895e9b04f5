"""Checks method calls: on structs, spans, atomics, registers, vectors, pointers and messages."""

from __future__ import annotations

import ast

from compiler.frontend.arguments import counted, match_arguments
from compiler.frontend.checker import FunctionChecker
from compiler.frontend.inference import infer_environment
from compiler.frontend.method_calls import finish_call, finish_virtual, is_virtual
from compiler.frontend.paths import none_cure, short
from compiler.frontend.source import span_of
from compiler.frontend.structs import StructInfo, is_atomic
from compiler.frontend.symbols import FunctionEntity
from compiler.frontend.words_atomic import check_atomic_method
from compiler.frontend.words_memory import check_struct_copy
from compiler.frontend.words_simd import check_method as check_simd_method
from compiler.frontend.words_spans import check_span_method
from compiler.frontend.words_text import check_format_method
from compiler.frontend.words_unsafe import check_pointer_method
from compiler.ir.nodes import CallIndirect, Convert, Expr, Local
from compiler.ir.types import (
    ArrayType,
    CallableType,
    FormatType,
    MmioType,
    NullableType,
    PointerType,
    SimdType,
    SpanType,
    StrType,
    StructType,
)


def check_method_call(
    c: FunctionChecker, receiver: Expr, node: ast.Call, target: ast.Attribute
) -> Expr:
    """`receiver.method(...)`."""
    type = receiver.type
    if isinstance(type, StructType):
        if is_atomic(type):
            return check_atomic_method(c, receiver, node, target)
        return check_struct_method(c, receiver, type, node, target)
    if isinstance(type, SpanType | ArrayType):
        return check_span_method(c, receiver, node, target)
    if isinstance(type, SimdType):
        return check_simd_method(c, receiver, node, target)
    if isinstance(type, PointerType):
        return check_pointer_method(c, receiver, node, target)
    if isinstance(type, FormatType):
        return check_format_method(c, receiver, node, target)
    if isinstance(type, MmioType):
        raise c.refused("E0203", target, f"{short(type)} has no method {target.attr!r}")
    if isinstance(type, NullableType):
        text = ast.unparse(target.value)
        raise c.refused("E0311", target.value, f"{text} may be None here", none_cure(target.value))
    if isinstance(type, StrType):
        raise c.refused(
            "E0203", target, f"str has no method {target.attr!r}", "use `encode(s)` for its bytes"
        )
    raise c.refused("E0203", target, f"{type} has no method {target.attr!r}")


def check_struct_method(
    c: FunctionChecker, receiver: Expr, type: StructType, node: ast.Call, target: ast.Attribute
) -> Expr:
    """A call of a struct's method, or of a function in a field."""
    info = c.structs.info(type)
    found = info.find_method(target.attr)
    if found is not None:
        return call_method(c, receiver, info, found, node)
    field = info.fields.get(target.attr)
    if field is not None:
        return call_field(c, node, target)
    if target.attr == "copy_from":
        return check_struct_copy(c, receiver, node)
    raise c.refused("E0203", target, f"struct {short(type)} has no method {target.attr!r}")


def call_field(c: FunctionChecker, node: ast.Call, target: ast.Attribute) -> Expr:
    """A call of the function that a field holds."""
    callee = c.check_value(target)
    if isinstance(callee.type, NullableType):
        raise c.refused(
            "E0311", target, f"{ast.unparse(target)} may be None here", none_cure(target)
        )
    if not isinstance(callee.type, CallableType):
        raise c.refused("E0803", target, f"{callee.type} is not callable")
    if node.keywords or len(node.args) != len(callee.type.parameters):
        raise c.refused(
            "E0802", node, f"expected {counted(len(callee.type.parameters), 'argument')}"
        )
    arguments = [
        c.check_as(item, wanted)
        for item, wanted in zip(node.args, callee.type.parameters, strict=True)
    ]
    if callee.type.fallible:
        c.note_errors("any", node, "the call")
    c.flow.forget_fields()
    return CallIndirect(callee.type.result, span_of(node), callee, arguments, callee.type.fallible)


def call_method(
    c: FunctionChecker,
    receiver: Expr,
    info: StructInfo,
    found: tuple[StructInfo, FunctionEntity],
    node: ast.Call,
) -> Expr:
    """A call of a method: static, or through the vtable where a derived class overrides it."""
    owner, entity = found
    environment = infer_environment(c, node, entity, owner, dict(owner.environment), None)
    signature = c.front_end.signatures.get(entity, owner, environment)
    parameters = signature.parameters[1:] if signature.has_receiver else signature.parameters
    arguments = match_arguments(c, node, parameters, entity.name)
    if not signature.has_receiver:
        return finish_call(c, node, signature, arguments)
    if owner is not info:
        receiver = Convert(owner.type, receiver.span, "upcast", receiver)
    if is_virtual(info, entity):
        return finish_virtual(c, node, signature, owner, [receiver, *arguments])
    return finish_call(c, node, signature, [receiver, *arguments])


def check_super_call(c: FunctionChecker, node: ast.Call, target: ast.Attribute) -> Expr:
    """`super().method(...)`: the base's method, never through the vtable."""
    owner = c.signature.owner
    if owner is None or owner.base is None or not c.signature.has_receiver:
        raise c.refused("E0605", node, "`super()` belongs in a method of a derived class")
    found = owner.base.find_method(target.attr)
    if found is None:
        raise c.refused("E0203", target, f"the base has no method {target.attr!r}")
    base, entity = found
    signature = c.front_end.signatures.get(entity, base, dict(base.environment))
    arguments = match_arguments(c, node, signature.parameters[1:], entity.name)
    receiver = Local(owner.type, span_of(target.value), c.signature.parameters[0].name)
    upcast = Convert(base.type, receiver.span, "upcast", receiver)
    return finish_call(c, node, signature, [upcast, *arguments])
