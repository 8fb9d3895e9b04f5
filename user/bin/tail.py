"""tail - write the last lines of files.

usage: tail [-n LINES | -c BYTES] [FILE...]

LINES is 10 when not given; -LINES means the same. With +N everything from line or byte N on is
written. Several files are introduced by their names.
"""

from __future__ import annotations

from bare import Bytes, Span, allocate_span, i32, raises, release, struct, text, u8, u64, usize
from user.lib.arguments import Arguments
from user.lib.count_option import CountOption
from user.lib.input import Input, newline_index
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.standard import standard

FIRST_BYTES = 4096
NEWLINE = ord("\n")


@struct
class Tail(InputVisitor):
    """How much of each input is written, and the end of the input as far as it is needed."""

    option: CountOption
    with_names: bool
    is_later: bool = False
    kept: Span[u8] | None = None
    used: usize = 0

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Writes the end of `source`."""
        if self.with_names:
            print("\n" if self.is_later else "", end="")
            print(f"==> {text(name)} <==")
        self.is_later = True
        if self.option.is_position:
            self.write_from_position(source)
        else:
            self.write_end(source)

    @raises()
    def write_from_position(self, source: Input) -> None:
        """Writes all that comes from a line or a byte on."""
        left = max(self.option.count, 1) - 1
        while left > 0 and source.fill():
            pending = source.buffer[source.start : source.end]
            length = min(len(pending), left)
            if self.option.counts_bytes:
                left -= length
            else:
                length = min(newline_index(pending) + 1, len(pending))
                if pending[length - 1] == NEWLINE:
                    left -= 1
            source.start += length
        while source.fill():
            standard().output.write(source.take())

    @raises()
    def write_end(self, source: Input) -> None:
        """Writes the last lines or bytes."""
        self.used = 0
        while source.fill():
            self.keep(source.take())
        kept = self.kept
        if kept is not None:
            ending = kept[: self.used]
            standard().output.write(ending[self.start_in(ending) :])

    @raises()
    def keep(self, piece: Bytes) -> None:
        """Adds `piece`; drops what is not wanted in the end when room is short."""
        kept = self.kept
        if kept is None:
            kept = allocate_span(standard().heap, u8, FIRST_BYTES)
        if self.used + len(piece) > len(kept):
            start = self.start_in(kept[: self.used])
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

    def start_in(self, data: Bytes) -> usize:
        """Returns where the wanted end of `data` begins."""
        if self.option.counts_bytes:
            return len(data) - min(len(data), self.option.count)
        return last_lines(data, self.option.count)


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
    option = CountOption()
    option.parse(arguments)
    visitor = Tail(option, arguments.count - option.first > 1)
    return visit_inputs(arguments, option.first, visitor)
