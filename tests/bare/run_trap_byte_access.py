"""A load that leaves the span traps."""

from __future__ import annotations

from bare import Bytes, load_u32, u32, usize


def word(data: Bytes, offset: usize) -> u32:
    """Reads a word."""
    return load_u32(data, offset)


def main() -> None:
    """Reads the last word, then one byte further."""
    print(word(b"\x00\x01\x00\x00\x00", 1))
    print(word(b"\x00\x01\x00\x00\x00", 2))
