"""A conversion to a type that cannot hold the value traps."""

from __future__ import annotations

from bare import u8, u32


def narrow(value: u32) -> u8:
    """Returns the value as a byte."""
    return u8(value)


def main() -> None:
    """Converts 255, then 256."""
    print(narrow(255))
    print(narrow(256))
