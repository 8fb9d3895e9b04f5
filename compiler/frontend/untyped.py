"""Types that exist only while an expression is checked: constants without a width, and None."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.ir.types import Type


@dataclass(frozen=True, slots=True)
class UntypedInt(Type):
    """An integer constant (or an expression of such) that takes any integer type."""

    def __str__(self) -> str:
        return "integer constant"


@dataclass(frozen=True, slots=True)
class UntypedFloat(Type):
    """A float constant, which takes either float type."""

    def __str__(self) -> str:
        return "float constant"


@dataclass(frozen=True, slots=True)
class UntypedNone(Type):
    """`None`, which takes any nullable type."""

    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True, slots=True)
class UnsizedArray(Type):
    """`array(length)` before its element type is known."""

    length: int

    def __str__(self) -> str:
        return f"array({self.length})"


@dataclass(frozen=True, slots=True)
class ErrorValue(Type):
    """The name bound by `except OSError as name`; its number is a local."""

    local: str

    def __str__(self) -> str:
        return "OSError"


@dataclass(frozen=True, slots=True)
class TypeParameter(Type):
    """A type variable that is being inferred."""

    name: str

    def __str__(self) -> str:
        return self.name


UNTYPED_INT = UntypedInt()
UNTYPED_FLOAT = UntypedFloat()
UNTYPED_NONE = UntypedNone()
