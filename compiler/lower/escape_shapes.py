"""Which frame objects a reference of a type can lead into: itself, its bases, and what it
embeds.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.frontend.structs import Structs
from compiler.ir.types import (
    U8,
    ArrayType,
    BytesType,
    NullableType,
    SpanType,
    StrType,
    StructType,
    TableType,
    Type,
)
from compiler.lower.escape_moves import ELEMENTS, holds_reference


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Where a reference is stored in an object, and the type it is stored as.

    `Shapes.field` makes one of a kind, so that it is compared by identity: hashing its type a
    million times was a third of the analysis.
    """

    name: str
    type: Type


Shape = frozenset[tuple[str, Type]]


class Shapes:
    """Answers by types, each computed once."""

    def __init__(self, structs: Structs) -> None:
        self.structs = structs
        self._fields: dict[tuple[str, Type], Field] = {}
        self._shapes: dict[Type, Shape] = {}
        self._answers: dict[tuple[Type, Type], bool] = {}

    def field(self, name: str, type: Type) -> Field:
        """The one object that stands for a field of some name and type."""
        key = (name, type)
        known = self._fields.get(key)
        if known is None:
            known = self._fields[key] = Field(name, type)
        return known

    def may_refer(self, type: Type, object_type: Type) -> bool:
        """Whether a value of `type` may refer to an object of `object_type` or into it."""
        key = (type, object_type)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._may_refer(type, self.shape(object_type))
        return known

    def _may_refer(self, type: Type, shape: Shape) -> bool:
        if isinstance(type, NullableType):
            return self._may_refer(type.inner, shape)
        if isinstance(type, StructType):
            if ("object", type) in shape:
                return True
            return self.structs.info(type).packed and ("elements", U8) in shape
        if isinstance(type, SpanType | ArrayType | TableType):
            return ("elements", type.element) in shape
        if isinstance(type, BytesType | StrType):
            return ("elements", U8) in shape
        return True

    def shape(self, type: Type) -> Shape:
        """What lies in an object: structs with their bases, and elements of arrays."""
        known = self._shapes.get(type)
        if known is None:
            found: set[tuple[str, Type]] = set()
            self._collect(type, found)
            known = self._shapes[type] = frozenset(found)
        return known

    def _collect(self, type: Type, found: set[tuple[str, Type]]) -> None:
        if isinstance(type, ArrayType):
            found.add(("elements", type.element))
            if isinstance(type.element, StructType | ArrayType):
                self._collect(type.element, found)
        elif isinstance(type, StructType):
            info = self.structs.info(type)
            for base in info.lineage:
                found.add(("object", base.type))
            for field in info.fields.values():
                if field.embedded:
                    self._collect(field.type, found)

    def reference_fields(self, struct: str) -> list[tuple[str, Type]]:
        """Names and types of the fields that hold references, embedded structs included."""
        found: list[tuple[str, Type]] = []
        for field in self.structs.info(struct).fields.values():
            type = field.type
            if not field.embedded:
                if holds_reference(type):
                    found.append((field.name, type))
            elif isinstance(type, StructType):
                found += self.reference_fields(type.name)
            elif isinstance(type, ArrayType):
                found += self.element_fields(type)
        return found

    def element_fields(self, type: ArrayType) -> list[tuple[str, Type]]:
        """The same for the elements of an embedded array."""
        if isinstance(type.element, StructType):
            return self.reference_fields(type.element.name)
        return [(ELEMENTS, type.element)] if holds_reference(type.element) else []
