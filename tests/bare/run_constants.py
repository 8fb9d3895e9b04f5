"""Module level is compile time: what it computed is constant."""

from __future__ import annotations

from typing import NewType

from bare import u8, u32, u64

PhysAddr = NewType("PhysAddr", u64)

PAGE_BITS = 12
PAGE_SIZE = 1 << PAGE_BITS
MASK: u32 = 0xFFFF_0000
SQUARES_SUM = sum(n * n for n in range(10))
GREETING = "hello"
MAGIC = b"\x7fELF"
HALF = 0.5
IS_LARGE = PAGE_SIZE > 1000


def frame_end(frame: PhysAddr) -> PhysAddr:
    """Adds to an address and makes an address of the sum."""
    return PhysAddr(frame + PAGE_SIZE)


def main() -> None:
    """Prints constants and uses them at several types."""
    small: u8 = PAGE_BITS
    wide: u64 = PAGE_SIZE
    print(small, wide, MASK, SQUARES_SUM)
    print(GREETING, len(MAGIC), MAGIC[1])
    print(f"{HALF:.3f}", IS_LARGE)
    print(wide * PAGE_SIZE, wide - PAGE_BITS)
    print(frame_end(PhysAddr(0x4000)) - 1)
