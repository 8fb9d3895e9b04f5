"""A flat image of an ELF file: its loaded segments at their physical addresses, gaps zeroed."""

from __future__ import annotations

import struct

_PT_LOAD = 1


def flat_image(elf: bytes) -> bytes:
    """The bytes from the lowest to the highest physical address that has file contents."""
    segments = _loaded_segments(elf)
    if not segments:
        raise ValueError("the ELF file has no loaded segment")
    start = min(address for address, _ in segments)
    end = max(address + len(data) for address, data in segments)
    image = bytearray(end - start)
    for address, data in segments:
        image[address - start : address - start + len(data)] = data
    return bytes(image)


def _loaded_segments(elf: bytes) -> list[tuple[int, bytes]]:
    """Physical address and file contents of each PT_LOAD segment (ELF-64, System V gABI chapter 5)."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a little-endian 64-bit ELF file")
    (table,) = struct.unpack_from("<Q", elf, 32)
    entry_size, count = struct.unpack_from("<HH", elf, 54)
    segments = []
    for index in range(count):
        kind, _, offset, _, physical, size = struct.unpack_from(
            "<IIQQQQ", elf, table + index * entry_size
        )
        if kind == _PT_LOAD and size:
            segments.append((physical, elf[offset : offset + size]))
    return segments
