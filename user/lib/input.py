"""`Input`: a buffered reader of a file descriptor, by byte, line or piece."""

from __future__ import annotations

from bare import Bytes, Span, i32, raises, struct, u8, usize
from bare.lib.text import Text
from user.lib import sys

NEWLINE = ord("\n")


@struct
class Input:
    """A descriptor and the bytes read from it that nobody has taken yet."""

    descriptor: i32
    buffer: Span[u8]
    start: usize = 0
    end: usize = 0

    @raises()
    def fill(self) -> bool:
        """Makes sure that a byte is buffered; False at the end of the file. Blocks."""
        if self.start == self.end:
            self.start = 0
            self.end = 0
            self.end = sys.read(self.descriptor, self.buffer)
        return self.end > self.start

    @raises()
    def take(self) -> Bytes:
        """Returns what is buffered, after reading if nothing was; empty at the end of the file.

        The view is good until the next call.
        """
        self.fill()
        start = self.start
        self.start = self.end
        return self.buffer[start : self.end]

    @raises()
    def read_line(self, line: Text) -> bool:
        """Replaces `line` by the next line without its newline; False when there is none left."""
        line.clear()
        any_byte = False
        while self.fill():
            any_byte = True
            length = newline_index(self.buffer[self.start : self.end])
            line.append(self.buffer[self.start : self.start + length])
            self.start += length
            if self.start < self.end:
                self.start += 1
                return True
        return any_byte


def newline_index(data: Bytes) -> usize:
    """Returns the index of the first newline, or the length where there is none."""
    index: usize = 0
    while index < len(data) and data[index] != NEWLINE:
        index += 1
    return index
