"""Drops what an ELF file holds beyond its loaded segments: symbols, debug information, sections.

What goes into an image is only what a process maps. The file in `build/bin` keeps everything.
"""

import io
import struct

from elftools.elf.elffile import ELFFile

from swiftos.errors import ProductError

SECTION_TABLE_OFFSET = struct.Struct("<Q")
SECTION_COUNTS = struct.Struct("<HHH")
E_SHOFF = 0x28
E_SHENTSIZE = 0x3A


def stripped(content: bytes) -> bytes:
    """Returns a 64-bit little-endian ELF file cut behind its last loaded byte."""
    elf = ELFFile(io.BytesIO(content))
    if elf.elfclass != 64 or not elf.little_endian:
        raise ProductError("a program is no 64-bit little-endian ELF file", "./swos build")
    table_end = elf["e_phoff"] + elf["e_phnum"] * elf["e_phentsize"]
    ends = [segment["p_offset"] + segment["p_filesz"] for segment in elf.iter_segments()]
    result = bytearray(content[: max([table_end, *ends])])
    SECTION_TABLE_OFFSET.pack_into(result, E_SHOFF, 0)
    SECTION_COUNTS.pack_into(result, E_SHENTSIZE, 64, 0, 0)
    return bytes(result)
