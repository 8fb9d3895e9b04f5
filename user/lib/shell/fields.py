"""Fields: what a word becomes. Bytes with marks, and the rules of splitting them."""

from __future__ import annotations

from bare import Allocator, Bytes, allocate, raises, struct, u8, usize
from bare.lib.text import Text
from user.lib.shell.glob import PLAIN, QUOTED

DEFAULT_SEPARATORS: bytes = b" \t\n"


@struct
class Field:
    """One field; `marks` says which bytes were quoted."""

    text: Bytes
    marks: Bytes
    next: Field | None


@struct
class FieldList:
    """Fields being made."""

    allocator: Allocator
    first: Field | None = None
    last: Field | None = None
    count: usize = 0
    text: Text | None = None
    marks: Text | None = None
    is_open: bool = False
    """Whether a field is under way, perhaps an empty one that was quoted."""

    @raises()
    def open(self) -> None:
        """Makes sure that a field is under way."""
        if self.is_open:
            return
        text = allocate(self.allocator, Text)
        text.allocator = self.allocator
        marks = allocate(self.allocator, Text)
        marks.allocator = self.allocator
        self.text = text
        self.marks = marks
        self.is_open = True

    @raises()
    def add(self, data: Bytes, is_quoted: bool) -> None:
        """Adds bytes to the field under way; opens one."""
        self.open()
        text = self.text
        marks = self.marks
        assert text is not None and marks is not None, "no field under way"
        text.append(data)
        for _ in range(len(data)):
            marks.append_byte(QUOTED if is_quoted else PLAIN)

    @raises()
    def end(self) -> None:
        """Ends the field under way, if there is one."""
        if not self.is_open:
            return
        text = self.text
        marks = self.marks
        assert text is not None and marks is not None, "no field under way"
        self.add_field(text.view(), marks.view())
        self.is_open = False

    @raises()
    def add_field(self, text: Bytes, marks: Bytes) -> None:
        """Adds a field that is complete."""
        field = allocate(self.allocator, Field)
        field.text = text
        field.marks = marks
        last = self.last
        if last is None:
            self.first = field
        else:
            last.next = field
        self.last = field
        self.count += 1

    @raises()
    def add_split(self, data: Bytes, separators: Bytes) -> None:
        """Adds the result of an unquoted expansion, split at `separators`. POSIX XCU 2.6.5.

        White space around fields vanishes; every other separator ends a field, an empty one too.
        """
        index: usize = 0
        while index < len(data):
            if not contains(separators, data[index]):
                start = index
                while index < len(data) and not contains(separators, data[index]):
                    index += 1
                self.add(data[start:index], False)
                continue
            index = self.skip_separator(data, index, separators)

    @raises()
    def skip_separator(self, data: Bytes, index: usize, separators: Bytes) -> usize:
        """Ends the field before one separator with the white space around; returns what follows."""
        while index < len(data) and is_white_separator(data[index], separators):
            index += 1
        if index < len(data) and contains(separators, data[index]):
            self.open()
            index += 1
            while index < len(data) and is_white_separator(data[index], separators):
                index += 1
        self.end()
        return index


def contains(separators: Bytes, byte: u8) -> bool:
    """Whether a byte separates fields."""
    for separator in separators:
        if separator == byte:
            return True
    return False


def is_white_separator(byte: u8, separators: Bytes) -> bool:
    """Whether a byte is white space and separates fields."""
    return contains(DEFAULT_SEPARATORS, byte) and contains(separators, byte)
