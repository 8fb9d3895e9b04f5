"""Structs under `bare.load`: a Python class for each, in three forms.

The plain class has a slot for each field. Its *view* class has the same fields over bytes: what
`view()` and `object_at()` give. Its *dead* class traps on every field: `release` turns an object
into one. Generated code reaches a field as `object.slot_name`, so all forms serve it alike; tests
use the plain name, which converts and checks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from bare import traps
from bare.checked.elements import ElementList, copy_elements
from bare.checked.fields import view_property
from bare.checked.values import constant, make_array, zero
from compiler.ir.program import Field, Struct
from compiler.ir.types import ArrayType, StructType

if TYPE_CHECKING:
    from bare.checked.program import CheckedProgram


class Object:
    """Base of every struct object.

    `bare_home` says where it stands: an address, or the object or array that embeds it with the
    offset.
    """

    __slots__ = ("bare_home",)
    bare_home: Any
    bare_struct: ClassVar[Struct]
    bare_program: ClassVar[CheckedProgram]
    bare_make: ClassVar[Callable[..., Any]]
    """Makes an object from the values of its plain fields, by keyword."""
    bare_view_class: ClassVar[type[Object]]
    bare_dead_class: ClassVar[type]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.bare_program.boundary.initialise(self, arguments, named)

    def bare_fill(self, values: dict[str, Any]) -> None:
        """Sets every field to its value, default or zero; bytes of embedded parts stay where they
        are.
        """
        program = self.bare_program
        for name, field in self.bare_struct.fields.items():
            if not field.embedded:
                slot = f"slot_{name}"
                value = values[slot] if slot in values else plain_default(program, field)
                setattr(self, slot, value)
            elif not hasattr(self, "bare_bytes"):
                setattr(self, f"slot_{name}", embedded_default(program, self, field))
            elif isinstance(field.type, StructType):
                getattr(self, f"slot_{name}").bare_fill({})

    def bare_snapshot(self) -> list[Any]:
        """Returns the values of all fields, embedded ones copied."""
        values: list[Any] = []
        for name, field in self.bare_struct.fields.items():
            value = getattr(self, f"slot_{name}")
            if field.embedded and isinstance(field.type, StructType):
                values.append(value.bare_snapshot())
            elif field.embedded:
                values.append(snapshot_elements(value))
            else:
                values.append(value)
        return values

    def bare_restore(self, values: list[Any]) -> None:
        """Sets all fields to what `snapshot` of an object of this class gave."""
        for (name, field), value in zip(self.bare_struct.fields.items(), values, strict=True):
            if field.embedded and isinstance(field.type, StructType):
                getattr(self, f"slot_{name}").bare_restore(value)
            elif field.embedded:
                restore_elements(getattr(self, f"slot_{name}"), value)
            else:
                setattr(self, f"slot_{name}", value)

    def __init_subclass__(cls) -> None:
        """Lets a class that a test derives override methods that compiled code calls."""
        super().__init_subclass__()
        if "bare_struct" in cls.__dict__ or not hasattr(cls, "bare_struct"):
            return
        for name in cls.bare_struct.vtable_names:
            if name in cls.__dict__:
                setattr(cls, f"call_{name}", cls.__dict__[name])


def snapshot_elements(elements: Any) -> Any:
    """Copies the elements of an embedded array."""
    if isinstance(elements, memoryview):
        return elements.tobytes()
    return [one.bare_snapshot() if isinstance(one, Object) else one for one in elements]


def restore_elements(elements: Any, values: Any) -> None:
    """Sets the elements of an embedded array to what `snapshot_elements` gave."""
    if isinstance(elements, memoryview):
        elements.cast("B")[:] = values
        return
    for index, value in enumerate(values):
        if isinstance(elements[index], Object) and isinstance(value, list):
            elements[index].bare_restore(value)
        elif isinstance(elements[index], memoryview):
            copy_elements(elements[index], value)
        else:
            elements[index] = value


def plain_default(program: CheckedProgram, field: Field) -> Any:
    """Returns what construction sets a field to."""
    if field.has_default:
        return constant(program, field.type, field.default)
    return zero(field.type)


def embedded_default(program: CheckedProgram, owner: Object, field: Field) -> Any:
    """Makes an embedded struct or array that knows where it stands."""
    if isinstance(field.type, ArrayType):
        elements = make_array(program, field.type)
        if isinstance(elements, ElementList):
            elements.bare_home = (owner, field.offset)
        return elements
    assert isinstance(field.type, StructType)
    made = program.classes.of(field.type.name).bare_make()
    made.bare_home = (owner, field.offset)
    return made


class Classes:
    """Makes the classes of a program's structs when they are first needed."""

    def __init__(self, program: CheckedProgram) -> None:
        self._program = program
        self._made: dict[str, type[Object]] = {}

    def of(self, name: str) -> type[Object]:
        """Returns the plain class of a struct."""
        made = self._made.get(name)
        return made if made is not None else self._make(name)

    def _make(self, name: str) -> type[Object]:
        struct = self._program.ir.structs[name]
        base = Object if struct.base is None else self.of(struct.base)
        inherited = set() if struct.base is None else set(base.bare_struct.fields)
        own = [field for field in struct.fields if field not in inherited]
        body: dict[str, Any] = {
            "__slots__": tuple(f"slot_{field}" for field in own),
            "__module__": struct.module,
            "bare_struct": struct,
            "bare_program": self._program,
        }
        for field in own:
            body[field] = self._program.boundary.field_property(struct.fields[field])
        short = name.removeprefix(f"{struct.module}.")
        cls = type(short, (base,), body)
        self._made[name] = cls
        self._add_slots_of_vtable(cls, struct)
        self._program.boundary.add_methods(cls, struct)
        type.__setattr__(cls, "bare_make", staticmethod(_maker(self._program, cls, struct)))
        type.__setattr__(cls, "bare_view_class", self._view_class(cls, struct))
        return cls

    def _add_slots_of_vtable(self, cls: type[Object], struct: Struct) -> None:
        for method, symbol in zip(struct.vtable_names, struct.vtable, strict=True):
            if symbol is not None:
                type.__setattr__(cls, f"call_{method}", self._program.reference(symbol))

    def _view_class(self, cls: type[Object], struct: Struct) -> type:
        body: dict[str, Any] = {"__slots__": ("bare_bytes", "bare_start"), "bare_struct": struct}
        for field in struct.fields.values():
            body[f"slot_{field.name}"] = view_property(self._program, field)
        return type(f"{cls.__name__} view", (cls,), body)


def _maker(program: CheckedProgram, cls: type[Object], struct: Struct) -> Callable[..., Any]:
    """Writes the function that makes objects of a class: a parameter for each plain field."""
    names: dict[str, Any] = {"new": object.__new__, "cls": cls}
    parameters: list[str] = []
    lines = ["    self = new(cls)"]
    for name, field in struct.fields.items():
        if field.embedded:
            names[f"embed_{name}"] = partial(embedded_default, program, field=field)
            lines.append(f"    self.slot_{name} = embed_{name}(self)")
        else:
            names[f"default_{name}"] = plain_default(program, field)
            parameters.append(f"slot_{name}=default_{name}")
            lines.append(f"    self.slot_{name} = slot_{name}")
    source = f"def make({', '.join(parameters)}):\n" + "\n".join(lines) + "\n    return self\n"
    exec(source, names)
    made: Callable[..., Any] = names["make"]
    return made


class ReadOnlyError(Exception):
    """A constant object was written. Compiled, that is a store to read-only memory: a fault."""


def freeze(value: Any) -> None:
    """Makes a constant object, and what it embeds, refuse stores."""
    if isinstance(value, ElementList):
        for element in value:
            freeze(element)
    if not isinstance(value, Object):
        return
    cls = type(value)
    for field in cls.bare_struct.fields.values():
        if field.embedded:
            part = getattr(value, f"slot_{field.name}")
            freeze(part)
            if isinstance(part, memoryview):
                setattr(value, f"slot_{field.name}", part.toreadonly())
    frozen = cls.__dict__.get("bare_frozen_class")
    if frozen is None:
        frozen = _frozen_class(cls)
        type.__setattr__(cls, "bare_frozen_class", frozen)
    value.__class__ = frozen


def _frozen_class(cls: type[Object]) -> type[Object]:
    body: dict[str, Any] = {"__slots__": (), "bare_struct": cls.bare_struct}
    for field in cls.bare_struct.fields:
        slot = f"slot_{field}"
        body[slot] = property(getattr(cls, slot).__get__, partial(_refuse, field))
    return type(f"constant {cls.__name__}", (cls,), body)


def _refuse(field: str, target: Object, value: Any) -> NoReturn:
    raise ReadOnlyError(f"{field} of a constant {target.bare_struct.name} was written")


def kill(value: Object) -> None:
    """Turns a released object, and what it embeds, into one that traps on every access."""
    cls = type(value)
    dead = cls.__dict__.get("bare_dead_class")
    if dead is None:
        dead = _dead_class(cls)
        type.__setattr__(cls, "bare_dead_class", dead)
    for field in cls.bare_struct.fields.values():
        if field.embedded and isinstance(field.type, StructType):
            kill(getattr(value, f"slot_{field.name}"))
    value.__class__ = dead


def _dead_class(cls: type[Object]) -> type:
    name = cls.bare_struct.name.rpartition(".")[2]

    def use(self: Object, *value: Any) -> NoReturn:
        raise traps.ReferenceError(f"a {name} was used after it was freed")

    body: dict[str, Any] = {"__slots__": (), "bare_struct": cls.bare_struct}
    for field in cls.bare_struct.fields:
        body[f"slot_{field}"] = property(use, use)
    return type(f"freed {name}", (cls,), body)
