"""A slice whose bounds are out of order or outside traps."""

from __future__ import annotations

from bare import Bytes, usize


def part(data: Bytes, start: usize, stop: usize) -> usize:
    """Returns the length of a slice."""
    return len(data[start:stop])


def main() -> None:
    """Takes an empty slice at the end, then one past it."""
    print(part(b"abcd", 4, 4))
    print(part(b"abcd", 3, 5))
