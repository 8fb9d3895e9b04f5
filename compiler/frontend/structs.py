"""Structs as the checker sees them: fields with their storage, methods, bases; and their layout.

A field's annotation gives the type, the description of its default (from compile time) the storage.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from compiler.frontend.annotations import UNSIZED, Annotations, Environment
from compiler.frontend.diagnostics import Diagnostics, RefusedError
from compiler.frontend.source import header_span, span_of
from compiler.frontend.storage import POINTER_BYTES, round_up, value_size
from compiler.frontend.symbols import ClassEntity, FunctionEntity, VocabularyEntity
from compiler.frontend.vocabulary import ATOMICS
from compiler.ir.spans import NO_SPAN, Span
from compiler.ir.types import (
    ArrayType,
    EnumType,
    FormatType,
    IntType,
    NeverType,
    NoneType,
    StructType,
    Type,
)

MISSING: tuple[Any, ...] = ("missing",)


@dataclass(slots=True)
class FieldInfo:
    """One field: type, storage and default."""

    name: str
    type: Type
    span: Span
    owner: str
    default: tuple[Any, ...] = MISSING
    """Description of the default value; missing: the constructor needs it."""
    embedded: bool = False
    big_endian: bool = False
    bit_width: int = 0
    at: int | None = None

    @property
    def in_constructor(self) -> bool:
        """Whether the constructor takes it."""
        return not self.embedded


@dataclass(slots=True)
class FieldPlace:
    """Where a field is."""

    offset: int
    size: int
    bit_offset: int = 0


@dataclass(slots=True)
class Layout:
    """Size, alignment and the places of all fields."""

    size: int
    align: int
    places: dict[str, FieldPlace]


@dataclass(eq=False, slots=True)
class StructInfo:
    """One struct, an instance of a generic class included."""

    name: str
    entity: ClassEntity | None
    environment: Environment
    base: StructInfo | None
    fields: dict[str, FieldInfo] = field(default_factory=dict)
    packed: bool = False
    layout: Layout | None = None
    in_layout: bool = False

    @property
    def lineage(self) -> list[StructInfo]:
        """This struct, then its bases."""
        found = [self]
        while found[-1].base is not None:
            found.append(found[-1].base)
        return found

    @property
    def has_vtable(self) -> bool:
        """Whether objects begin with a vtable pointer."""
        root = self.lineage[-1].entity
        return root is not None and root.family_is_virtual

    @property
    def type(self) -> StructType:
        """The type of a reference to it."""
        return StructType(self.name)

    def find_method(self, name: str) -> tuple[StructInfo, FunctionEntity] | None:
        """The method that an object of exactly this struct has, with the struct that defines it."""
        for info in self.lineage:
            if info.entity is not None and name in info.entity.methods:
                return info, info.entity.methods[name]
        return None

    def derives(self, name: str) -> bool:
        """Whether this is struct `name` or derived from it."""
        return any(info.name == name for info in self.lineage)

    def abstract_methods(self) -> list[str]:
        """Names of methods without an implementation."""
        names: dict[str, bool] = {}
        for info in reversed(self.lineage):
            if info.entity is not None:
                for name, method in info.entity.methods.items():
                    names[name] = method.is_abstract
        return [name for name, is_abstract in names.items() if is_abstract]


class Structs:
    """All structs of a program, made when first asked for."""

    def __init__(self, annotations: Annotations, diagnostics: Diagnostics) -> None:
        self.annotations = annotations
        self.diagnostics = diagnostics
        self.infos: dict[str, StructInfo] = {}

    def info(self, type: StructType | str) -> StructInfo:
        """The struct of a type."""
        name = type if isinstance(type, str) else type.name
        found = self.infos.get(name)
        if found is None:
            found = self._make_atomic(name) or self._make(name)
        return found

    def _make_atomic(self, name: str) -> StructInfo | None:
        word = name.removeprefix("bare.")
        if word not in ATOMICS:
            return None
        info = StructInfo(name, None, {}, None)
        default = ("int", 0)
        info.fields["value"] = FieldInfo("value", ATOMICS[word], NO_SPAN, name, default)
        self.infos[name] = info
        return info

    def _make(self, name: str) -> StructInfo:
        entity, arguments = self.annotations.instances[name]
        environment = dict(zip(entity.type_variables, arguments, strict=True))
        base = self._base(entity, environment)
        info = StructInfo(name, entity, environment, base)
        self.infos[name] = info
        options = entity.facts.get("options") or {}
        info.packed = bool(options.get("packed"))
        if base is not None:
            info.fields.update(base.fields)
        for statement in entity.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                self._add_field(info, entity, statement, statement.target.id)
        return info

    def _base(self, entity: ClassEntity, environment: Environment) -> StructInfo | None:
        if entity.base is None or entity.base_node is None or entity.base.kind != "struct":
            return None
        try:
            type = self.annotations.resolve(entity.module, entity.base_node, environment)
        except RefusedError:
            return None
        return self.info(type) if isinstance(type, StructType) else None

    def _add_field(
        self, info: StructInfo, entity: ClassEntity, node: ast.AnnAssign, name: str
    ) -> None:
        if is_class_variable(self.annotations, entity, node.annotation):
            return
        try:
            type = self.annotations.resolve(
                entity.module, node.annotation, info.environment, info.type
            )
        except RefusedError:
            return
        described = entity.facts.get("defaults", {}).get(name)
        if described is None:
            described = MISSING if node.value is None else ("none",)
        made = FieldInfo(name, type, span_of(node.target), info.name)
        self._set_storage(made, described)
        problem = self._storage_problem(made, entity)
        if problem:
            code = "E0314" if isinstance(type, FormatType) else "E0402"
            problem = self.annotations.shorten(problem)
            self.diagnostics.report(code, entity.module.path, span_of(node), problem)
            return
        info.fields[name] = made

    def _set_storage(self, made: FieldInfo, described: tuple[Any, ...]) -> None:
        if described[0] == "array":
            made.embedded = True
            if isinstance(made.type, ArrayType):
                made.type = ArrayType(made.type.element, described[1])
        elif described[0] == "field":
            _, kind, width, offset, big_endian, default = described
            made.embedded = kind == "inline"
            made.bit_width = width or 0
            made.at = offset
            made.big_endian = big_endian
            made.default = default
        else:
            made.default = described
        if made.at is not None and made.default[0] == "array":
            made.embedded = True
            if isinstance(made.type, ArrayType):
                made.type = ArrayType(made.type.element, made.default[1])
        if made.at is not None and made.default[0] == "field":
            made.embedded = made.default[1] == "inline"

    def _storage_problem(self, made: FieldInfo, entity: ClassEntity) -> str:
        if entity.facts == {}:
            return ""
        if isinstance(made.type, FormatType | NoneType | NeverType):
            return f"a field cannot have the type {made.type}"
        if isinstance(made.type, ArrayType):
            if not made.embedded or made.type.length == UNSIZED:
                return f"field {made.name} needs its length: `= array(N)`"
            return ""
        if made.embedded and not isinstance(made.type, StructType):
            if (
                made.default[0] == "missing"
                and made.at is None
                and not self._is_inline(made, entity)
            ):
                return f"`array(N)` is the storage of `Array[T]`, not of {made.type}"
            return f"`inline()` embeds a struct, not {made.type}"
        if made.embedded or not isinstance(made.type, StructType):
            return self._number_problem(made)
        return "an atomic is embedded: `= inline()`" if is_atomic(made.type) else ""

    def _is_inline(self, made: FieldInfo, entity: ClassEntity) -> bool:
        described = entity.facts.get("defaults", {}).get(made.name, MISSING)
        return bool(described[0] == "field")

    def _number_problem(self, made: FieldInfo) -> str:
        if made.bit_width:
            base = made.type.base if isinstance(made.type, EnumType) else made.type
            bits = base.bits if isinstance(base, IntType) else 1
            if not 0 < made.bit_width <= bits:
                return f"bits({made.bit_width}) do not fit {made.type}"
        if made.big_endian and not isinstance(made.type, IntType | EnumType):
            return f"big_endian() is for integers, not {made.type}"
        return ""

    def common_base(self, one: Type, other: Type) -> Type | None:
        """The nearest struct that both derive from; None if there is none."""
        if one == other:
            return one
        if isinstance(one, StructType) and isinstance(other, StructType):
            for info in self.info(one).lineage:
                if self.info(other).derives(info.name):
                    return info.type
        return None

    def size_align(self, type: Type, *, embedded: bool) -> tuple[int, int]:
        """Size and alignment of a stored value, or of the struct or array itself."""
        if isinstance(type, StructType) and embedded:
            layout = self.layout(self.info(type))
            return layout.size, layout.align
        if isinstance(type, ArrayType):
            size, align = self.size_align(type.element, embedded=True)
            return size * max(type.length, 0), align
        return value_size(type)

    def layout(self, info: StructInfo) -> Layout:
        """The layout of a struct, computed once."""
        if info.layout is None:
            if info.in_layout:
                self._report(info, f"struct {info.name} contains itself; use a reference")
                info.layout = Layout(0, 1, {})
                return info.layout
            info.in_layout = True
            made = LayoutMaker(self, info).make()
            info.layout = info.layout or made
        return info.layout

    def _report(self, info: StructInfo, message: str, span: Span | None = None) -> None:
        if info.entity is not None:
            place = span or header_span(info.entity.node)
            message = self.annotations.shorten(message)
            self.diagnostics.report("E0402", info.entity.module.path, place, message)

    def complain(self, info: StructInfo, message: str, span: Span | None = None) -> None:
        """Records a layout error of `info`."""
        self._report(info, message, span)


class LayoutMaker:
    """Places the fields of one struct."""

    def __init__(self, structs: Structs, info: StructInfo) -> None:
        self.structs = structs
        self.info = info
        self.end = 0
        self.align = 1
        self.places: dict[str, FieldPlace] = {}
        self.unit = FieldPlace(0, 0)

    def make(self) -> Layout:
        """The whole layout."""
        info = self.info
        own = list(info.fields.values())
        if info.base is not None:
            base = self.structs.layout(info.base)
            self.end, self.align = base.size, base.align
            self.places.update(base.places)
            own = [item for item in own if item.name not in info.base.fields]
        elif info.has_vtable:
            self.end = self.align = POINTER_BYTES
        for item in own:
            self._place(item)
        return self._finish()

    def _place(self, item: FieldInfo) -> None:
        size, align = self.structs.size_align(item.type, embedded=item.embedded)
        if self.info.packed:
            align = 1
        if item.bit_width:
            self._place_bits(item, size, align)
            return
        self.unit = FieldPlace(0, 0)
        offset = item.at if item.at is not None else round_up(self.end, align)
        if item.at is not None and item.at % align:
            self.structs.complain(
                self.info, f"field {item.name} at {item.at:#x} is not aligned to {align}", item.span
            )
        if item.at is not None and item.at < self.end and self._overlaps(offset, size):
            self.structs.complain(
                self.info, f"field {item.name} at {item.at:#x} overlaps another field", item.span
            )
        self.places[item.name] = FieldPlace(offset, size)
        self.end = max(self.end, offset + size)
        self.align = max(self.align, align)

    def _overlaps(self, offset: int, size: int) -> bool:
        return any(
            offset < place.offset + place.size and place.offset < offset + size
            for place in self.places.values()
        )

    def _place_bits(self, item: FieldInfo, size: int, align: int) -> None:
        unit = self.unit
        if unit.size != size or unit.bit_offset + item.bit_width > 8 * size:
            unit = self.unit = FieldPlace(round_up(self.end, align), size)
            self.end = unit.offset + size
            self.align = max(self.align, align)
        self.places[item.name] = FieldPlace(unit.offset, size, unit.bit_offset)
        unit.bit_offset += item.bit_width

    def _finish(self) -> Layout:
        entity = self.info.entity
        options = (entity.facts.get("options") or {}) if entity else {}
        align = max(self.align, options.get("align") or 1)
        size = round_up(self.end, align)
        wanted = options.get("size")
        if wanted is not None and wanted != size:
            self.structs.complain(
                self.info, f"struct {self.info.name} has {size} bytes, not the {wanted} it says"
            )
        return Layout(size, align, self.places)


def is_atomic(type: Type) -> bool:
    """Whether the type is a built-in atomic."""
    return isinstance(type, StructType) and type.name.removeprefix("bare.") in ATOMICS


def is_class_variable(annotations: Annotations, entity: ClassEntity, node: ast.expr) -> bool:
    """Whether an annotation is `ClassVar[...]`: a constant of the class, no field."""
    if not isinstance(node, ast.Subscript):
        return False
    found = annotations.scopes.resolve_dotted(entity.module, node.value)
    return isinstance(found, VocabularyEntity) and found.key == "ClassVar"
