"""An index outside traps; a negative one does not count from the end."""

from __future__ import annotations

from bare import Array, Span, array, i32, u8


def get(values: Span[u8], index: i32) -> u8:
    """Returns an element."""
    return values[index]


def main() -> None:
    """Reads the last element, then the one before the first."""
    values: Array[u8] = array(4)
    values[3] = 5
    print(get(values, 3))
    print(get(values, -1))
