"""`Output`: a buffered writer on a file descriptor.

A program has two, for standard output and standard error, made by `user.lib.runtime`. What does
not fill the buffer is written by `flush`, at a newline when `by_line` is set (terminals, standard
error), and by the runtime when the program ends.

A program can print without looking: a failed write to its standard output is reported and ends it,
as nobody would see what it does from then on. One that has other things to do clears `is_vital`:
then the failure is remembered in `error`, and what follows is dropped.
"""

from __future__ import annotations

from typing import NoReturn

from abi.error_text import strerror
from bare import (
    Array,
    Bytes,
    FormatStr,
    Span,
    array,
    errno_of,
    i32,
    program,
    struct,
    u8,
    usize,
    write_to,
)
from bare.lib.writer import Writer
from user.lib import sys

NEWLINE = ord("\n")
STANDARD_ERROR = 2
FAILED_STATUS = 1
MESSAGE_BYTES = 128


@struct
class Output(Writer):
    """A descriptor and the bytes that are not written to it yet."""

    descriptor: i32
    buffer: Span[u8]
    by_line: bool = False
    is_vital: bool = False
    error: i32 = 0
    used: usize = 0

    def write(self, data: Bytes) -> None:
        """Takes `data`; writes to the descriptor what does not fit or what ends a line."""
        rest = data
        while len(rest) > 0:
            room = len(self.buffer) - self.used
            count = min(room, len(rest))
            self.buffer[self.used : self.used + count].copy_from(rest[:count])
            self.used += count
            rest = rest[count:]
            if self.used == len(self.buffer):
                self.flush()
        if self.by_line and ends_line(data):
            self.flush()

    def print(self, message: FormatStr) -> None:
        """Formats `message` into the stream, without a newline of its own."""
        write_to(self, message)

    def line(self, message: FormatStr) -> None:
        """Formats `message` and ends the line."""
        write_to(self, message)
        self.write(b"\n")

    def flush(self) -> None:
        """Writes what is buffered; on failure ends the program, or drops the bytes."""
        start: usize = 0
        while start < self.used and self.error == 0:
            try:
                start += sys.write(self.descriptor, self.buffer[start : self.used])
            except OSError as error:
                self.error = errno_of(error)
        self.used = 0
        if self.error != 0 and self.is_vital:
            end_after_failure(self.error)


def end_after_failure(error: i32) -> NoReturn:
    """Says that standard output cannot be written, and ends the program."""
    buffer: Array[u8] = array(MESSAGE_BYTES)
    errors = Output(STANDARD_ERROR, buffer[:])
    errors.line(f"{program.NAME}: write error: {strerror(error)}")
    errors.flush()
    sys.exit_group(FAILED_STATUS)


def ends_line(data: Bytes) -> bool:
    """Whether the last byte of `data` is a newline."""
    return len(data) > 0 and data[len(data) - 1] == NEWLINE
