"""Checks calls: finds what is called, then its arguments."""

from __future__ import annotations

import ast

from compiler.frontend.annotations import Environment
from compiler.frontend.arguments import counted, match_arguments
from compiler.frontend.checker import FunctionChecker
from compiler.frontend.constructors import check_constructor, convert_scalar
from compiler.frontend.inference import infer_constructor, infer_environment
from compiler.frontend.method_calls import finish_call
from compiler.frontend.methods import check_method_call, check_super_call
from compiler.frontend.names import entity_of, entity_value
from compiler.frontend.signatures import Signature
from compiler.frontend.source import span_of
from compiler.frontend.symbols import (
    AliasEntity,
    ClassEntity,
    FunctionEntity,
    ModuleEntity,
    TypeVariableEntity,
    VocabularyEntity,
)
from compiler.frontend.vocabulary import SCALARS, SIMPLE_TYPES
from compiler.frontend.words import WORDS
from compiler.frontend.words_simd import check_class_method as simd_method
from compiler.ir.nodes import CallIndirect, Expr
from compiler.ir.types import (
    CallableType,
    EnumType,
    FloatType,
    IntType,
    NullableType,
    SimdType,
    StructType,
    Type,
)


def check_call(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """A call of anything."""
    for item in node.args:
        if isinstance(item, ast.Starred):
            raise c.refused(
                "E0102", item, "`*` in calls is not in Bare Python", "pass each argument"
            )
    target = node.func
    if isinstance(target, ast.Subscript):
        return check_explicit_generic(c, node, target, expected)
    if isinstance(target, ast.Name):
        if target.id in c.assigned_names:
            return check_indirect(c, c.check_value(target), node)
        return check_entity_call(c, node, expected)
    if isinstance(target, ast.Attribute):
        return check_attribute_call(c, node, target, expected)
    return check_indirect(c, c.check_value(target), node)


def check_attribute_call(
    c: FunctionChecker, node: ast.Call, target: ast.Attribute, expected: Type | None
) -> Expr:
    """`module.f()`, `Class.static()`, `super().m()`, `value.m()`."""
    if is_super(c, target.value):
        return check_super_call(c, node, target)
    holder = entity_of(c, target.value)
    if isinstance(holder, ModuleEntity):
        return check_entity_call(c, node, expected)
    if isinstance(holder, VocabularyEntity):
        if holder.key.startswith("module:"):
            return check_entity_call(c, node, expected)
        return check_vocabulary_method(c, node, target, holder)
    if isinstance(holder, ClassEntity):
        return check_class_method(c, node, target, holder)
    if isinstance(target.value, ast.Subscript):
        generic = entity_of(c, target.value.value)
        if isinstance(generic, ClassEntity):
            type = c.resolve_type(target.value)
            return check_method_of_type(c, node, target, type)
    access = c.front_end.registers.access(c, node, target)
    if access is not None:
        return access
    receiver = c.check_value(target.value)
    return check_method_call(c, receiver, node, target)


def is_super(c: FunctionChecker, node: ast.expr) -> bool:
    """Whether an expression is `super()`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "super"
        and "super" not in c.assigned_names
    )


def check_entity_call(c: FunctionChecker, node: ast.Call, expected: Type | None) -> Expr:
    """A call of something of module level."""
    entity = entity_of(c, node.func)
    if isinstance(entity, VocabularyEntity):
        return check_word(c, node, entity, expected)
    if isinstance(entity, FunctionEntity):
        return check_function_call(c, node, entity, {}, expected)
    if isinstance(entity, ClassEntity):
        return check_class_call(c, node, entity, expected)
    if isinstance(entity, AliasEntity | TypeVariableEntity):
        return convert_to_type(c, node, c.resolve_type(node.func), expected)
    return check_indirect(c, c.settle(entity_value(c, entity, node.func), node.func), node)


def check_word(
    c: FunctionChecker, node: ast.Call, entity: VocabularyEntity, expected: Type | None
) -> Expr:
    """A call of a word of the language."""
    if entity.key in SCALARS or entity.key == "bool":
        return convert_scalar(c, node, SIMPLE_TYPES[entity.key])
    handler = WORDS.get(entity.key)
    if handler is None:
        raise c.refused("E0803", node, f"{entity.name}() is not in Bare Python")
    return handler(c, node, expected)


def check_class_call(
    c: FunctionChecker, node: ast.Call, entity: ClassEntity, expected: Type | None
) -> Expr:
    """A constructor, or a conversion to an enum, register or block."""
    if entity.kind == "struct" and entity.type_variables:
        type = infer_class(c, node, entity, expected)
    else:
        type = c.front_end.annotations.class_type(entity)
    return convert_to_type(c, node, type, expected)


def infer_class(
    c: FunctionChecker, node: ast.Call, entity: ClassEntity, expected: Type | None
) -> Type:
    """The instance of a generic class that a constructor call makes."""
    if isinstance(expected, NullableType):
        expected = expected.inner
    if isinstance(expected, StructType):
        known = c.front_end.annotations.instances.get(expected.name)
        if known is not None and known[0] is entity:
            return expected
    return infer_constructor(c, node, entity)


def convert_to_type(c: FunctionChecker, node: ast.Call, type: Type, expected: Type | None) -> Expr:
    """`T(...)` for any type."""
    if isinstance(type, StructType):
        return check_constructor(c, node, type)
    if isinstance(type, IntType | FloatType | EnumType):
        return convert_scalar(c, node, type)
    return c.front_end.registers.construct(c, node, type)


def check_explicit_generic(
    c: FunctionChecker, node: ast.Call, target: ast.Subscript, expected: Type | None
) -> Expr:
    """`Pool[Task](...)`, `function[T](...)`, `Pointer[u64](address)`, or a call of an element."""
    entity = entity_of(c, target.value)
    if isinstance(entity, ClassEntity | AliasEntity):
        return convert_to_type(c, node, c.resolve_type(target), expected)
    if isinstance(entity, VocabularyEntity):
        handler = WORDS.get(f"{entity.key}[]")
        if handler is not None:
            return handler(c, node, c.resolve_type(target))
    if isinstance(entity, FunctionEntity):
        raise c.refused(
            "E0804", target, "a function's type arguments are inferred",
            "pass an argument that tells the type",
        )  # fmt: skip
    return check_indirect(c, c.check_value(target), node)


def check_function_call(
    c: FunctionChecker,
    node: ast.Call,
    entity: FunctionEntity,
    environment: Environment,
    expected: Type | None,
) -> Expr:
    """A call of a module-level function."""
    environment = infer_environment(c, node, entity, None, environment, expected)
    signature = c.front_end.signatures.get(entity, None, environment)
    arguments = match_arguments(c, node, signature.parameters, signature.entity.name)
    return finish_call(c, node, signature, arguments)


def check_class_method(
    c: FunctionChecker, node: ast.Call, target: ast.Attribute, holder: ClassEntity
) -> Expr:
    """`Class.method(...)`: a static method, or a method with its receiver as first argument."""
    if holder.kind != "struct":
        return c.front_end.registers.class_call(c, node, target, holder)
    if holder.type_variables:
        raise c.refused("E0804", target, f"{holder.name} needs type arguments here")
    type = c.front_end.annotations.class_type(holder)
    return check_method_of_type(c, node, target, type)


def check_method_of_type(
    c: FunctionChecker, node: ast.Call, target: ast.Attribute, type: Type
) -> Expr:
    """`Struct.method(...)`."""
    assert isinstance(type, StructType)
    found = c.structs.info(type).find_method(target.attr)
    if found is None:
        raise c.refused("E0203", target, f"struct {type} has no method {target.attr!r}")
    owner, entity = found
    environment = infer_environment(c, node, entity, owner, dict(owner.environment), None)
    signature: Signature = c.front_end.signatures.get(entity, owner, environment)
    arguments = match_arguments(c, node, signature.parameters, entity.name)
    return finish_call(c, node, signature, arguments)


def check_vocabulary_method(
    c: FunctionChecker, node: ast.Call, target: ast.Attribute, holder: VocabularyEntity
) -> Expr:
    """`i8x16.load(...)`: a class method of a word."""
    type = SIMPLE_TYPES.get(holder.key)
    if isinstance(type, SimdType):
        return simd_method(c, node, target, type)
    raise c.refused("E0203", target, f"{holder.name} has no method {target.attr!r}")


def check_indirect(c: FunctionChecker, callee: Expr, node: ast.Call) -> Expr:
    """A call of a function value."""
    type = callee.type
    if isinstance(type, NullableType) and isinstance(type.inner, CallableType):
        raise c.refused("E0311", node.func, f"{ast.unparse(node.func)} may be None here")
    if not isinstance(type, CallableType):
        raise c.refused("E0803", node.func, f"{type} is not callable")
    if node.keywords or len(node.args) != len(type.parameters):
        raise c.refused("E0802", node, f"expected {counted(len(type.parameters), 'argument')}")
    arguments = [
        c.check_as(item, wanted) for item, wanted in zip(node.args, type.parameters, strict=True)
    ]
    if type.fallible:
        c.note_errors("any", node, "the call")
    c.flow.forget_fields()
    return CallIndirect(type.result, span_of(node), callee, arguments, type.fallible)
