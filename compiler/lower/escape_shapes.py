"""Which frame objects a reference of a type can lead into: itself, its bases, and what it embeds."""

from __future__ import annotations

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

Shape = frozenset[tuple[str, Type]]


class Shapes:
    """Answers by types, each computed once."""

    def __init__(self, structs: Structs) -> None:
        self.structs = structs
        self._shapes: dict[Type, Shape] = {}
        self._answers: dict[tuple[Type, Type], bool] = {}

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
