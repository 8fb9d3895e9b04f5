"""head - write the first lines of files.

usage: head [-n LINES | -c BYTES] [FILE...]

LINES is 10 when not given; -LINES means the same. Several files are introduced by their names.
"""

from __future__ import annotations

from bare import Bytes, i32, raises, struct, text, u64
from user.lib.arguments import Arguments
from user.lib.count_option import CountOption
from user.lib.input import Input, newline_index
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.report import usage_error
from user.lib.standard import standard


@struct
class Head(InputVisitor):
    """How many lines or bytes of each input are written, and whether names are."""

    count: u64
    counts_bytes: bool
    with_names: bool
    is_later: bool = False

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Writes the beginning of `source`."""
        if self.with_names:
            print("\n" if self.is_later else "", end="")
            print(f"==> {text(name)} <==")
        self.is_later = True
        if self.counts_bytes:
            self.write_bytes(source)
        else:
            self.write_lines(source)

    @raises()
    def write_lines(self, source: Input) -> None:
        """Writes the first lines."""
        left = self.count
        while left > 0 and source.fill():
            pending = source.buffer[source.start : source.end]
            length = newline_index(pending)
            if length < len(pending):
                length += 1
                left -= 1
            standard().output.write(pending[:length])
            source.start += length

    @raises()
    def write_bytes(self, source: Input) -> None:
        """Writes the first bytes."""
        left = self.count
        while left > 0 and source.fill():
            length = min(source.end - source.start, left)
            standard().output.write(source.buffer[source.start : source.start + length])
            source.start += length
            left -= length


def main(arguments: Arguments) -> i32:
    """Writes the head of every input."""
    option = CountOption()
    option.parse(arguments)
    if option.is_position:
        usage_error("a position (+N) is for tail")
    with_names = arguments.count - option.first > 1
    visitor = Head(option.count, option.counts_bytes, with_names)
    return visit_inputs(arguments, option.first, visitor)
