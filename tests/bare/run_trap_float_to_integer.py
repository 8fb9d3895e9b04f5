"""A float that is no value of the integer type traps in a conversion."""

from __future__ import annotations

from bare import f64, i32


def truncate(value: f64) -> i32:
    """Returns the integer part."""
    return i32(value)


def main() -> None:
    """Converts the largest i32, then what is one larger."""
    print(truncate(2_147_483_647.5))
    print(truncate(2_147_483_648.0))
