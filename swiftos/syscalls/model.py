"""The declarations of `abi/syscalls.py`, taken apart."""

from __future__ import annotations

import typing
from dataclasses import dataclass

import abi.syscalls as syscalls
from abi.declaration import (
    DECLARATIONS,
    Declaration,
    Family,
    Fd,
    Length,
    SetSize,
    SizeOf,
    UserIn,
    UserInOut,
    UserOut,
)

WORD_TYPES = ("i64", "u64", "usize")
POINTERS = (UserIn, UserOut, UserInOut)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a call, taken apart."""

    name: str
    annotation: object
    """The annotation, without `| None`."""
    is_nullable: bool

    @property
    def is_pointer(self) -> bool:
        """Whether it is the address of something typed."""
        return typing.get_origin(self.annotation) in POINTERS

    @property
    def element(self) -> type:
        """What a pointer points at."""
        element: type = typing.get_args(self.annotation)[0]
        return element

    @property
    def is_written(self) -> bool:
        """Whether the kernel writes there."""
        return typing.get_origin(self.annotation) in (UserOut, UserInOut)

    @property
    def is_hidden(self) -> bool:
        """Whether the stub fills it in."""
        return self.annotation in (Length, SizeOf, SetSize)


@dataclass(frozen=True)
class Call:
    """A declaration with its parameters."""

    declaration: Declaration
    parameters: tuple[Parameter, ...]
    result: str
    """A Bare Python type, "None" or "NoReturn"."""

    @property
    def name(self) -> str:
        """The name of declaration, body and stub."""
        return self.declaration.function.__name__

    @property
    def summary(self) -> str:
        """The docstring, without indentation."""
        text = self.declaration.function.__doc__ or ""
        return "\n".join(line.strip() for line in text.strip().splitlines())

    def is_span(self, index: int) -> bool:
        """Whether the stub takes a span for parameter `index`."""
        parameter = self.parameters[index]
        if scalar_name(parameter.element) is not None:
            return True
        following = self.parameters[index + 1 :]
        return bool(following) and following[0].annotation is Length


def scalar_name(annotation: object) -> str | None:
    """Returns the name of a scalar type of the language, or None."""
    name = getattr(annotation, "__name__", "")
    module = getattr(annotation, "__module__", "")
    return str(name) if module == "bare.scalars" else None


def parse(declaration: Declaration) -> Call:
    """Takes a declaration apart."""
    hints = typing.get_type_hints(declaration.function)
    result = hints.pop("return")
    parameters = tuple(parse_parameter(name, hint) for name, hint in hints.items())
    return Call(declaration, parameters, result_name(result))


def parse_parameter(name: str, hint: object) -> Parameter:
    """Splits `T | None` into T and nullable."""
    arguments = typing.get_args(hint)
    if type(None) in arguments:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return Parameter(name, inner, True)
    return Parameter(name, hint, False)


def result_name(hint: object) -> str:
    """Returns what the body returns, as written in Bare Python."""
    if hint is type(None):
        return "None"
    if hint is typing.NoReturn:
        return "NoReturn"
    if hint is Fd:
        return "i32"
    name = scalar_name(hint)
    if name is None:
        raise TypeError(f"a system call cannot return {hint}")
    return name


def calls() -> list[Call]:
    """Returns all calls in the order of declaration."""
    return [parse(declaration) for declaration in DECLARATIONS.values()]


def families() -> list[Family]:
    """Returns the families in the order of `abi/syscalls.py`."""
    return [value for value in vars(syscalls).values() if isinstance(value, Family)]
