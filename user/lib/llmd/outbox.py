"""`Outbox`: bytes that wait to be sent on a connection that does not block."""

from __future__ import annotations

from abi.errno import EAGAIN, ENOMEM
from abi.socket import MSG_NOSIGNAL
from bare import (
    Allocator,
    Bytes,
    Span,
    Writer,
    allocate_span,
    errno_of,
    i32,
    raises,
    struct,
    u8,
    usize,
)
from user.lib.socket import send

OUTBOX_BYTES: usize = 16 * 1024
ENOUGH_ROOM: usize = 4096
"""More than is written at once: a piece of text as JSON, with what frames it, or a whole head."""


@struct
class Outbox(Writer):
    """A buffer of OUTBOX_BYTES; whoever writes looks at `has_room` first."""

    storage: Span[u8]
    start: usize = 0
    end: usize = 0

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator) -> None:
        """Takes the memory."""
        self.storage = allocate_span(allocator, u8, OUTBOX_BYTES)

    def write(self, data: Bytes) -> None:
        """Adds bytes, for which there must be room."""
        if self.start > 0 and self.end + len(data) > OUTBOX_BYTES:
            self.storage[: self.end - self.start].copy_from(self.storage[self.start : self.end])
            self.end -= self.start
            self.start = 0
        self.storage[self.end : self.end + len(data)].copy_from(data)
        self.end += len(data)

    def has_room(self) -> bool:
        """Whether the next piece fits."""
        return OUTBOX_BYTES - (self.end - self.start) >= ENOUGH_ROOM

    def is_empty(self) -> bool:
        """Whether everything was sent."""
        return self.start == self.end

    def clear(self) -> None:
        """Throws away what was not sent."""
        self.start = 0
        self.end = 0

    def flush(self, fd: i32) -> bool:
        """Sends what the connection takes; False when the other end is gone."""
        while self.start < self.end:
            try:
                self.start += send(fd, self.storage[self.start : self.end], MSG_NOSIGNAL)
            except OSError as error:
                return errno_of(error) == EAGAIN
        self.clear()
        return True
