"""head - write the first lines of files.

usage: head [-n LINES] [FILE...]

LINES is 10 when not given; -LINES means the same. Several files are introduced by their names.
"""

from __future__ import annotations

from bare import Bytes, i32, raises, struct, text, u64
from user.lib.arguments import Arguments
from user.lib.input import Input, newline_index
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.line_count import LineCount
from user.lib.standard import standard


@struct
class Head(InputVisitor):
    """How many lines of each input are written, and whether names are."""

    lines: u64
    with_names: bool
    is_later: bool = False

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Writes the first lines of `source`."""
        if self.with_names:
            print("\n" if self.is_later else "", end="")
            print(f"==> {text(name)} <==")
        self.is_later = True
        left = self.lines
        while left > 0 and source.fill():
            pending = source.buffer[source.start : source.end]
            length = newline_index(pending)
            if length < len(pending):
                length += 1
                left -= 1
            standard().output.write(pending[:length])
            source.start += length


def main(arguments: Arguments) -> i32:
    """Writes the head of every input."""
    count = LineCount()
    count.parse(arguments)
    visitor = Head(count.lines, arguments.count - count.first > 1)
    return visit_inputs(arguments, count.first, visitor)
