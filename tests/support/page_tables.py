"""Walks page tables in a copy of a guest's memory: what the hardware would allow.

Written from the manual (Arm ARM DDI 0487, D8.3), not from the kernel's sources.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

RAM_BASE = 0x4000_0000
TABLE_BYTES = 4096
ADDRESS_BITS = 0x0000_FFFF_FFFF_F000
KERNEL_HALF = 0xFFFF_0000_0000_0000


@dataclass(frozen=True)
class Mapping:
    """A leaf entry: a page or a block."""

    virtual: int
    size: int
    physical: int
    is_kernel_executable: bool
    is_user_executable: bool
    is_writable: bool
    is_user: bool


def walk(ram: bytes, root: int, high_half: bool) -> Iterator[Mapping]:
    """Yields every leaf below a root table; `ram` is memory from `RAM_BASE` on."""
    yield from _walk(ram, root, 0, KERNEL_HALF if high_half else 0)


def _walk(ram: bytes, table: int, level: int, virtual: int) -> Iterator[Mapping]:
    start = table - RAM_BASE
    size = 1 << (39 - 9 * level)
    for index, entry in enumerate(struct.unpack_from("<512Q", ram, start)):
        address = virtual + index * size
        if entry & 1 == 0:
            continue
        if level < 3 and entry & 2:
            yield from _walk(ram, entry & ADDRESS_BITS, level + 1, address)
            continue
        assert level > 0, "a level 0 entry cannot map a block"
        assert level < 3 or entry & 2, "a level 3 entry without bit 1 is reserved"
        yield Mapping(
            virtual=address,
            size=size,
            physical=entry & ADDRESS_BITS,
            is_kernel_executable=entry >> 53 & 1 == 0,
            is_user_executable=entry >> 54 & 1 == 0,
            is_writable=entry >> 7 & 1 == 0,
            is_user=entry >> 6 & 1 == 1,
        )
