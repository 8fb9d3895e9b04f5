"""A result that does not fit its type traps; no `finally` runs and no `except` sees it."""

from __future__ import annotations

from bare import u8


def count_up(start: u8) -> u8:
    """Counts past the end of the type."""
    value = start
    try:
        while True:
            value += 100
            print(value)
    finally:
        print("never printed")
    return value


def main() -> None:
    """Overflows a byte."""
    print("before")
    count_up(40)
    print("never printed")
