"""`ByteRing`: a queue of bytes in a fixed buffer. The owner locks."""

from __future__ import annotations

from bare import Bytes, Span, struct, u8, usize


@struct
class ByteRing:
    """Bytes in order; `head` and `tail` count for ever, the buffer's length is a power of two."""

    buffer: Span[u8]
    head: usize = 0
    """Bytes ever put in."""
    tail: usize = 0
    """Bytes ever taken out."""

    def start(self, buffer: Span[u8]) -> None:
        """Begins empty on a buffer whose length is a power of two."""
        assert len(buffer) & (len(buffer) - 1) == 0, "ring size is no power of two"
        self.buffer = buffer

    def count(self) -> usize:
        """Returns the number of bytes in the queue."""
        return self.head - self.tail

    def room(self) -> usize:
        """Returns the number of bytes that can be put in."""
        return len(self.buffer) - self.count()

    def take_byte(self) -> u8:
        """Takes the oldest byte out of a ring that is not empty."""
        assert self.count() > 0, "take from an empty ring"
        byte = self.buffer[self.tail & (len(self.buffer) - 1)]
        self.tail += 1
        return byte

    def put(self, data: Bytes) -> usize:
        """Puts in what fits and returns how much that was."""
        count = min(len(data), self.room())
        start = self.head & (len(self.buffer) - 1)
        first = min(count, len(self.buffer) - start)
        self.buffer[start : start + first].copy_from(data[:first])
        self.buffer[: count - first].copy_from(data[first:count])
        self.head += count
        return count

    def take(self, into: Span[u8]) -> usize:
        """Takes out what is there, at most `len(into)`, and returns how much that was."""
        count = min(len(into), self.count())
        start = self.tail & (len(self.buffer) - 1)
        first = min(count, len(self.buffer) - start)
        into[:first].copy_from(self.buffer[start : start + first])
        into[first:count].copy_from(self.buffer[: count - first])
        self.tail += count
        return count
