"""The names of the trap kinds, for runtimes that print the last line of a traceback."""

from __future__ import annotations

from bare import u64

NAMES: tuple[str, ...] = (
    "Trap",
    "OverflowError",
    "IndexError",
    "ZeroDivisionError",
    "AttributeError",
    "AssertionError",
    "ValueError",
    "ReferenceError",
    "RecursionError",
    "PanicError",
    "UnreachableError",
)
"""By number, as `bare.traps` numbers them; a test compares."""


def trap_name(kind: u64) -> str:
    """Returns the class name of a trap kind, "Trap" for an unknown number."""
    if kind < len(NAMES):
        return NAMES[kind]
    return NAMES[0]
