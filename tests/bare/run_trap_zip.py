"""zip of spans of different lengths traps."""

from __future__ import annotations

from bare import Bytes, u32


def dot(left: Bytes, right: Bytes) -> u32:
    """Multiplies and adds."""
    total: u32 = 0
    for a, b in zip(left, right, strict=True):
        total += u32(a) * b
    return total


def main() -> None:
    """Equal lengths, then not."""
    print(dot(b"\x01\x02", b"\x03\x04"))
    print(dot(b"\x01\x02", b"\x03"))
