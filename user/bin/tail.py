"""tail - write the last lines of files.

usage: tail [-n LINES] [FILE...]

LINES is 10 when not given; -LINES means the same. Several files are introduced by their names.
"""

from __future__ import annotations

from bare import Bytes, Span, allocate_span, i32, raises, release, struct, text, u8, u64, usize
from user.lib.arguments import Arguments
from user.lib.input import Input
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.line_count import LineCount
from user.lib.standard import standard

FIRST_BYTES = 4096
NEWLINE = ord("\n")


@struct
class Tail(InputVisitor):
    """How many lines of each input are written, and the end of the input as far as it is needed."""

    lines: u64
    with_names: bool
    is_later: bool = False
    kept: Span[u8] | None = None
    used: usize = 0

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Writes the last lines of `source`."""
        if self.with_names:
            print("\n" if self.is_later else "", end="")
            print(f"==> {text(name)} <==")
        self.is_later = True
        self.used = 0
        while source.fill():
            self.keep(source.take())
        kept = self.kept
        if kept is not None:
            ending = kept[: self.used]
            standard().output.write(ending[last_lines(ending, self.lines) :])

    @raises()
    def keep(self, piece: Bytes) -> None:
        """Adds `piece`; drops what cannot be among the last lines when room is short."""
        kept = self.kept
        if kept is None:
            kept = allocate_span(standard().heap, u8, FIRST_BYTES)
        if self.used + len(piece) > len(kept):
            start = last_lines(kept[: self.used], self.lines)
            kept[: self.used - start].copy_from(kept[start : self.used])
            self.used -= start
        if self.used + len(piece) > len(kept):
            larger = allocate_span(standard().heap, u8, 2 * (self.used + len(piece)))
            larger[: self.used].copy_from(kept[: self.used])
            release(standard().heap, kept)
            kept = larger
        self.kept = kept
        kept[self.used : self.used + len(piece)].copy_from(piece)
        self.used += len(piece)


def last_lines(data: Bytes, lines: u64) -> usize:
    """Returns where the last `lines` lines of `data` begin; an unfinished line counts as one."""
    start = len(data)
    if start > 0 and data[start - 1] == NEWLINE:
        start -= 1
    left = lines
    if left == 0:
        return len(data)
    while start > 0:
        if data[start - 1] == NEWLINE:
            left -= 1
            if left == 0:
                return start
        start -= 1
    return 0


def main(arguments: Arguments) -> i32:
    """Writes the tail of every input."""
    count = LineCount()
    count.parse(arguments)
    visitor = Tail(count.lines, arguments.count - count.first > 1)
    return visit_inputs(arguments, count.first, visitor)
