"""Registers and register blocks: fields as shifts and masks, `read` and `write` as one access
each.
"""

from __future__ import annotations

import ast
from typing import Any

from compiler.frontend.checker import FunctionChecker
from compiler.frontend.names import entity_of
from compiler.frontend.peek import peek_type
from compiler.frontend.source import span_of
from compiler.frontend.symbols import ClassEntity
from compiler.frontend.word_arguments import positional
from compiler.ir.nodes import Binary, Const, Convert, Expr, Intrinsic
from compiler.ir.types import (
    BOOL,
    INTEGERS,
    NONE,
    U64,
    EnumType,
    IntType,
    MmioType,
    RegisterType,
    Type,
)

READABLE = ("ReadOnly", "ReadWrite")
WRITABLE = ("WriteOnly", "ReadWrite")


class Registers:
    """The rules of registers."""

    def read_field(
        self, c: FunctionChecker, holder: Expr, type: RegisterType, node: ast.Attribute
    ) -> Expr:
        """`register.field` or `register.value`."""
        span = span_of(node)
        raw = Convert(type.base, holder.span, "from_register", holder)
        if node.attr == "value":
            return raw
        high, low, enum_name, is_bit = self.field(c, type, node)
        mask = Const(type.base, span, (1 << (high - low + 1)) - 1)
        shifted: Expr = raw
        if low:
            shifted = Binary(type.base, span, "shr", "checked", raw, Const(type.base, span, low))
        value: Expr = Binary(type.base, span, "and", "checked", shifted, mask)
        if is_bit:
            return Convert(BOOL, span, "truth", value)
        if enum_name is not None:
            return self._member(c, value, enum_name, node)
        return value

    def _member(self, c: FunctionChecker, value: Expr, enum_name: str, node: ast.Attribute) -> Expr:
        entity = c.scopes.find_class(enum_name)
        if entity is None:
            raise c.refused("E0901", node, f"{enum_name} is not an enum of Bare Python")
        type = c.front_end.annotations.class_type(entity)
        assert isinstance(type, EnumType)
        return Convert(type, span_of(node), "to_enum", value)

    def field(
        self, c: FunctionChecker, type: RegisterType, node: ast.Attribute
    ) -> tuple[int, int, str | None, bool]:
        """High and low bit, enum class, whether it is a `bit`."""
        entity = c.front_end.annotations.classes[type.name]
        fields: list[tuple[str, int, int, str | None, bool]] = entity.facts["register"]["fields"]
        for name, high, low, enum_name, is_bit in fields:
            if name == node.attr:
                return high, low, enum_name, is_bit
        raise c.refused("E0203", node, f"register {entity.name} has no field {node.attr!r}")

    def with_field(
        self, c: FunctionChecker, holder: Expr, node: ast.Attribute, value_node: ast.expr
    ) -> Expr:
        """The register value `holder` with one field replaced."""
        type = holder.type
        assert isinstance(type, RegisterType)
        span, base = span_of(node), type.base
        if node.attr == "value":
            return Convert(type, span, "to_register", c.check_as(value_node, base))
        high, low, enum_name, is_bit = self.field(c, type, node)
        most = (1 << (high - low + 1)) - 1
        number = self._number(c, type, value_node, enum_name, is_bit, most)
        keep = Const(base, span, base.maximum & ~(most << low))
        raw = Convert(base, span, "from_register", holder)
        kept = Binary(base, span, "and", "checked", raw, keep)
        moved = number
        if low:
            shift = Const(base, span, low)
            moved = Binary(base, span, "shl", "wrapping", number, shift)
        return Convert(type, span, "to_register", Binary(base, span, "or", "checked", kept, moved))

    def _number(
        self,
        c: FunctionChecker,
        type: RegisterType,
        node: ast.expr,
        enum_name: str | None,
        is_bit: bool,
        most: int,
    ) -> Expr:
        span, base = span_of(node), type.base
        if is_bit:
            return Convert(base, span, "from_bool", c.check_as(node, BOOL))
        if enum_name is not None:
            entity = c.scopes.find_class(enum_name)
            assert entity is not None
            wanted = c.front_end.annotations.class_type(entity)
            value: Expr = c.check_as(node, wanted)
            assert isinstance(wanted, EnumType)
            value = Convert(wanted.base, span, "from_enum", value)
            kind = "widen" if wanted.base.bits <= base.bits else "wrap"
            if wanted.base != base:
                value = Convert(base, span, kind, value)  # type: ignore[arg-type]
            return value
        value = c.check_as(node, base)
        if isinstance(value, Const) and isinstance(value.value, int):
            if value.value > most:
                raise c.refused("E0305", node, f"constant {value.value} does not fit the field")
            return value
        if most == base.maximum:
            return value
        return self._bounded(value, base, most)

    def _bounded(self, value: Expr, base: IntType, most: int) -> Expr:
        """`value`, trapping where it is too wide for its field: shifted up checked, and back."""
        spare = Const(base, value.span, base.bits - most.bit_length())
        up = Binary(base, value.span, "shl", "checked", value, spare)
        return Binary(base, value.span, "shr", "checked", up, spare)

    def construct(self, c: FunctionChecker, node: ast.Call, type: Type) -> Expr:
        """`Status(value)` and `Uart(address)`."""
        span = span_of(node)
        if isinstance(type, RegisterType):
            if not node.args and not node.keywords:
                value: Expr = Const(type.base, span, 0)
            else:
                (argument,) = positional(c, node, 1)
                value = c.check_as(argument, type.base)
            return Convert(type, span, "to_register", value)
        if isinstance(type, MmioType):
            (argument,) = positional(c, node, 1)
            return Convert(type, span, "mmio", c.check_as(argument, U64))
        raise c.refused("E0803", node, f"{type} is not called")

    def class_call(
        self, c: FunctionChecker, node: ast.Call, target: ast.Attribute, holder: ClassEntity
    ) -> Expr:
        """Calls on enum, register and block classes: there are none."""
        raise c.refused("E0203", target, f"class {holder.name} has no method {target.attr!r}")

    def placed(self, c: FunctionChecker, node: ast.expr) -> tuple[Expr, Any] | None:
        """Block and description, where `node` is `block.register`."""
        if not isinstance(node, ast.Attribute) or entity_of(c, node) is not None:
            return None
        block = c.check_value(node.value)
        if not isinstance(block.type, MmioType):
            return None
        entity = c.front_end.annotations.classes[block.type.name]
        for item in entity.facts["mmio"]["fields"]:
            if item[0] == node.attr:
                return block, item
        raise c.refused("E0203", node, f"block {entity.name} has no register {node.attr!r}")

    def length(self, c: FunctionChecker, node: ast.expr) -> int | None:
        """The number of registers of an array of them."""
        found = self.placed(c, node)
        return found[1][4] if found else None

    def access(self, c: FunctionChecker, node: ast.Call, target: ast.Attribute) -> Expr | None:
        """`block.register.read()`, `block.register[i].write(value)`; None if it is something
        else.
        """
        if target.attr not in ("read", "write"):
            return None
        place = target.value
        index_node: ast.expr | None = None
        if isinstance(place, ast.Subscript):
            index_node = place.slice
            place = place.value
        if not isinstance(place, ast.Attribute) or not self._may_be_block(c, place.value):
            return None
        found = self.placed(c, place)
        if found is None:
            return None
        block, item = found
        return self._access(c, node, target, block, item, index_node)

    def _may_be_block(self, c: FunctionChecker, node: ast.expr) -> bool:
        """Whether the value is a block, found without output or diagnostics."""
        return isinstance(peek_type(c, node), MmioType)

    def _access(
        self,
        c: FunctionChecker,
        node: ast.Call,
        target: ast.Attribute,
        block: Expr,
        item: Any,
        index_node: ast.expr | None,
    ) -> Expr:
        name, offset, type_name, mode, count, stride = item
        span = span_of(node)
        type, base = self.register_type(c, type_name, target)
        address: Expr = Convert(U64, block.span, "mmio", block)
        address = Binary(U64, span, "add", "wrapping", address, Const(U64, span, offset))
        if (index_node is None) != (count is None):
            raise c.refused(
                "E0901", target, f"register {name} is {'one' if count is None else 'an array'}"
            )
        if index_node is not None:
            address = self._element(c, address, index_node, count, stride)
        allowed = READABLE if target.attr == "read" else WRITABLE
        if mode not in allowed:
            words = {"ReadOnly": "read-only", "WriteOnly": "write-only"}
            raise c.refused("E0901", target, f"register {name} is {words[mode]}")
        if target.attr == "read":
            positional(c, node, 0)
            value: Expr = Intrinsic(base, span, "mmio_read", [address])
            return value if type == base else Convert(type, span, "to_register", value)
        (argument,) = positional(c, node, 1)
        value = c.check_as(argument, type)
        if type != base:
            value = Convert(base, span, "from_register", value)
        return Intrinsic(NONE, span, "mmio_write", [address, value])

    def _element(
        self, c: FunctionChecker, address: Expr, node: ast.expr, count: int, stride: int
    ) -> Expr:
        index = c.check_integer(node)
        span = span_of(node)
        checked = Intrinsic(U64, span, "bounded_index", [index], (count,))
        step = Binary(U64, span, "mul", "wrapping", checked, Const(U64, span, stride))
        return Binary(U64, span, "add", "wrapping", address, step)

    def register_type(self, c: FunctionChecker, name: str, node: ast.expr) -> tuple[Type, IntType]:
        """The type of a register's value, and its integer."""
        short = name.removeprefix("bare.scalars.")
        if short in INTEGERS:
            return INTEGERS[short], INTEGERS[short]
        entity = c.scopes.find_class(name)
        if entity is None or entity.kind != "register":
            raise c.refused("E0901", node, f"{name} is not a register")
        type = c.front_end.annotations.class_type(entity)
        assert isinstance(type, RegisterType)
        return type, type.base
