"""What holds the nodes: functions, structs with their layouts, constant data, and the whole
program.

A symbol is the fully qualified Python name (`kernel.mm.frame.FrameAllocator.alloc`); instances
of generics append their arguments (`bare.lib.pool.Pool[kernel.task.Task].take`). It is the
linker's name too unless `Function.export` says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from compiler.ir.nodes import Stmt
from compiler.ir.spans import NO_SPAN, Span
from compiler.ir.types import EnumType, Type

ANY_ERROR = "any"
"""`Function.raises` of a function declared `@raises()`."""


@dataclass(slots=True)
class Parameter:
    """One parameter; `name` is a key of `Function.locals`."""

    name: str
    type: Type


@dataclass(slots=True)
class FrameSlot:
    """Storage for an object in the function's frame: `type` is a StructType or ArrayType."""

    type: Type
    span: Span


@dataclass(slots=True)
class Function:
    """A function or method after monomorphisation."""

    symbol: str
    qualname: str
    """Python's qualified name within the module, for tracebacks and debuggers."""
    module: str
    path: str
    """Path of the source file, relative to the source root, with forward slashes."""
    span: Span
    parameters: list[Parameter]
    result: Type
    """NoneType for no result, NeverType for a function that does not return."""
    fallible: bool
    raises: tuple[int, ...] | str
    """Error numbers that it may raise, sorted; or ANY_ERROR. Empty if not fallible."""
    locals: dict[str, Type]
    """All locals and parameters with their types. Names with `$` are the compiler's own."""
    slots: list[FrameSlot]
    body: list[Stmt]
    inline: str = ""
    """`inline`, `noinline` or ``."""
    export: str | None = None
    """Linker name given by `@export`."""
    section: str | None = None
    cpu_features: tuple[str, ...] = ()
    scalar_loops: bool = False
    """`@scalar_loops`: loops are not made vector code."""
    naked: bool = False
    """`@naked`: the body is only `asm` intrinsics; no prologue, no frame pointer."""
    docstring: str = ""


@dataclass(slots=True)
class Field:
    """One field of a struct with its place.

    Plain: `size` bytes at `offset`, byte-swapped when `big_endian`. Bits: `bit_width` > 0: the
    value is bits `bit_offset`.. of the unit (an unsigned integer of `size` bytes) at `offset`;
    signed fields sign-extend. Embedded: the struct or array itself stands at `offset`.
    """

    name: str
    type: Type
    offset: int
    size: int
    embedded: bool = False
    big_endian: bool = False
    bit_offset: int = 0
    bit_width: int = 0
    default: DataValue = None
    """Value that construction sets; None means zero."""
    has_default: bool = False
    is_nullable: bool = True
    """False: a reference or callable that traps when read unset."""
    span: Span = NO_SPAN


@dataclass(slots=True)
class Struct:
    """A record. Fields of the base come first, with their own offsets."""

    name: str
    module: str
    path: str
    span: Span
    base: str | None
    fields: dict[str, Field]
    """In layout order, inherited ones included."""
    size: int
    align: int
    packed: bool
    vtable_offset: int | None
    """Offset of the vtable pointer (0 where the root class has one), or None."""
    vtable: list[str | None]
    """Symbols by slot, base's slots first; None: abstract or not reachable, never called."""
    vtable_names: list[str]
    """Method name of each slot."""
    is_abstract: bool
    is_constructed: bool
    """Whether any reachable code or data makes one: only then a vtable object is needed."""
    tag: int = 0
    """Preorder number among classes with vtables; `tag <= other.tag <= last_tag` is isinstance."""
    last_tag: int = 0
    bases: tuple[str, ...] = ()
    """Names of all bases, nearest first."""


@dataclass(slots=True)
class Enum:
    """Members of an `EnumType` in declaration order (aliases left out)."""

    type: EnumType
    module: str
    members: dict[str, int]


@dataclass(slots=True)
class DataFunction:
    """A function as a constant; `as_fallible`: an infallible one where a fallible one is wanted."""

    symbol: str
    as_fallible: bool = False


@dataclass(slots=True)
class DataReference:
    """A reference to another datum: struct pointer, or {pointer, length} for a table or Bytes."""

    symbol: str


@dataclass(slots=True)
class DataStruct:
    """The contents of a struct: values of its fields; those left out have their defaults."""

    struct: str
    fields: dict[str, DataValue]


@dataclass(slots=True)
class DataSequence:
    """Items of a table, of an embedded array, or of a tuple."""

    items: list[DataValue]


DataValue: TypeAlias = (
    "int | float | bytes | DataStruct | DataSequence | DataFunction | DataReference | None"
)
"""A constant in static data. Bools are 0 and 1, enums their number; None is null or zero."""


@dataclass(slots=True)
class Data:
    """A static object, read-only unless `writable` (`static_object`). `type`: a StructType
    (contents DataStruct) or ArrayType (contents DataSequence).

    A table's datum is an ArrayType of its elements; elements of struct type are DataReference
    (pointers) when `by_reference`, else embedded.
    `str`/`Bytes` values inside are `bytes`: {pointer, length} of a private literal.
    """

    symbol: str
    type: Type
    value: DataValue
    by_reference: bool = False
    writable: bool = False
    align: int = 0
    """Alignment asked for beyond the type's own."""


@dataclass(slots=True)
class Program:
    """A root module and all that is reachable from it."""

    root: str
    runtime: str | None
    """Module that gives the entry, the output sink and the trap text."""
    entry: str | None
    """Symbol of the root's `main`, if it has one."""
    functions: dict[str, Function] = field(default_factory=dict)
    structs: dict[str, Struct] = field(default_factory=dict)
    enums: dict[str, Enum] = field(default_factory=dict)
    data: dict[str, Data] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    """Module name to relative path, all modules of the program."""
    roots: list[str] = field(default_factory=list)
    """Symbols that must be kept: entry, exports, runtime."""
