"""Errors as values: which functions may fail, and the type of a function that may.

An error is an `OSError` with one of the numbers of `abi/errno.py`. A function says with `@raises`
which ones it may raise; the compiler checks it, overrides may raise no more, and a call hands
errors on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, NoReturn, TypeVar

from bare import traps

Function = TypeVar("Function", bound=Callable[..., object])
AnyCallable = TypeVar("AnyCallable", bound=Callable[..., object])

Fallible = Annotated[AnyCallable, "fallible"]
"""`Fallible[Callable[[A], R]]`: a function pointer whose call may raise any error."""


def raises(*errors: int) -> Callable[[Function], Function]:
    """Declares the errors that a function may raise; without any, it may raise all."""

    def declare(function: Function) -> Function:
        function.__dict__["__raises__"] = errors
        return function

    return declare


def errno_of(error: OSError) -> int:
    """Returns the number of a caught error, an `i32` (`error.errno` may be None to mypy)."""
    if error.errno is None:
        raise TypeError("an error without a number")
    return error.errno


def unreachable() -> NoReturn:
    """Traps with `UnreachableError`; says that control does not come here."""
    raise traps.UnreachableError("unreachable code was reached")


def panic(message: str) -> NoReturn:
    """Traps with `PanicError` and `message`, an f-string or text."""
    raise traps.PanicError(message)
