"""A test of a constant compiles only the branch taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bare import u32

if TYPE_CHECKING:
    from bare import u64

DEBUG = False
LEVEL = 2


def describe(value: u32) -> u32:
    """Returns the value, changed by the level that was configured."""
    if DEBUG:
        return 0
    if LEVEL > 1:
        return value + 1
    return value


def widen(value: u32) -> u64:
    """Has a type that is imported for the checker only."""
    return value


def main() -> None:
    """Shows which branches exist."""
    print(describe(41))
    print("debug" if DEBUG else "release")
    print(widen(7))
