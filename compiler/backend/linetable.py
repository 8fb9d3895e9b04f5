"""The compact line table: which function and line each piece of code belongs to, for tracebacks.

A linked program carries it in the section `.bare_lines` under the symbol `bare_line_table`;
`bare/lib/line_table.py` reads it on the target. It is exact for what a traceback shows: calls,
traps, the first instruction of a function, and accesses of raw memory (code at column 1, see
`FunctionLowering.at`); any other instruction counts to the one before.

Layout, little-endian; *varint* is LEB128, *signed* its zigzag form:

    0  u32 magic "BLT1"       16  u32 bytes of code       28  u32 offset of the contexts
    4  u32 bytes of the table 20  u32 number of blocks    32  u32 offset of the functions
    8  u64 address of code    24  u32 offset of the rows  36  u32 offset of the words
    40 the blocks: u32 instruction, u32 offset from the rows' start; each begins ROWS_A_BLOCK rows

    words      varint count, then varint length and bytes of each
    functions  varint count; each: varint word of the path, varint 1 + word of the class path or 0,
               varint word of the name, varint line
    contexts   varint count; each: varint function, varint distance back to the parent or 0, and
               with a parent the signed line of the call minus the parent function's line

A context is a function, or an inlined call of it within its parent. A block begins with three
varints: context, line, number of contexts that came before; its first row is there. Each
further row is a byte `a << 4 | b`:

    a = 0       the context changes first, then the row's own byte follows:
                b = 0 to the parent, at the line of the call; b = 1 to the next new one; b = 2 to
                varint; a context that is entered sets the line to its function's
    a = 1..14   the row is `a` instructions on; a = 15: varint instructions on
    b = 0..14   the line changes by b - 5; b = 15: by a signed varint (behind that of `a`)
"""

from __future__ import annotations

import struct

from compiler.backend.elf import ElfFile
from compiler.backend.linemap import Context, LineMap, read_line_map

MAGIC = 0x31544C42
HEADER_BYTES = 40
ROWS_A_BLOCK = 128
SYMBOL = "bare_line_table"
SECTION = ".bare_lines"


def empty_table() -> bytes:
    """A table that covers no code."""
    return encode(LineMap())


def build_table(elf: ElfFile) -> bytes:
    """The table for a linked file's code."""
    return encode(read_line_map(elf))


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _signed(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def encode(lines: LineMap) -> bytes:
    """The table's bytes."""
    blocks, rows, order = _encode_rows(lines)
    words, functions, contexts = _encode_names(lines, order)
    rows_at = HEADER_BYTES + 8 * len(blocks)
    contexts_at = rows_at + len(rows)
    functions_at = contexts_at + len(contexts)
    words_at = functions_at + len(functions)
    size = words_at + len(words)
    header = struct.pack(
        "<IIQIIIIII", MAGIC, size, lines.start, lines.size, len(blocks), rows_at, contexts_at,
        functions_at, words_at,
    )  # fmt: skip
    index = b"".join(struct.pack("<II", *block) for block in blocks)
    return header + index + rows + contexts + functions + words


class _RowEncoder:
    """Encodes rows; contexts get new numbers in the order in which they are first met."""

    def __init__(self, lines: LineMap) -> None:
        self._contexts = lines.contexts
        self._start = lines.start
        self.order: list[int] = []
        self._numbers: dict[int, int] = {}
        self.stream = bytearray()
        self.blocks: list[tuple[int, int]] = []

    def number(self, context: int) -> int:
        """The new number of a context; its parents get theirs first."""
        found = self._numbers.get(context)
        if found is None:
            parent = self._contexts[context].parent
            if parent >= 0:
                self.number(parent)
            found = self._numbers[context] = len(self.order)
            self.order.append(context)
        return found

    def begin_block(self, address: int, line: int, context: int) -> None:
        """The first row of a block."""
        instruction = (address - self._start) // 4
        self.blocks.append((instruction, len(self.stream)))
        number = self.number(context)
        self.stream += _varint(number) + _varint(line) + _varint(len(self.order))

    def change_context(self, old: int, new: int) -> int:
        """Leaves `old` for `new`; the line that the row's difference is taken from."""
        if self._contexts[old].parent == new:
            self.stream.append(0)
            return self._contexts[old].call_line
        met = len(self.order)
        number = self.number(new)
        if number == met:
            self.stream.append(1)
        else:
            self.stream.append(2)
            self.stream += _varint(number)
        return self._contexts[new].line

    def row(self, distance: int, difference: int) -> None:
        """A row `distance` instructions on, with a change of the line."""
        high = distance if distance < 15 else 15
        low = difference + 5 if -5 <= difference <= 9 else 15
        self.stream.append(high << 4 | low)
        if high == 15:
            self.stream += _varint(distance)
        if low == 15:
            self.stream += _signed(difference)


def _encode_rows(lines: LineMap) -> tuple[list[tuple[int, int]], bytes, list[int]]:
    encoder = _RowEncoder(lines)
    before = (0, 0, -1)
    for index, (address, line, context) in enumerate(lines.rows):
        if index % ROWS_A_BLOCK == 0:
            encoder.begin_block(address, line, context)
        else:
            base = before[1]
            if context != before[2]:
                base = encoder.change_context(before[2], context)
            encoder.row((address - before[0]) // 4, line - base)
        before = (address, line, context)
    return encoder.blocks, bytes(encoder.stream), encoder.order


def _encode_names(lines: LineMap, order: list[int]) -> tuple[bytes, bytes, bytes]:
    """The words, functions and contexts; both lists are in the order of first use."""
    words: dict[str, int] = {}
    functions: dict[tuple[str, str, int], int] = {}
    numbers = {old: new for new, old in enumerate(order)}
    contexts = bytearray(_varint(len(order)))
    for new, old in enumerate(order):
        context = lines.contexts[old]
        key = (context.path, context.name, context.line)
        contexts += _varint(functions.setdefault(key, len(functions)))
        if context.parent < 0:
            contexts += _varint(0)
        else:
            contexts += _varint(new - numbers[context.parent])
            contexts += _signed(context.call_line - lines.contexts[context.parent].line)
    encoded = bytearray(_varint(len(functions)))
    for path, name, line in functions:
        owner, _, last = name.rpartition(".")
        encoded += _varint(words.setdefault(path, len(words)))
        encoded += _varint(words.setdefault(owner, len(words)) + 1 if owner else 0)
        encoded += _varint(words.setdefault(last, len(words)))
        encoded += _varint(line)
    text = bytearray(_varint(len(words)))
    for word in words:
        spelled = word.encode()
        text += _varint(len(spelled)) + spelled
    return bytes(text), bytes(encoded), bytes(contexts)


class _Cursor:
    """Reads varints."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data = data
        self.position = position

    def byte(self) -> int:
        """One byte."""
        value = self.data[self.position]
        self.position += 1
        return value

    def varint(self) -> int:
        """One unsigned number."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        """One signed number."""
        value = self.varint()
        return value >> 1 if value & 1 == 0 else -((value + 1) >> 1)


def decode(table: bytes) -> LineMap:
    """The map that a table holds. Raises ValueError when it is not a table."""
    header = struct.unpack_from("<IIQIIIIII", table)
    magic, _, start, size, count, rows_at, contexts_at, functions_at, words_at = header
    if magic != MAGIC:
        raise ValueError("not a line table")
    contexts = _decode_contexts(table, contexts_at, functions_at, words_at)
    lines = LineMap(start, size, contexts)
    blocks = [struct.unpack_from("<II", table, HEADER_BYTES + 8 * i) for i in range(count)]
    for index, (instruction, offset) in enumerate(blocks):
        stop = rows_at + blocks[index + 1][1] if index + 1 < count else contexts_at
        _decode_block(lines, _Cursor(table, rows_at + offset), instruction, stop)
    return lines


def _decode_block(lines: LineMap, cursor: _Cursor, instruction: int, stop: int) -> None:
    context, line, met = cursor.varint(), cursor.varint(), cursor.varint()
    lines.rows.append((lines.start + instruction * 4, line, context))
    while cursor.position < stop:
        code = cursor.byte()
        if code >> 4 == 0:
            if code == 0:
                line = lines.contexts[context].call_line
                context = lines.contexts[context].parent
            else:
                context = met if code == 1 else cursor.varint()
                line = lines.contexts[context].line
                met = max(met, context + 1)
            code = cursor.byte()
        distance = code >> 4
        instruction += cursor.varint() if distance == 15 else distance
        line += cursor.signed() if code & 15 == 15 else (code & 15) - 5
        lines.rows.append((lines.start + instruction * 4, line, context))


def _decode_contexts(
    table: bytes, contexts_at: int, functions_at: int, words_at: int
) -> list[Context]:
    cursor = _Cursor(table, words_at)
    words = []
    for _ in range(cursor.varint()):
        length = cursor.varint()
        words.append(table[cursor.position : cursor.position + length].decode())
        cursor.position += length
    cursor = _Cursor(table, functions_at)
    functions = []
    for _ in range(cursor.varint()):
        path, owner, name = words[cursor.varint()], cursor.varint(), words[cursor.varint()]
        qualified = f"{words[owner - 1]}.{name}" if owner else name
        functions.append((path, qualified, cursor.varint()))
    cursor = _Cursor(table, contexts_at)
    contexts: list[Context] = []
    for number in range(cursor.varint()):
        path, name, line = functions[cursor.varint()]
        back = cursor.varint()
        parent = number - back if back else -1
        call_line = cursor.signed() + contexts[parent].line if back else 0
        contexts.append(Context(path, name, line, call_line, parent))
    return contexts
