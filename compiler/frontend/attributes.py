"""Checks `a.b`: names in modules, enum members, fields."""

from __future__ import annotations

import ast

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.names import entity_of, entity_value
from compiler.frontend.paths import narrow, none_cure, path_of, short
from compiler.frontend.source import span_of
from compiler.frontend.structs import StructInfo
from compiler.frontend.symbols import (
    ClassEntity,
    ModuleEntity,
    VocabularyEntity,
)
from compiler.frontend.untyped import (
    ErrorValue,
)
from compiler.ir.nodes import (
    Const,
    Convert,
    Expr,
    FunctionRef,
    GetField,
    Local,
)
from compiler.ir.types import (
    I32,
    U64,
    CallableType,
    EnumType,
    MmioType,
    NullableType,
    PointerType,
    RegisterType,
    StrType,
    StructType,
    Type,
)

# --- attributes --------------------------------------------------------------------------------


PLAIN_CONSTANTS = ("int", "bool", "float", "str", "bytes", "enum")
"""Kinds of values that a class may hold as constants."""


def check_attribute(c: FunctionChecker, node: ast.Attribute, expected: Type | None) -> Expr:
    """`module.name`, `Enum.MEMBER`, `value.field`."""
    holder = entity_of(c, node.value)
    if isinstance(holder, ClassEntity):
        return class_attribute(c, holder, node)
    if isinstance(holder, ModuleEntity):
        entity = c.scopes.attribute(holder, node.attr)
        if entity is None:
            raise c.refused("E0203", node, f"module {holder.name} has no name {node.attr!r}")
        return entity_value(c, entity, node)
    if isinstance(holder, VocabularyEntity):
        entity = c.scopes.attribute(holder, node.attr)
        return entity_value(c, entity, node)
    return value_attribute(c, c.check_value(node.value), node)


def class_attribute(c: FunctionChecker, holder: ClassEntity, node: ast.Attribute) -> Expr:
    """An enum member, a class constant or a static method as a value."""
    if holder.kind == "enum":
        for name, number in holder.facts["members"]:
            if name == node.attr:
                return Const(c.front_end.annotations.class_type(holder), span_of(node), number)
        raise c.refused("E0203", node, f"enum {holder.name} has no member {node.attr!r}")
    method = holder.find_method(node.attr)
    if method is not None and method.is_static and not holder.type_variables:
        type = c.front_end.annotations.class_type(holder)
        assert isinstance(type, StructType)
        found = c.structs.info(type).find_method(node.attr)
        assert found is not None
        signature = c.front_end.signatures.get(method, found[0], found[0].environment)
        c.front_end.request(signature)
        return FunctionRef(signature.callable_type, span_of(node), signature.symbol)
    value = holder.facts.get("class_values", {}).get(node.attr)
    if value is not None and value[0] in PLAIN_CONSTANTS:
        return c.front_end.constants.plain(c, value, node)
    raise c.refused("E0203", node, f"class {holder.name} has no constant {node.attr!r}")


def value_attribute(c: FunctionChecker, holder: Expr, node: ast.Attribute) -> Expr:
    """A field of a value."""
    type = holder.type
    if isinstance(type, StructType):
        return read_field(c, holder, type, node)
    if isinstance(type, RegisterType):
        return c.front_end.registers.read_field(c, holder, type, node)
    if isinstance(type, MmioType | PointerType) and node.attr == "address":
        return Convert(U64, span_of(node), "mmio", holder)
    if isinstance(type, ErrorValue):
        if node.attr == "errno":
            return Local(I32, span_of(node), type.local)
        raise c.refused(
            "E0203", node, "an error has one attribute, `errno`", "use `errno_of(error)`"
        )
    if isinstance(type, NullableType):
        raise c.refused(
            "E0311",
            node.value,
            f"{ast.unparse(node.value)} may be None here",
            none_cure(node.value),
        )
    if isinstance(type, StrType):
        raise c.refused("E0316", node, f"str has no attribute {node.attr!r}")
    if isinstance(type, EnumType) and node.attr == "value":
        return Convert(type.base, span_of(node), "from_enum", holder)
    raise c.refused("E0203", node, f"{type} has no attribute {node.attr!r}")


def class_constant(c: FunctionChecker, info: StructInfo, node: ast.Attribute) -> Expr | None:
    """`self.LIMIT`: a constant of the class or of a base."""
    for owner in info.lineage:
        values = owner.entity.facts.get("class_values", {}) if owner.entity else {}
        value = values.get(node.attr)
        if value is not None and value[0] in PLAIN_CONSTANTS:
            return c.front_end.constants.plain(c, value, node)
    return None


def read_field(c: FunctionChecker, holder: Expr, type: StructType, node: ast.Attribute) -> Expr:
    """Reads a field of a struct."""
    info = c.structs.info(type)
    found = info.fields.get(node.attr)
    if found is None:
        if info.find_method(node.attr) is not None:
            raise c.refused(
                "E0204", node, f"method {node.attr!r} is not a value",
                "call it, or use a module-level function",
            )  # fmt: skip
        constant = class_constant(c, info, node)
        if constant is not None:
            return constant
        names = ", ".join(info.fields) or "none"
        raise c.refused(
            "E0203", node, f"struct {short(type)} has no field {node.attr!r}",
            f"its fields are: {names}",
        )  # fmt: skip
    unset = not found.embedded and isinstance(found.type, StructType | CallableType)
    value = GetField(found.type, span_of(node), holder, type.name, node.attr, unset, found.embedded)
    return narrow(c, value, path_of(c, node))
