"""`History`: the lines that were entered, the oldest of which go."""

from __future__ import annotations

from bare import Allocator, Array, Bytes, Span, array, raises, release, struct, u8, usize
from user.lib.shell.variables import copied

HISTORY_LINES = 100


@struct
class HistoryLine:
    """One line."""

    text: Span[u8]


@struct
class History:
    """The last lines, in a ring."""

    allocator: Allocator
    count: usize
    """Lines ever added."""
    lines: Array[HistoryLine] = array(HISTORY_LINES)

    @raises()
    def add(self, line: Bytes) -> None:
        """Adds a line, unless it is empty or equal to the last one."""
        if len(line) == 0:
            return
        if self.count > 0 and self.get(self.count - 1) == line:
            return
        entry = self.lines[self.count % HISTORY_LINES]
        copy = copied(self.allocator, line)
        if len(entry.text) > 0:
            release(self.allocator, entry.text)
        entry.text = copy
        self.count += 1

    def oldest(self) -> usize:
        """Returns the number of the oldest line that is there."""
        return self.count - min(self.count, HISTORY_LINES)

    def get(self, number: usize) -> Bytes:
        """Returns a line by its number, from `oldest` to `count` - 1."""
        return self.lines[number % HISTORY_LINES].text
