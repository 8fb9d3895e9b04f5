"""Call frame information that tells debuggers the truth about scratch registers.

LLVM's `.debug_frame` is silent about the registers that calls may change (x0-x18 and v0-v7,
v16-v31, AAPCS64 6.1), and debuggers then take them to be unchanged: in a backtrace the arguments
of outer functions show what the innermost one left in the registers. Here all entries share one
CIE that declares these registers undefined, so that such arguments are shown as not known.
Entries of code that the linker dropped go. (DWARF 4, 6.4.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from compiler.backend.elf import ElfFile, replace_section

_SECTION = ".debug_frame"
_CIE = 0xFFFF_FFFF
_UNDEFINED = 0x07
_FIRST_VECTOR = 64
"""DWARF number of v0 (DWARF for the Arm 64-bit Architecture, 4.1)."""
_SCRATCH = [
    *range(19),
    *(_FIRST_VECTOR + number for number in range(8)),
    *(_FIRST_VECTOR + number for number in range(16, 32)),
]


def declare_scratch_registers(elf: bytes) -> bytes:
    """The file with corrected call frame information; unchanged if it has none."""
    frames = ElfFile(elf).contents(_SECTION)
    if not frames:
        return elf
    return replace_section(elf, _SECTION, _rewrite(frames))


def _entries(frames: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(frames):
        (length,) = struct.unpack_from("<I", frames, position)
        yield position, frames[position + 4 : position + 4 + length]
        position += 4 + length


def _rewrite(frames: bytes) -> bytes:
    commons: dict[bytes, int] = {}
    places: dict[int, int] = {}
    rewritten = bytearray()
    for position, body in _entries(frames):
        (kind,) = struct.unpack_from("<I", body)
        if kind == _CIE:
            if body not in commons:
                commons[body] = len(rewritten)
                rewritten += _entry(body.rstrip(b"\0") + _undefined())
            places[position] = commons[body]
            continue
        (start,) = struct.unpack_from("<Q", body, 4)
        if start:
            rewritten += _entry(struct.pack("<I", places[kind]) + body[4:])
    return bytes(rewritten)


def _undefined() -> bytes:
    """Follows instructions whose trailing zeros were cut: the first byte is such a zero again.

    That is the last operand of `DW_CFA_def_cfa sp, 0`, or else a DW_CFA_nop.
    """
    return b"\0" + b"".join(bytes([_UNDEFINED, register]) for register in _SCRATCH)


def _entry(body: bytes) -> bytes:
    """An entry with its length, padded with DW_CFA_nop so that the next one is aligned."""
    padded = body + bytes(-(len(body) + 4) % 8)
    return struct.pack("<I", len(padded)) + padded
