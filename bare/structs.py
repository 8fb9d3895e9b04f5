"""`@struct`: records with C layout, and the field specifiers that say how a field is stored.

The annotation says the type, the default says the storage. To the type checker a struct is a
dataclass: fields without a default are required by the constructor; `inline()` and `array()`
fields are not in it. In a plain import a struct is an ordinary class whose instances may be made
as constants.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, dataclass_transform, overload

from bare.spans import Array, array

Class = TypeVar("Class", bound=type)
Record = TypeVar("Record")

MISSING: Any = object()
"""The default of a field that has none."""


@dataclass(frozen=True, slots=True)
class FieldSpecifier:
    """How a field is stored, where its default is not a plain value."""

    kind: Literal["inline", "bits", "big_endian", "at"]
    width: int | None = None
    offset: int | None = None
    big_endian: bool = False
    default: Any = MISSING


@dataclass(frozen=True, slots=True)
class StructOptions:
    """The arguments of `@struct(...)`."""

    size: int | None = None
    packed: bool = False
    align: int | None = None


def inline(*, init: Literal[False] = False) -> Any:
    """Embeds the struct of the annotation in this one; its fields get their defaults."""
    return FieldSpecifier("inline")


def big_endian(*, default: int = MISSING) -> Any:
    """Stores an integer with its most significant byte first."""
    return FieldSpecifier("big_endian", big_endian=True, default=default)


def bits(width: int, *, default: int = MISSING) -> Any:
    """Packs an integer into `width` bits, from the lowest bit of a unit of the declared type."""
    return FieldSpecifier("bits", width=width, default=default)


def at(offset: int, *, big_endian: bool = False, default: Any = MISSING) -> Any:
    """Places a field at a byte offset."""
    return FieldSpecifier("at", offset=offset, big_endian=big_endian, default=default)


@overload
def struct(cls: Class, /) -> Class: ...
@overload
def struct(
    *, size: int | None = None, packed: bool = False, align: int | None = None
) -> Callable[[Class], Class]: ...


@dataclass_transform(eq_default=False, field_specifiers=(inline, array, big_endian, bits, at))
def struct(
    cls: Any = None, /, *, size: int | None = None, packed: bool = False, align: int | None = None
) -> Any:
    """Makes a class a struct.

    `size` asserts the size in bytes, `packed` drops alignment, `align` raises it.
    """
    options = StructOptions(size=size, packed=packed, align=align)

    def make(target: type) -> type:
        return _make_struct(target, options)

    return make if cls is None else make(cls)


def copy_struct(target: Record, source: Record) -> None:
    """Copies all fields of `source`, embedded ones too, into an object of the same type."""
    if type(target) is not type(source):
        raise TypeError(f"cannot copy a {type(source).__name__} into a {type(target).__name__}")
    defaults: dict[str, Any] = type(target).__dict__["__struct_defaults__"]
    for name, default in defaults.items():
        value = getattr(source, name)
        if isinstance(default, Array):
            getattr(target, name).copy_from(value)
        elif _is_embedded(default):
            copy_struct(getattr(target, name), value)
        else:
            setattr(target, name, value)


def _make_struct(cls: type, options: StructOptions) -> type:
    own = inspect.get_annotations(cls)
    inherited = getattr(cls, "__struct_defaults__", {})
    defaults = dict(inherited)
    for name in own:
        defaults[name] = cls.__dict__.get(name, MISSING)
    type.__setattr__(cls, "__struct_defaults__", defaults)
    type.__setattr__(cls, "__struct_options__", options)
    if "__init__" not in cls.__dict__ and not _inherits_init(cls):
        type.__setattr__(cls, "__init__", _constructor)
    for name in own:
        if isinstance(cls.__dict__.get(name), FieldSpecifier | Array):
            delattr(cls, name)
    return cls


def _inherits_init(cls: type) -> bool:
    for base in cls.__mro__[1:]:
        if "__init__" in base.__dict__:
            return base is not object and base.__dict__["__init__"] is not _constructor
    return False


def _constructor(self: Any, *arguments: Any, **named: Any) -> None:
    """Sets the fields from positional and named arguments, then from defaults."""
    defaults: dict[str, Any] = type(self).__struct_defaults__
    settable = [name for name, default in defaults.items() if not _is_embedded(default)]
    if len(arguments) > len(settable):
        raise TypeError(f"{type(self).__name__} takes {len(settable)} fields")
    values = dict(zip(settable, arguments, strict=False))
    for name, value in named.items():
        if name not in settable or name in values:
            raise TypeError(f"{type(self).__name__} has no field {name!r} left to set")
        values[name] = value
    for name, default in defaults.items():
        setattr(self, name, values[name] if name in values else _default(self, name, default))


def _is_embedded(default: Any) -> bool:
    return isinstance(default, Array) or (
        isinstance(default, FieldSpecifier) and default.kind == "inline"
    )


def _default(owner: Any, name: str, default: Any) -> Any:
    if isinstance(default, Array):
        return array(len(default))
    if isinstance(default, FieldSpecifier):
        if default.kind == "inline":
            return typing.get_type_hints(type(owner))[name]()
        default = default.default
    if default is MISSING:
        raise TypeError(f"{type(owner).__name__}() needs the field {name!r}")
    return default
