"""`InputQueue`: what was typed: finished input that may be read, then the line being edited."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Allocator, Span, allocate_span, raises, struct, u8, u16, u64, usize
from kernel.tty.settings import NEWLINE

CAPACITY: usize = 4096
"""Characters; a longer line loses what does not fit, as on Linux."""
END_OF_FILE: u16 = 0x100
"""Entry for ^D: ends a read without being a byte of it."""
END_OF_LINE: u16 = 0x200
"""Flag of a byte that ends a line although it is no newline (VEOL)."""


@struct
class InputQueue:
    """Positions count for ever: `first` <= `finished` <= `end` <= `first` + CAPACITY."""

    entries: Span[u16]
    first: u64 = 0
    """Next entry to be read."""
    finished: u64 = 0
    """Behind the last entry that may be read."""
    end: u64 = 0
    """Behind the last entry."""

    @raises(ENOMEM)
    def start(self, allocator: Allocator) -> None:
        """Begins empty."""
        self.entries = allocate_span(allocator, u16, CAPACITY)

    def put(self, entry: u16) -> bool:
        """Appends to the line being edited; False if there is no room.

        The last place is kept for what ends the line.
        """
        is_ending = entry == END_OF_FILE or entry & 0xFF == NEWLINE
        room = CAPACITY - (self.end - self.first)
        if room == 0 or (room == 1 and not is_ending):
            return False
        self.entries[self.end % CAPACITY] = entry
        self.end += 1
        return True

    def finish(self) -> None:
        """Makes everything readable."""
        self.finished = self.end

    def last(self) -> u16:
        """Returns the last entry of the line being edited, which is not empty."""
        return self.entries[(self.end - 1) % CAPACITY]

    def drop_last(self) -> None:
        """Takes the last entry of the line being edited away."""
        assert self.is_editing(), "erase in an empty line"
        self.end -= 1

    def is_editing(self) -> bool:
        """Whether the line being edited has anything in it."""
        return self.end > self.finished

    def line_entry(self, index: u64) -> u16:
        """Returns an entry of the line being edited, counted from its start."""
        return self.entries[(self.finished + index) % CAPACITY]

    def line_length(self) -> u64:
        """Returns the number of entries of the line being edited."""
        return self.end - self.finished

    def available(self) -> u64:
        """Returns the number of entries that may be read."""
        return self.finished - self.first

    def clear(self) -> None:
        """Drops everything."""
        self.first = self.end
        self.finished = self.end

    def finish_without_marks(self) -> None:
        """Makes everything readable but END_OF_FILE, which means nothing without lines."""
        kept = self.first
        for index in range(self.first, self.end):
            entry = self.entries[index % CAPACITY]
            if entry != END_OF_FILE:
                self.entries[kept % CAPACITY] = entry
                kept += 1
        self.end = kept
        self.finish()

    def reopen_line(self) -> None:
        """Drops what follows the last line end, which may be read, and has a line begin there.

        The dropped entries stay in their places until others are put there.
        """
        start = self.end
        while start > self.first and not is_line_end(self.entries[(start - 1) % CAPACITY]):
            start -= 1
        self.finished = start
        self.end = start

    def drop_to(self, position: u64) -> None:
        """Drops what may be read before a position."""
        self.first = position

    def byte_at(self, position: u64) -> u8:
        """Returns the byte of the entry at a position."""
        return u8(self.entries[position % CAPACITY] & 0xFF)

    def take_line(self, into: Span[u8]) -> usize:
        """Reads up to the end of a line or of `into`; an END_OF_FILE is taken and ends the read."""
        count: usize = 0
        while self.first < self.finished:
            entry = self.entries[self.first % CAPACITY]
            if entry == END_OF_FILE:
                self.first += 1
                break
            if count == len(into):
                break
            into[count] = u8(entry & 0xFF)
            count += 1
            self.first += 1
            if is_line_end(entry):
                break
        return count

    def take(self, into: Span[u8]) -> usize:
        """Reads what is there, without regard to lines."""
        count: usize = 0
        while self.first < self.finished and count < len(into):
            entry = self.entries[self.first % CAPACITY]
            self.first += 1
            if entry != END_OF_FILE:
                into[count] = u8(entry & 0xFF)
                count += 1
        return count


def is_line_end(entry: u16) -> bool:
    """Whether a read of lines ends behind an entry."""
    return entry == END_OF_FILE or entry & 0xFF == NEWLINE or entry & END_OF_LINE != 0
