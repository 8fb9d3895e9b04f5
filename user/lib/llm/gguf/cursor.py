"""A file read from front to back, in which no length is believed."""

from __future__ import annotations

from bare import Bytes, load_u32, load_u64, struct, u32, u64, usize


@struct
class Cursor:
    """Where reading has come to. Once something would lie beyond the end, `is_sound` is False for
    good, and everything read is zero or empty.
    """

    file: Bytes
    offset: usize = 0
    is_sound: bool = True

    def left(self) -> usize:
        """Returns the bytes that were not read yet."""
        return len(self.file) - self.offset

    def take(self, count: usize) -> Bytes:
        """Returns the next `count` bytes."""
        if not self.is_sound or count > self.left():
            self.is_sound = False
            return b""
        start = self.offset
        self.offset += count
        return self.file[start : self.offset]

    def take_many(self, count: u64, size: usize) -> Bytes:
        """Returns the next `count` things of `size` bytes, whose product need not fit anything."""
        if count > self.left() // size:
            self.is_sound = False
            return b""
        return self.take(count * size)

    def take_u32(self) -> u32:
        """Returns the next little-endian number of four bytes."""
        part = self.take(4)
        return load_u32(part, 0) if self.is_sound else 0

    def take_u64(self) -> u64:
        """Returns the next little-endian number of eight bytes."""
        part = self.take(8)
        return load_u64(part, 0) if self.is_sound else 0

    def take_string(self) -> Bytes:
        """Returns the next string: its length in eight bytes, then its bytes."""
        return self.take_many(self.take_u64(), 1)
