"""The little of ELF-64 that the tools need: sections by name, loaded segments, symbols.

Little-endian files only (System V gABI, chapters 4 and 5).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_PT_LOAD = 1
_SHT_SYMTAB = 2
_SHT_NOBITS = 8
_STT_FUNC = 2


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its address in memory and its contents (empty where the file has none)."""

    name: str
    kind: int
    address: int
    size: int
    data: bytes
    link: int


class ElfFile:
    """A parsed file. Raises ValueError when it is not a little-endian 64-bit ELF file."""

    def __init__(self, data: bytes) -> None:
        if data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("not a little-endian 64-bit ELF file")
        self._data = data
        self.sections = self._read_sections()

    def _read_sections(self) -> list[Section]:
        (table,) = struct.unpack_from("<Q", self._data, 40)
        entry_size, count, names_index = struct.unpack_from("<HHH", self._data, 58)
        raw = [
            struct.unpack_from("<IIQQQQIIQQ", self._data, table + index * entry_size)
            for index in range(count)
        ]
        if not raw:
            return []
        names_offset = raw[names_index][4]
        return [self._section(header, names_offset) for header in raw]

    def _section(self, header: tuple[int, ...], names_offset: int) -> Section:
        name_offset, kind, _, address, offset, size, link = header[:7]
        start = names_offset + name_offset
        name = self._data[start : self._data.index(b"\0", start)].decode()
        contents = b"" if kind == _SHT_NOBITS else self._data[offset : offset + size]
        return Section(name, kind, address, size, contents, link)

    def section(self, name: str) -> Section | None:
        """The section of that name."""
        return next((section for section in self.sections if section.name == name), None)

    def contents(self, name: str) -> bytes:
        """A section's bytes; empty if there is no such section."""
        found = self.section(name)
        return found.data if found else b""

    def segments(self) -> list[tuple[int, bytes]]:
        """Physical address and file contents of each loaded segment that has contents."""
        (table,) = struct.unpack_from("<Q", self._data, 32)
        entry_size, count = struct.unpack_from("<HH", self._data, 54)
        found = []
        for index in range(count):
            entry = struct.unpack_from("<IIQQQQ", self._data, table + index * entry_size)
            kind, _, offset, _, physical, size = entry
            if kind == _PT_LOAD and size:
                found.append((physical, self._data[offset : offset + size]))
        return found

    def functions(self) -> dict[str, tuple[int, int]]:
        """Address and size of each function symbol."""
        found: dict[str, tuple[int, int]] = {}
        for section in self.sections:
            if section.kind != _SHT_SYMTAB:
                continue
            names = self.sections[section.link].data
            for name_offset, info, _, _, value, size in struct.iter_unpack("<IBBHQQ", section.data):
                if info & 15 == _STT_FUNC:
                    name = names[name_offset : names.index(b"\0", name_offset)].decode()
                    found[name] = (value, size)
        return found


def flat_image(elf: ElfFile) -> bytes:
    """The bytes from the lowest to the highest physical address with contents; gaps are zero."""
    segments = elf.segments()
    if not segments:
        raise ValueError("the ELF file has no loaded segment")
    start = min(address for address, _ in segments)
    end = max(address + len(data) for address, data in segments)
    image = bytearray(end - start)
    for address, data in segments:
        image[address - start : address - start + len(data)] = data
    return bytes(image)


def replace_section(data: bytes, name: str, contents: bytes) -> bytes:
    """The file with other contents of a section that is not loaded.

    The contents stay in their place if they fit and move to the end of the file otherwise.
    """
    sections = ElfFile(data).sections
    number = next(index for index, section in enumerate(sections) if section.name == name)
    (table,) = struct.unpack_from("<Q", data, 40)
    (entry_size,) = struct.unpack_from("<H", data, 58)
    header = table + number * entry_size
    offset, size = struct.unpack_from("<QQ", data, header + 24)
    changed = bytearray(data)
    changed[offset : offset + size] = bytes(size)
    if len(contents) > size:
        changed += bytes(-len(changed) % 8)
        offset = len(changed)
    changed[offset : offset + len(contents)] = contents
    struct.pack_into("<QQ", changed, header + 24, offset, len(contents))
    return bytes(changed)
