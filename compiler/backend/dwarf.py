"""Reads the DWARF 4 that this compiler's own files hold: line rows, functions, inlined calls.

It knows the forms that LLVM writes for us and skips all else fast: a general library needs many
times as long for a kernel. (DWARF 4, sections 2.17, 6.2 and 7.5.)
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from compiler.backend.elf import ElfFile

_TAG_COMPILE_UNIT = 0x11
_TAG_INLINED = 0x1D
_TAG_SUBPROGRAM = 0x2E

_AT_NAME = 0x03
_AT_STATEMENTS = 0x10
_AT_LOW = 0x11
_AT_HIGH = 0x12
_AT_ORIGIN = 0x31
_AT_FILE = 0x3A
_AT_LINE = 0x3B
_AT_SPECIFICATION = 0x47
_AT_RANGES = 0x55
_AT_CALL_LINE = 0x59

_FORM_ADDR = 0x01
_FORM_REF_ADDR = 0x10
_FORM_STRP = 0x0E
_FIXED_FORMS = {
    0x01: 8, 0x05: 2, 0x06: 4, 0x07: 8, 0x0B: 1, 0x0C: 1, 0x0E: 4, 0x10: 4, 0x11: 1, 0x12: 2,
    0x13: 4, 0x14: 8, 0x17: 4, 0x19: 0, 0x20: 8,
}  # fmt: skip
_REFERENCES = {0x11, 0x12, 0x13, 0x14}


class Row(NamedTuple):
    """A row of a line table: the place of the code from `address` on; `is_end` ends a sequence."""

    address: int
    line: int
    column: int
    is_end: bool


@dataclass(slots=True)
class FunctionEntry:
    """A function as the source has it: `name` is its symbol's qualified name."""

    name: str = ""
    path: str = ""
    line: int = 0
    origin: int = 0


@dataclass(slots=True)
class Scope:
    """Code of one function, or of one inlined call of it within `parent`."""

    entry: int
    """Offset of the `FunctionEntry`, see `DebugData.function`."""
    ranges: list[tuple[int, int]]
    call_line: int
    parent: Scope | None


@dataclass(slots=True)
class DebugData:
    """All rows, by address; all scopes, outer ones before what is inlined into them."""

    rows: list[Row] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    entries: dict[int, FunctionEntry] = field(default_factory=dict)

    def function(self, offset: int) -> FunctionEntry:
        """The entry at an offset, following `abstract_origin` and `specification`."""
        entry = self.entries[offset]
        while not entry.name and entry.origin in self.entries:
            entry = self.entries[entry.origin]
        return entry


def read_debug_data(elf: ElfFile) -> DebugData:
    """Reads everything from a linked file."""
    data = DebugData()
    tables = _InfoReader(elf, data).read()
    lines = elf.contents(".debug_line")
    for offset in sorted(tables):
        data.rows.extend(_read_line_program(lines, offset)[1])
    data.rows.sort(key=lambda row: (row.address, not row.is_end))
    return data


def _uleb(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _sleb(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value - (1 << shift) if byte & 0x40 else value), at


class _Abbreviation(NamedTuple):
    tag: int
    has_children: bool
    attributes: list[tuple[int, int]]
    fixed_size: int
    """Bytes of the whole entry when no form varies in size, else -1."""


class _InfoReader:
    """Walks `.debug_info`."""

    def __init__(self, elf: ElfFile, data: DebugData) -> None:
        self._info = elf.contents(".debug_info")
        self._abbreviations = elf.contents(".debug_abbrev")
        self._strings = elf.contents(".debug_str")
        self._ranges = elf.contents(".debug_ranges")
        self._lines = elf.contents(".debug_line")
        self._data = data
        self._tables: set[int] = set()
        self._cache: dict[int, dict[int, _Abbreviation]] = {}

    def read(self) -> set[int]:
        """Reads all units; the offsets of their line programs."""
        position = 0
        while position < len(self._info):
            length, version, table, _ = struct.unpack_from("<IHIB", self._info, position)
            if version != 4:
                raise ValueError(f"DWARF version {version} is not the one that the compiler writes")
            self._read_unit(position, position + 4 + length, self._table(table))
            position += 4 + length
        return self._tables

    def _table(self, offset: int) -> dict[int, _Abbreviation]:
        found = self._cache.get(offset)
        if found is None:
            found = self._cache[offset] = self._read_table(offset)
        return found

    def _read_table(self, at: int) -> dict[int, _Abbreviation]:
        data = self._abbreviations
        table: dict[int, _Abbreviation] = {}
        while True:
            code, at = _uleb(data, at)
            if code == 0:
                return table
            tag, at = _uleb(data, at)
            has_children = data[at] == 1
            at += 1
            attributes = []
            size = 0
            while True:
                name, at = _uleb(data, at)
                form, at = _uleb(data, at)
                if name == 0 and form == 0:
                    break
                attributes.append((name, form))
                fixed = _FIXED_FORMS.get(form, -1)
                size = size + fixed if fixed >= 0 and size >= 0 else -1
            table[code] = _Abbreviation(tag, has_children, attributes, size)

    def _read_unit(self, start: int, end: int, table: dict[int, _Abbreviation]) -> None:
        info = self._info
        at = start + 11
        base = 0
        files: list[str] = []
        parents: list[Scope | None] = [None]
        while at < end:
            offset = at
            code = info[at]
            if code == 0:
                parents.pop()
                at += 1
                continue
            code, at = _uleb(info, at)
            kind = table[code]
            scope = parents[-1]
            if kind.tag in (_TAG_SUBPROGRAM, _TAG_INLINED, _TAG_COMPILE_UNIT):
                values, at = self._values(kind, at, start)
                if kind.tag == _TAG_COMPILE_UNIT:
                    base = values.get(_AT_LOW, 0)
                    statements = values.get(_AT_STATEMENTS, 0)
                    self._tables.add(statements)
                    files = _read_line_program(self._lines, statements, files_only=True)[0]
                else:
                    scope = self._scope(kind.tag, offset, values, base, files, parents[-1])
            elif kind.fixed_size >= 0:
                at += kind.fixed_size
            else:
                for _, form in kind.attributes:
                    at = self._skip(form, at)
            if kind.has_children:
                parents.append(scope)

    def _scope(
        self,
        tag: int,
        offset: int,
        values: dict[int, int],
        base: int,
        files: list[str],
        parent: Scope | None,
    ) -> Scope | None:
        origin = values.get(_AT_ORIGIN, values.get(_AT_SPECIFICATION, 0))
        ranges = self._code_ranges(values, base)
        if tag == _TAG_SUBPROGRAM:
            name = self._text(values[_AT_NAME]) if _AT_NAME in values else ""
            number = values.get(_AT_FILE, 0)
            path = files[number] if number < len(files) else ""
            self._data.entries[offset] = FunctionEntry(name, path, values.get(_AT_LINE, 0), origin)
            if not ranges:
                return None
            scope = Scope(offset, ranges, 0, None)
        else:
            if not ranges:
                return parent
            scope = Scope(origin, ranges, values.get(_AT_CALL_LINE, 0), parent)
        self._data.scopes.append(scope)
        return scope

    def _code_ranges(self, values: dict[int, int], base: int) -> list[tuple[int, int]]:
        if _AT_RANGES in values:
            return self._range_list(values[_AT_RANGES], base)
        low, high = values.get(_AT_LOW, 0), values.get(_AT_HIGH, 0)
        return [(low, low + high)] if low and high else []

    def _range_list(self, at: int, base: int) -> list[tuple[int, int]]:
        ranges: list[tuple[int, int]] = []
        while True:
            low, high = struct.unpack_from("<QQ", self._ranges, at)
            at += 16
            if low == 0 and high == 0:
                return ranges
            if low == 0xFFFF_FFFF_FFFF_FFFF:
                base = high
            elif low != high:
                ranges.append((base + low, base + high))

    def _values(self, kind: _Abbreviation, at: int, start: int) -> tuple[dict[int, int], int]:
        info, values = self._info, {}
        for name, form in kind.attributes:
            size = _FIXED_FORMS.get(form, -1)
            if size >= 0:
                value = int.from_bytes(info[at : at + size], "little") if size else 1
                at += size
                values[name] = value + start if form in _REFERENCES else value
            elif form == 0x0F:
                values[name], at = _uleb(info, at)
            elif form == 0x0D:
                values[name], at = _sleb(info, at)
            else:
                at = self._skip(form, at)
        return values, at

    def _skip(self, form: int, at: int) -> int:
        size = _FIXED_FORMS.get(form, -1)
        if size >= 0:
            return at + size
        info = self._info
        if form in (0x0F, 0x0D, 0x15):
            return _uleb(info, at)[1]
        if form in (0x18, 0x09):
            length, at = _uleb(info, at)
            return at + length
        if form == 0x0A:
            return at + 1 + info[at]
        if form == 0x03:
            return at + 2 + int.from_bytes(info[at : at + 2], "little")
        if form == 0x08:
            return info.index(b"\0", at) + 1
        raise ValueError(f"DWARF form {form:#x} is not one that the compiler writes")

    def _text(self, offset: int) -> str:
        return self._strings[offset : self._strings.index(b"\0", offset)].decode()


def _read_line_program(
    data: bytes, start: int, *, files_only: bool = False
) -> tuple[list[str], list[Row]]:
    """One line number program (DWARF 4, 6.2.4): the file names by number, and the rows."""
    if not data:
        return [], []
    length, version, header_length = struct.unpack_from("<IHI", data, start)
    if version != 4:
        raise ValueError(f"line table version {version} is not the one that the compiler writes")
    end = start + 4 + length
    minimum, _, _, line_base, line_range, opcode_base = struct.unpack_from(
        "<BBBbBB", data, start + 10
    )
    at = start + 16 + opcode_base - 1
    lengths = data[start + 16 : at]
    folders, at = _strings_until_empty(data, at)
    files = [""]
    while data[at]:
        stop = data.index(b"\0", at)
        name = data[at:stop].decode()
        folder, at = _uleb(data, stop + 1)
        _, at = _uleb(data, at)
        _, at = _uleb(data, at)
        files.append(f"{folders[folder - 1]}/{name}" if folder else name)
    if files_only:
        return files, []
    at = start + 10 + header_length
    return files, _run(data, at, end, (minimum, line_base, line_range, opcode_base), lengths)


def _strings_until_empty(data: bytes, at: int) -> tuple[list[str], int]:
    found = []
    while data[at]:
        stop = data.index(b"\0", at)
        found.append(data[at:stop].decode())
        at = stop + 1
    return found, at + 1


def _run(
    data: bytes, at: int, end: int, parameters: tuple[int, int, int, int], lengths: bytes
) -> list[Row]:
    minimum, line_base, line_range, opcode_base = parameters
    rows: list[Row] = []
    address, line, column = 0, 1, 0
    while at < end:
        opcode = data[at]
        at += 1
        if opcode >= opcode_base:
            adjusted = opcode - opcode_base
            address += adjusted // line_range * minimum
            line += line_base + adjusted % line_range
            rows.append(Row(address, line, column, is_end=False))
        elif opcode == 0:
            size, at = _uleb(data, at)
            extended = data[at]
            if extended == 1:
                rows.append(Row(address, line, column, is_end=True))
                address, line, column = 0, 1, 0
            elif extended == 2:
                (address,) = struct.unpack_from("<Q", data, at + 1)
            at += size
        elif opcode == 1:
            rows.append(Row(address, line, column, is_end=False))
        elif opcode == 2:
            delta, at = _uleb(data, at)
            address += delta * minimum
        elif opcode == 3:
            delta, at = _sleb(data, at)
            line += delta
        elif opcode == 5:
            column, at = _uleb(data, at)
        elif opcode == 8:
            address += (255 - opcode_base) // line_range * minimum
        elif opcode == 9:
            address += int.from_bytes(data[at : at + 2], "little")
            at += 2
        else:
            for _ in range(lengths[opcode - 1]):
                _, at = _uleb(data, at)
    return rows
