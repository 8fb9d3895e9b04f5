"""`Buffers`: memory that connections receive into, held only while a request is under way."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, allocate_span, raises, release, struct, u8, usize
from user.lib.heap import Heap
from user.lib.http.receiver import LARGE_BUFFER_BYTES, RequestReceiver

SMALL_BUFFER_BYTES: usize = 2048


@struct
class Buffers:
    """One small buffer that is free is kept at hand: most requests come and go in it."""

    heap: Heap
    spare: Span[u8] | None = None

    @raises(ENOMEM)
    def lend(self, receiver: RequestReceiver) -> None:
        """Sees to it that there is room to receive into."""
        if len(receiver.buffer) == 0:
            spare = self.spare
            if spare is None:
                spare = allocate_span(self.heap, u8, SMALL_BUFFER_BYTES)
            self.spare = None
            receiver.use(spare)
        elif receiver.is_full():
            old = receiver.use_larger(allocate_span(self.heap, u8, LARGE_BUFFER_BYTES))
            release(self.heap, old)

    def take_back(self, receiver: RequestReceiver) -> None:
        """Takes a receiver's buffer away, whatever is in it."""
        buffer = receiver.take_buffer()
        if len(buffer) == 0:
            return
        if len(buffer) == SMALL_BUFFER_BYTES and self.spare is None:
            self.spare = buffer
        else:
            release(self.heap, buffer)
