"""Which function and line each piece of a linked program's code belongs to, from its DWARF."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from compiler.backend.dwarf import DebugData, Scope, read_debug_data
from compiler.backend.elf import ElfFile


class Place(NamedTuple):
    """A frame of a traceback."""

    path: str
    line: int
    function: str


class Context(NamedTuple):
    """A function, or an inlined call of it at `call_line` of the context `parent` (-1: none)."""

    path: str
    name: str
    line: int
    call_line: int
    parent: int


@dataclass(slots=True)
class LineMap:
    """Code from each row's address on: its line and its context (an index into `contexts`)."""

    start: int = 0
    size: int = 0
    contexts: list[Context] = field(default_factory=list)
    rows: list[tuple[int, int, int]] = field(default_factory=list)

    def places(self, address: int) -> list[Place]:
        """The frames at an address, innermost first; empty outside of known code."""
        position = bisect_right(self.rows, (address, 1 << 62, 0)) - 1
        if position < 0 or not self.start <= address < self.start + self.size:
            return []
        _, line, number = self.rows[position]
        found = []
        while number >= 0:
            context = self.contexts[number]
            found.append(Place(context.path, line, context.name))
            line, number = context.call_line, context.parent
        return found


def read_line_map(elf: ElfFile) -> LineMap:
    """The rows of all places that the table is exact for, from the file's DWARF."""
    text = elf.section(".text")
    if text is None:
        return LineMap()
    data = read_debug_data(elf)
    result = LineMap(text.address, text.size)
    numbers: dict[Context, int] = {}
    last_line, last_context = 0, -1
    for address, line, scope in _located_sites(data, text.address, text.data):
        if scope is None:
            continue
        context = _context_number(data, scope, numbers, result.contexts)
        if line == 0:  # LLVM merged code of two lines: the nearest that is known
            line = last_line if context == last_context else result.contexts[context].line
        if (line, context) != (last_line, last_context):
            result.rows.append((address, line, context))
            last_line, last_context = line, context
    return result


def _context_number(
    data: DebugData, scope: Scope, numbers: dict[Context, int], contexts: list[Context]
) -> int:
    parent = -1
    if scope.parent is not None:
        parent = _context_number(data, scope.parent, numbers, contexts)
    entry = data.function(scope.entry)
    name = short_name(entry.name, entry.path)
    context = Context(entry.path, name, entry.line, scope.call_line, parent)
    found = numbers.get(context)
    if found is None:
        found = numbers[context] = len(contexts)
        contexts.append(context)
    return found


def short_name(symbol: str, path: str) -> str:
    """A symbol's qualified name within its module: type arguments and the module are left out."""
    plain = ""
    depth = 0
    for character in symbol:
        depth += character == "["
        if depth == 0:
            plain += character
        depth -= character == "]"
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") + "."
    return plain.removeprefix(module)


def _located_sites(
    data: DebugData, start: int, code: bytes
) -> Iterator[tuple[int, int, Scope | None]]:
    """The places that the table is exact for, by address: line and innermost scope."""
    end = start + len(code)
    rows = [row for row in data.rows if start <= row.address <= end]
    ranges = sorted(
        (low, -high, depth, number)
        for number, (scope, depth) in enumerate(_with_depth(data.scopes))
        for low, high in scope.ranges
        if start <= low < end
    )
    starts = {low for scope in data.scopes if scope.parent is None for low, _ in scope.ranges}
    stack: list[tuple[int, Scope]] = []
    next_range = next_row = line = column = 0
    for offset, (word,) in enumerate(struct.iter_unpack("<I", code)):
        address = start + offset * 4
        while next_row < len(rows) and rows[next_row].address <= address:
            line = 0 if rows[next_row].is_end else rows[next_row].line
            column = rows[next_row].column
            next_row += 1
        if not _is_site(word) and not column and address not in starts:
            continue
        while next_range < len(ranges) and ranges[next_range][0] <= address:
            _, negative_high, _, number = ranges[next_range]
            while stack and stack[-1][0] <= ranges[next_range][0]:
                stack.pop()
            stack.append((-negative_high, data.scopes[number]))
            next_range += 1
        while stack and stack[-1][0] <= address:
            stack.pop()
        scope = stack[-1][1] if stack else None
        yield address, line, scope


def _with_depth(scopes: list[Scope]) -> Iterator[tuple[Scope, int]]:
    for scope in scopes:
        depth, outer = 0, scope.parent
        while outer is not None:
            depth, outer = depth + 1, outer.parent
        yield scope, depth


def _is_site(word: int) -> bool:
    """BL, BLR, and what generates exceptions: BRK, SVC, HVC (Arm ARM DDI 0487, C4.1)."""
    return (
        word & 0xFC000000 == 0x94000000
        or word & 0xFFFFFC1F == 0xD63F0000
        or word & 0xFF000000 == 0xD4000000
    )
