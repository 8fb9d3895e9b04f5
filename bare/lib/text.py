"""`Text`: bytes that grow, in memory from an allocator, and a `Writer` that formats into them."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Bytes,
    Span,
    Writer,
    allocate_span,
    raises,
    release,
    struct,
    text,
    u8,
    usize,
)

FIRST_CAPACITY = 64


@struct
class Text(Writer):
    """Text that grows. Views are valid until it changes."""

    allocator: Allocator
    storage: Span[u8]
    length: usize
    is_truncated: bool
    """Whether `write` had to leave something out since the last `clear`."""

    def __init__(self, allocator: Allocator) -> None:
        self.allocator = allocator
        self.length = 0
        self.is_truncated = False

    def __len__(self) -> usize:
        return self.length

    def view(self) -> Bytes:
        """Returns the bytes, valid until the text changes."""
        return self.storage[: self.length]

    def as_str(self) -> str:
        """Returns the bytes as text, valid until the text changes."""
        return text(self.storage[: self.length])

    @raises(ENOMEM)
    def append(self, data: Bytes) -> None:
        """Adds bytes at the end; where memory is short nothing changes."""
        if len(data) > len(self.storage) - self.length:
            self.grow(len(data))
        self.storage[self.length : self.length + len(data)].copy_from(data)
        self.length += len(data)

    @raises(ENOMEM)
    def append_byte(self, byte: u8) -> None:
        """Adds one byte at the end."""
        if self.length == len(self.storage):
            self.grow(1)
        self.storage[self.length] = byte
        self.length += 1

    def write(self, data: Bytes) -> None:
        """Adds bytes at the end; where memory is short they are left out and `is_truncated` set."""
        try:
            self.append(data)
        except OSError:
            self.is_truncated = True

    def clear(self) -> None:
        """Takes everything away and keeps the memory."""
        self.length = 0
        self.is_truncated = False

    @raises(ENOMEM)
    def grow(self, more: usize) -> None:
        """Makes room for at least `more` bytes."""
        capacity = max(max(2 * len(self.storage), self.length + more), FIRST_CAPACITY)
        grown = allocate_span(self.allocator, u8, capacity)
        grown[: self.length].copy_from(self.view())
        self.free()
        self.storage = grown

    def free(self) -> None:
        """Gives the memory back; the text must not be used after it, except to grow."""
        if len(self.storage) > 0:
            release(self.allocator, self.storage)
