"""Checks constructors of structs and the explicit conversions `T(x)` of scalars and enums."""

from __future__ import annotations

import ast

from compiler.frontend.arguments import bind_arguments, match_arguments
from compiler.frontend.checker import FunctionChecker
from compiler.frontend.conversions import adapt_constant, round_float, widens
from compiler.frontend.signatures import ParameterInfo
from compiler.frontend.source import span_of
from compiler.frontend.structs import FieldInfo, StructInfo, is_atomic
from compiler.frontend.untyped import UNTYPED_FLOAT, UNTYPED_INT
from compiler.ir.nodes import Const, Construct, Convert, Expr
from compiler.ir.types import (
    BOOL,
    BoolType,
    EnumType,
    FloatType,
    IntType,
    MmioType,
    PointerType,
    RegisterType,
    StructType,
    Type,
)


def check_constructor(c: FunctionChecker, node: ast.Call, type: StructType) -> Expr:
    """`Point(1, y=2)`: an object in this function's frame."""
    if is_atomic(type):
        raise c.refused(
            "E0404", node, "an atomic is embedded in a struct", "declare it `= inline()`"
        )
    info = c.structs.info(type)
    missing = info.abstract_methods()
    if missing:
        raise c.refused(
            "E0404", node, f"{type} is abstract: {', '.join(missing)} is not implemented",
        )  # fmt: skip
    c.front_end.construct(info)
    init = info.find_method("__init__")
    if init is not None:
        return construct_with_init(c, node, info, type)
    fields = [item for item in info.fields.values() if item.in_constructor]
    values = field_values(c, node, info, fields)
    slot = c.slot(type, span_of(node))
    return Construct(type, span_of(node), type.name, slot, None, values, None, [], False)


def field_values(
    c: FunctionChecker, node: ast.Call, info: StructInfo, fields: list[FieldInfo]
) -> list[tuple[str, Expr]]:
    """The given fields in order; the others have defaults."""
    parameters = [
        ParameterInfo(item.name, item.type, item.span, item.default if has_default(item) else None)
        for item in fields
    ]
    short = info.entity.name if info.entity else info.name
    bound = bind_arguments(c, node, parameters, short, "E0403")
    types = {item.name: item.type for item in fields}
    return [(name, c.check_as(value, types[name])) for name, value in bound.items()]


def has_default(field: FieldInfo) -> bool:
    """Whether the constructor may leave the field out."""
    return str(field.default[0]) != "missing"


def construct_with_init(
    c: FunctionChecker, node: ast.Call, info: StructInfo, type: StructType
) -> Expr:
    """A constructor of a class with `__init__`."""
    found = info.find_method("__init__")
    assert found is not None
    owner, entity = found
    signature = c.front_end.signatures.get(entity, owner, owner.environment)
    short = info.entity.name if info.entity else info.name
    arguments = match_arguments(c, node, signature.parameters[1:], short)
    c.front_end.request(signature)
    c.note_errors(signature.raises, node, f"{short}()")
    c.flow.forget_fields()
    slot = c.slot(type, span_of(node))
    return Construct(
        type, span_of(node), type.name, slot, None, [], signature.symbol, arguments,
        signature.fallible,
    )  # fmt: skip


def convert_scalar(c: FunctionChecker, node: ast.Call, target: Type) -> Expr:
    """`u32(x)`, `f64(x)`, `bool(x)`, `State(x)`."""
    if len(node.args) != 1 or node.keywords:
        raise c.refused("E0802", node, f"{target}() takes one value")
    value = c.check(node.args[0])
    converted = explicit(c, value, target, node)
    if converted is None:
        raise c.refused("E0301", node, f"{value.type} does not convert to {target}")
    return converted


def explicit(c: FunctionChecker, value: Expr, target: Type, node: ast.Call) -> Expr | None:
    """`value` converted as `T(x)` does; None where there is no such conversion."""
    span = span_of(node)
    if isinstance(value, Const) and value.type in (UNTYPED_INT, UNTYPED_FLOAT):
        if isinstance(target, IntType | FloatType):
            return constant(c, value, target, node)
    value = c.settle(value, node)
    source = value.type
    if source == target:
        return value
    if isinstance(target, BoolType):
        return Convert(BOOL, span, "truth", value) if isinstance(source, IntType) else None
    if isinstance(target, EnumType):
        return to_enum(c, value, target, node)
    if isinstance(source, EnumType) and isinstance(target, IntType):
        return explicit(c, Convert(source.base, span, "from_enum", value), target, node)
    if isinstance(source, RegisterType) and isinstance(target, IntType):
        return explicit(c, Convert(source.base, span, "from_register", value), target, node)
    if isinstance(source, BoolType) and isinstance(target, IntType):
        return Convert(target, span, "from_bool", value)
    if isinstance(source, PointerType | MmioType) and target == IntType(64, signed=False):
        return Convert(target, span, "mmio", value)
    return numeric(value, target, node)


def numeric(value: Expr, target: Type, node: ast.Call) -> Expr | None:
    """Between integers and floats."""
    span, source = span_of(node), value.type
    if widens(source, target):
        return Convert(target, span, "widen", value)
    if isinstance(target, IntType) and isinstance(source, IntType | FloatType):
        if isinstance(value, Const) and isinstance(value.value, int) and target.holds(value.value):
            return Const(target, span, value.value)
        return Convert(target, span, "checked", value)
    if isinstance(target, FloatType) and isinstance(source, IntType | FloatType):
        return Convert(target, span, "round", value)
    return None


def to_enum(c: FunctionChecker, value: Expr, target: EnumType, node: ast.Call) -> Expr | None:
    """`State(x)`: a number to a member, trapping when there is none."""
    if not isinstance(value.type, IntType):
        return None
    return Convert(target, span_of(node), "to_enum", value)


def constant(
    c: FunctionChecker, value: Const, target: IntType | FloatType, node: ast.Call
) -> Const:
    """A constant given its type."""
    number = value.value
    assert number is not None
    if isinstance(target, FloatType):
        return Const(target, span_of(node), round_float(float(number), target))
    whole = Const(UNTYPED_INT, span_of(node), int(number))
    made = adapt_constant(whole, target)
    if made is None:
        raise c.refused("E0305", node, f"constant {number} does not fit {target}")
    return made
