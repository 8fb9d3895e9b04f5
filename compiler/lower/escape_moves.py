"""Frame escape: what the moves of references between variables are.

An expression that can hold a reference to an object is a variable; a function is a list of moves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.ir.program import Function
from compiler.ir.spans import Span
from compiler.ir.types import (
    ArrayType,
    BytesType,
    CallableType,
    FormatType,
    NullableType,
    SpanType,
    StrType,
    StructType,
    TableType,
    TupleType,
    Type,
)

ELEMENTS = "[]"
"""Stands for all elements of an array or span, as if they were one field."""
ANYTHING = FormatType()
"""Stands for a reference of any type."""
VIEWS = (StructType, ArrayType, SpanType, BytesType, StrType, TableType, FormatType)


def callable_key(type: Type) -> str:
    """The key of indirect calls: parameters and result, fallible or not."""
    if isinstance(type, CallableType):
        return str(CallableType(type.parameters, type.result))
    return str(type)


def holds_reference(type: Type) -> bool:
    """Whether a value of the type can lead to an object in a frame."""
    if isinstance(type, NullableType):
        return holds_reference(type.inner)
    if isinstance(type, TupleType):
        return any(holds_reference(item) for item in type.items)
    return isinstance(type, VIEWS)


@dataclass(slots=True)
class Copy:
    """`target` may be what `source` is."""

    target: int
    source: int


@dataclass(slots=True)
class Load:
    """`target`, of `type`, may be what was stored in `field` of the object `source`."""

    target: int
    source: int
    field: str
    type: Type


@dataclass(slots=True)
class Store:
    """`source`, of `type`, is stored in `field` of the object `target`; None: of one that outlives
    every frame.
    """

    target: int | None
    source: int
    field: str
    span: Span
    type: Type


@dataclass(slots=True)
class CopyFields:
    """Every field of the object `source` is stored in the object `target`, both of `struct`."""

    target: int
    source: int
    struct: str
    span: Span


@dataclass(slots=True)
class Invoke:
    """A call; `callees` names functions, or `virtual`/`indirect` keys that stand for several."""

    callee: tuple[str, ...]
    arguments: list[int | None]
    result: int | None
    span: Span
    type: Type


@dataclass(slots=True)
class Give:
    """`source` is returned."""

    source: int
    span: Span


Move = Copy | Load | Store | CopyFields | Invoke | Give


@dataclass(slots=True)
class Moves:
    """The moves of one function. Variables are numbered; the first are the parameters."""

    function: Function
    parameters: int
    count: int = 0
    moves: list[Move] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    """Variable to the frame slot that it names."""
    outside: set[int] = field(default_factory=set)
    """Variables that may refer to something that no frame holds."""
    loops: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Frame slot to the loops, from the outside in, that make its object anew at each turn."""
    carried: dict[int, dict[str, int]] = field(default_factory=dict)
    """Loop to the locals, with their variables, that a turn may read before it has set them."""
    referenced: dict[str, str] = field(default_factory=dict)
    """Functions used as values, with the key of calls that may reach them."""
