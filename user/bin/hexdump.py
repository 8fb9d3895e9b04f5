"""hexdump - show bytes in hexadecimal and as text.

usage: hexdump [-n BYTES] [FILE...]

  -n BYTES   stop after so many bytes of each input

One line shows 16 bytes: the offset, the bytes, and those that are printable ASCII.
"""

from __future__ import annotations

from bare import Array, Bytes, array, i32, raises, struct, text, u8, u64, usize
from user.lib.arguments import Arguments, Options
from user.lib.input import Input
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.numbers import parse_unsigned
from user.lib.report import usage_error

LINE_BYTES = 16
FIRST_PRINTABLE = ord(" ")
LAST_PRINTABLE = ord("~")
NO_LIMIT: u64 = 0xFFFF_FFFF_FFFF_FFFF


@struct
class Dumper(InputVisitor):
    """How many bytes of each input are shown, and the line that is being filled."""

    limit: u64 = NO_LIMIT
    used: usize = 0
    line: Array[u8] = array(LINE_BYTES)

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Shows `source`, and its length at the end."""
        offset: u64 = 0
        self.used = 0
        while offset < self.limit and source.fill():
            self.line[self.used] = source.buffer[source.start]
            source.start += 1
            self.used += 1
            offset += 1
            if self.used == LINE_BYTES:
                self.print_line(offset - self.used)
        if self.used > 0:
            self.print_line(offset - self.used)
        print(f"{offset:08x}")

    def print_line(self, offset: u64) -> None:
        """Prints the collected bytes and starts a new line."""
        print(f"{offset:08x} ", end="")
        for index in range(usize(LINE_BYTES)):
            if index == LINE_BYTES // 2:
                print(" ", end="")
            if index < self.used:
                print(f" {self.line[index]:02x}", end="")
            else:
                print("   ", end="")
        print("  |", end="")
        for byte in self.line[: self.used]:
            print_character(byte)
        print("|")
        self.used = 0


def print_character(byte: u8) -> None:
    """Prints a printable byte as itself, any other as a point."""
    if byte >= FIRST_PRINTABLE and byte <= LAST_PRINTABLE:
        print(f"{byte:c}", end="")
    else:
        print(".", end="")


def main(arguments: Arguments) -> i32:
    """Dumps every input."""
    dumper = Dumper()
    options = Options(arguments, b"n:C")
    while options.next():
        if len(options.value) > 0:
            try:
                dumper.limit = parse_unsigned(options.value)
            except OSError:
                usage_error(f"not a number of bytes: {text(options.value)}")
    return visit_inputs(arguments, options.index, dumper)
