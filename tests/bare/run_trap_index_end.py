"""An index equal to the length traps, also in a store."""

from __future__ import annotations

from bare import Array, Span, array, u32, usize


def fill(values: Span[u32]) -> None:
    """Writes one element too many."""
    index: usize = 0
    while index <= len(values):
        values[index] = 1
        index += 1


def main() -> None:
    """Writes past the end."""
    values: Array[u32] = array(4)
    print(len(values))
    fill(values)
