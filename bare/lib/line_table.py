"""Reads the compact line table that the linker puts beside a program's code.

`compiler/backend/linetable.py` writes it and documents the format. Usage:

    place = Place()
    if table.find(pc, place):
        show(place)
        while table.leave_inlined(place):
            show(place)

gives the frames at `pc`, innermost first. Pass the address of the *instruction*: for a return
address, that is the address minus 4. No allocation, no memory but the table's: a panic may use it.
A table that is damaged traps by its index checks.
"""

from __future__ import annotations

from bare import Bytes, i64, load_u32, load_u64, struct, u8, u32, u64, usize

MAGIC = 0x31544C42
HEADER_BYTES = 40
BLOCK_BYTES = 8
INSTRUCTION_BYTES = 4


@struct
class Cursor:
    """A position in the table's bytes."""

    data: Bytes
    position: usize

    def byte(self) -> u8:
        """Reads one byte."""
        value = self.data[self.position]
        self.position += 1
        return value

    def varint(self) -> u64:
        """Reads a LEB128 number."""
        value: u64 = 0
        shift: u32 = 0
        while True:
            byte = self.byte()
            value |= u64(byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> i64:
        """Reads a zigzag number."""
        value = self.varint()
        if value & 1 == 0:
            return i64(value >> 1)
        return -i64(value >> 1) - 1

    def word(self) -> Bytes:
        """Reads a length and that many bytes."""
        length = self.varint()
        start = self.position
        self.position += length
        return self.data[start : self.position]


@struct
class Place:
    """A frame of a traceback. `owner` is the class of a method, empty for a function."""

    path: Bytes = b""
    owner: Bytes = b""
    name: Bytes = b""
    line: u64 = 0
    context: u64 = 0


@struct
class FunctionRecord:
    """A function's row in the table."""

    path: u64 = 0
    owner: u64 = 0
    name: u64 = 0
    line: u64 = 0


@struct
class ContextRecord:
    """A function, or, where `is_inlined`, a call of it that is inlined into `parent`."""

    function: u64 = 0
    is_inlined: bool = False
    parent: u64 = 0
    call_line: u64 = 0


@struct
class LineTable:
    """A table in memory."""

    data: Bytes

    def is_valid(self) -> bool:
        """Whether the bytes begin like a table and are all there."""
        if len(self.data) < HEADER_BYTES:
            return False
        return load_u32(self.data, 0) == MAGIC and load_u32(self.data, 4) <= len(self.data)

    def find(self, address: usize, place: Place) -> bool:
        """Sets `place` to the innermost frame at `address`; False outside of known code."""
        start = load_u64(self.data, 8)
        if not start <= address < start + load_u32(self.data, 16):
            return False
        instruction = (address - start) // INSTRUCTION_BYTES
        block = self.find_block(instruction)
        if block == 0:
            return False
        self.find_row(block - 1, instruction, place)
        self.describe(place)
        return True

    def find_block(self, instruction: u64) -> u64:
        """Returns 1 + the number of the last block that begins at or before, or 0."""
        low: u64 = 0
        high = u64(load_u32(self.data, 20))
        while low < high:
            middle = (low + high) // 2
            if load_u32(self.data, HEADER_BYTES + BLOCK_BYTES * middle) <= instruction:
                low = middle + 1
            else:
                high = middle
        return low

    def block_end(self, block: u64) -> usize:
        """Returns the position behind a block's last row."""
        if block + 1 < load_u32(self.data, 20):
            following = load_u32(self.data, HEADER_BYTES + BLOCK_BYTES * (block + 1) + 4)
            return usize(load_u32(self.data, 24)) + following
        return load_u32(self.data, 28)

    def find_row(self, block: u64, instruction: u64, place: Place) -> None:
        """Sets line and context of the last row of a block at or before an instruction."""
        entry = HEADER_BYTES + BLOCK_BYTES * block
        at = u64(load_u32(self.data, entry))
        end = self.block_end(block)
        start = usize(load_u32(self.data, 24)) + load_u32(self.data, entry + 4)
        cursor = Cursor(self.data, start)
        context = cursor.varint()
        line = cursor.varint()
        met = cursor.varint()
        record = ContextRecord()
        while True:
            place.context = context
            place.line = line
            if cursor.position >= end:
                return
            code = cursor.byte()
            if code == 0:
                self.read_context(context, record)
                context = record.parent
                line = record.call_line
            elif code < 16:
                context = met if code == 1 else cursor.varint()
                met = max(met, context + 1)
                line = self.first_line(context)
            if code < 16:
                code = cursor.byte()
            at += cursor.varint() if code >> 4 == 15 else u64(code >> 4)
            change = cursor.signed() if code & 15 == 15 else i64(code & 15) - 5
            line = u64(i64(line) + change)
            if at > instruction:
                return

    def first_line(self, context: u64) -> u64:
        """Returns the line of a context's function."""
        record = ContextRecord()
        self.read_context(context, record)
        function = FunctionRecord()
        self.read_function(record.function, function)
        return function.line

    def read_context(self, number: u64, record: ContextRecord) -> None:
        """Reads one context, from the first on: they vary in length."""
        cursor = Cursor(self.data, load_u32(self.data, 28))
        cursor.varint()
        call_change: i64 = 0
        for index in range(number + 1):
            record.function = cursor.varint()
            back = cursor.varint()
            record.is_inlined = back != 0
            if record.is_inlined:
                record.parent = index - back
                call_change = cursor.signed()
        if record.is_inlined:
            record.call_line = u64(i64(self.first_line(record.parent)) + call_change)

    def read_function(self, number: u64, record: FunctionRecord) -> None:
        """Reads one function."""
        cursor = Cursor(self.data, load_u32(self.data, 32))
        cursor.varint()
        for _ in range(number + 1):
            record.path = cursor.varint()
            record.owner = cursor.varint()
            record.name = cursor.varint()
            record.line = cursor.varint()

    def read_word(self, number: u64) -> Bytes:
        """Reads one word."""
        cursor = Cursor(self.data, load_u32(self.data, 36))
        cursor.varint()
        word: Bytes = b""
        for _ in range(number + 1):
            word = cursor.word()
        return word

    def describe(self, place: Place) -> None:
        """Sets the names of a place from its context."""
        record = ContextRecord()
        self.read_context(place.context, record)
        function = FunctionRecord()
        self.read_function(record.function, function)
        place.path = self.read_word(function.path)
        place.name = self.read_word(function.name)
        place.owner = b""
        if function.owner != 0:
            place.owner = self.read_word(function.owner - 1)

    def leave_inlined(self, place: Place) -> bool:
        """Moves a place to the call that it is inlined at; False if it is not inlined."""
        record = ContextRecord()
        self.read_context(place.context, record)
        if not record.is_inlined:
            return False
        place.context = record.parent
        place.line = record.call_line
        self.describe(place)
        return True
