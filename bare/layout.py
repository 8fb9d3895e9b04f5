"""Layout: sizes, alignments and offsets of types, by the rules of C on a 64-bit machine.

Natural alignment in declaration order; a base struct comes first, whole; a class with a vtable
begins with its pointer. The compiler takes layouts from its own types; a test holds the two
against each other.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from enum import IntEnum
from types import FunctionType, UnionType
from typing import Any

from bare.enums import ENUM_BITS
from bare.scalars import ScalarType
from bare.spans import Array, Span
from bare.structs import FieldSpecifier, StructOptions

POINTER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Size and alignment in bytes, and the byte offset of each field of a struct."""

    size: int
    align: int
    offsets: dict[str, int]


def size_of(of: Any) -> int:
    """Returns the size of a type in bytes."""
    return layout_of(of).size


def align_of(of: Any) -> int:
    """Returns the alignment of a type in bytes."""
    return layout_of(of).align


def offset_of(of: type[Any], field: str) -> int:
    """Returns the byte offset of a field in a struct."""
    offsets = layout_of(of).offsets
    if field not in offsets:
        raise TypeError(f"{of.__name__} has no field {field!r} with an offset")
    return offsets[field]


def layout_of(of: Any) -> Layout:
    """Returns the layout of a scalar, an enumeration, a struct, or a reference to one."""
    if isinstance(of, ScalarType):
        return _plain(of.size)
    if of is bool:
        return _plain(1)
    if isinstance(of, type) and issubclass(of, IntEnum):
        return _plain(next(bits for base, bits in ENUM_BITS.items() if issubclass(of, base)) // 8)
    if isinstance(of, type) and "__struct_options__" in of.__dict__:
        return _struct_layout(of)
    if isinstance(of, type) and hasattr(of, "__layout_bytes__"):
        return _plain(of.__layout_bytes__)
    raise TypeError(f"{of} has no layout")


def _plain(size: int) -> Layout:
    return Layout(size, size, {})


def _field_layout(annotation: Any, default: Any) -> Layout:
    """Returns what one field takes where it stands."""
    origin = typing.get_origin(annotation)
    if isinstance(default, Array):
        element = _element_layout(typing.get_args(annotation)[0])
        return Layout(element.size * len(default), element.align, {})
    if isinstance(default, FieldSpecifier) and default.kind == "inline":
        return layout_of(origin if origin is not None else annotation)
    if origin is Span or annotation is str or _is_bytes(annotation):
        return Layout(2 * POINTER_BYTES, POINTER_BYTES, {})
    if isinstance(annotation, ScalarType) or annotation is bool:
        return layout_of(annotation)
    if isinstance(annotation, type) and issubclass(annotation, IntEnum):
        return layout_of(annotation)
    if isinstance(annotation, type) and hasattr(annotation, "__layout_bytes__"):
        return _plain(annotation.__layout_bytes__)
    return _plain(POINTER_BYTES)


def _is_bytes(annotation: Any) -> bool:
    return getattr(annotation, "__name__", "") == "Bytes"


def _element_layout(annotation: Any) -> Layout:
    """Elements of struct type are embedded; elements `T | None` are references."""
    if typing.get_origin(annotation) in (typing.Union, UnionType):
        return _plain(POINTER_BYTES)
    try:
        return layout_of(annotation)
    except TypeError:
        return _field_layout(annotation, None)


@dataclass(slots=True)
class _Cursor:
    """Where the next field goes, and the unit that `bits` fields share at the moment."""

    end: int = 0
    align: int = 1
    unit_offset: int = 0
    unit_bits: int = 0
    unit_used: int = 0


def _struct_layout(cls: type[Any]) -> Layout:
    options: StructOptions = cls.__dict__["__struct_options__"]
    base = _base_of(cls)
    cursor, offsets = _start(cls, base)
    hints = typing.get_type_hints(cls)
    for name, default in cls.__struct_defaults__.items():
        if base is None or name not in base.__struct_defaults__:
            _place(cursor, offsets, name, hints[name], default, options.packed)
    align = max(cursor.align, options.align or 1)
    size = -(-cursor.end // align) * align
    if options.size is not None and options.size != size:
        raise TypeError(f"{cls.__name__} has {size} bytes, not the {options.size} it says")
    layout = Layout(size, align, offsets)
    _ASKED.setdefault(cls, layout)
    return layout


_ASKED: dict[type[Any], Layout] = {}


def changed_structs() -> list[type[Any]]:
    """Returns structs whose layout is no longer what an earlier call said.

    A class that overrides a method of a struct gives it a vtable. Where the layout was asked for at
    module level before that class was made, the answer was wrong: the compiler refuses it.
    """
    asked = dict(_ASKED)
    return [cls for cls, layout in asked.items() if _struct_layout(cls) != layout]


def _base_of(cls: type[Any]) -> Any:
    for base in cls.__mro__[1:]:
        if "__struct_options__" in base.__dict__:
            return base
    return None


def _start(cls: type[Any], base: Any) -> tuple[_Cursor, dict[str, int]]:
    """Where a struct's own fields begin: after all of the base, or after the vtable's pointer."""
    if base is not None:
        layout = _struct_layout(base)
        return _Cursor(layout.size, layout.align), dict(layout.offsets)
    if _has_vtable(cls):
        return _Cursor(POINTER_BYTES, POINTER_BYTES), {}
    return _Cursor(), {}


def _place(
    cursor: _Cursor, offsets: dict[str, int], name: str, hint: Any, default: Any, packed: bool
) -> None:
    layout = _field_layout(hint, default)
    align = 1 if packed else layout.align
    if isinstance(default, FieldSpecifier) and default.kind == "bits":
        _place_bits(cursor, layout.size, align, default.width or 0)
        return
    cursor.unit_bits = 0
    if isinstance(default, FieldSpecifier) and default.offset is not None:
        offset = default.offset
    else:
        offset = -(-cursor.end // align) * align
    offsets[name] = offset
    cursor.end = max(cursor.end, offset + layout.size)
    cursor.align = max(cursor.align, align)


def _place_bits(cursor: _Cursor, size: int, align: int, width: int) -> None:
    fits = cursor.unit_bits == 8 * size and cursor.unit_used + width <= cursor.unit_bits
    if not fits:
        cursor.unit_offset = -(-cursor.end // align) * align
        cursor.unit_bits = 8 * size
        cursor.unit_used = 0
        cursor.end = cursor.unit_offset + size
        cursor.align = max(cursor.align, align)
    cursor.unit_used += width


def _has_vtable(cls: type[Any]) -> bool:
    """Whether any class of the struct's family has an abstract or an overridden method."""
    root = cls
    while _base_of(root) is not None:
        root = _base_of(root)
    return bool(getattr(root, "__abstractmethods__", None)) or _is_overridden(root, set())


def _is_overridden(cls: type[Any], inherited: set[str]) -> bool:
    own = {
        name
        for name, value in cls.__dict__.items()
        if isinstance(value, FunctionType) and name != "__init__"
    }
    if own & inherited:
        return True
    return any(_is_overridden(derived, inherited | own) for derived in cls.__subclasses__())
