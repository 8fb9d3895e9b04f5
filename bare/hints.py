"""Decorators that tell the compiler how to emit a function; none changes what it computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])


def always_inline(function: Function) -> Function:
    """Asks for the body to be placed into every caller."""
    function.__dict__["__inline__"] = "always"
    return function


def never_inline(function: Function) -> Function:
    """Asks for a call wherever the function is called."""
    function.__dict__["__inline__"] = "never"
    return function


def scalar_loops(function: Function) -> Function:
    """Keeps the optimiser from making vector code of a function's loops; unrolls counted ones.

    For loops whose widening, narrowing or variable shifts would become vector instructions that an
    emulator calls functions for. Vectors that are written out stay what they are.
    """
    function.__dict__["__scalar_loops__"] = True
    return function


def export(symbol: str) -> Callable[[Function], Function]:
    """Gives a function its linker name and makes it reachable from assembly templates."""

    def name(function: Function) -> Function:
        function.__dict__["__symbol__"] = symbol
        return function

    return name


def cpu_feature(feature: str) -> Callable[[Function], Function]:
    """Compiles one function for a CPU with `feature` (an LLVM name, such as `dotprod`).

    The caller makes sure that the CPU has it before it calls.
    """

    def require(function: Function) -> Function:
        function.__dict__["__cpu_feature__"] = feature
        return function

    return require
