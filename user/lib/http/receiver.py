"""`RequestReceiver`: turns what a connection receives into requests, without doing any I/O.

How to use it: give it a buffer, and then

    event = receiver.next_event()
    NEED_DATA   read into `room()`, tell `received(count)`, ask again; at the end of the stream
                an unfinished request is lost, which `is_idle` tells from a clean end
    REQUEST     `request` is there; its body follows
    DATA        `piece` is some of the body, valid until the next call
    END         the request has been read whole: answer it, then `next_request()`
    FAILED      answer with `failure` and close: where the next request begins is not known

The events do not depend on how the bytes were cut into pieces, but for the cuts between DATA.
Requests may follow each other in the buffer (pipelining): ask again behind `next_request()`.

The buffer belongs to the caller, who may take it away while `is_idle()`. It needs room for the
head and some of what follows: LARGE_BUFFER_BYTES always do. A smaller one is exchanged with
`use_larger` when `is_full()`.
"""

from __future__ import annotations

from bare import Bytes, Enum8, Span, inline, struct, u8, u64, usize
from user.lib.http.chunked import ChunkedReader
from user.lib.http.head_parser import HeadParser
from user.lib.http.request import Request
from user.lib.http.status import Status

LARGE_BUFFER_BYTES: usize = 16 * 1024
"""Room for the longest head and 4 KiB of body behind it."""


class Event(Enum8):
    """What `next_event` came upon."""

    NEED_DATA = 0
    REQUEST = 1
    DATA = 2
    END = 3
    FAILED = 4


class Phase(Enum8):
    """What is read next."""

    HEAD = 0
    BODY = 1
    CHUNKS = 2
    END = 3
    FAILED = 4


@struct
class RequestReceiver:
    """A buffer and what is known of the request in it."""

    buffer: Span[u8]
    most_body_bytes: u64 = 1 << 20
    """A longer body fails with CONTENT_TOO_LARGE."""

    phase: Phase = Phase.HEAD
    failure: Status = Status.CONTINUE
    start: usize = 0
    """Where the request begins in the buffer, or what follows its head once that is read."""

    end: usize = 0
    """Where what was received ends."""

    head_end: usize = 0
    """The head stays where it is: nothing before this is overwritten until the next request."""

    body_bytes: u64 = 0
    """Bytes of the body that were given out."""

    piece: Bytes = b""
    request: Request = inline()
    head: HeadParser = inline()
    chunks: ChunkedReader = inline()

    def use(self, buffer: Span[u8]) -> None:
        """Gives an idle receiver a buffer."""
        self.buffer = buffer
        self.start = 0
        self.end = 0

    def restart(self) -> None:
        """Forgets everything, for a new connection; the buffer is given up."""
        self.phase = Phase.HEAD
        self.failure = Status.CONTINUE
        self.head_end = 0
        self.body_bytes = 0
        self.piece = b""
        self.head.reset()
        self.request.reset()
        self.take_buffer()

    def take_buffer(self) -> Span[u8]:
        """Takes the buffer away from an idle receiver."""
        buffer = self.buffer
        self.buffer = buffer[:0]
        self.start = 0
        self.end = 0
        return buffer

    def is_idle(self) -> bool:
        """Whether nothing of a request has been received."""
        return self.phase == Phase.HEAD and self.start == self.end

    def has_read_all(self) -> bool:
        """Whether nothing was received that has not been given out."""
        return self.start == self.end

    def is_full(self) -> bool:
        """Whether `room()` is empty because the head fills the buffer."""
        return len(self.room()) == 0

    def use_larger(self, larger: Span[u8]) -> Span[u8]:
        """Moves everything into a larger buffer and returns the old one."""
        old = self.buffer
        larger[: self.end].copy_from(old[: self.end])
        self.buffer = larger
        if self.phase != Phase.HEAD:
            self.request.head = larger[self.head_end - len(self.request.head) : self.head_end]
        return old

    def room(self) -> Span[u8]:
        """Returns where to receive into, after moving what is there to the front if need be."""
        if self.start == self.end:
            self.start = self.head_end
            self.end = self.head_end
        elif self.end == len(self.buffer) and self.start > self.head_end:
            count = self.end - self.start
            self.buffer[self.head_end : self.head_end + count].copy_from(
                self.buffer[self.start : self.end]
            )
            self.start = self.head_end
            self.end = self.head_end + count
        return self.buffer[self.end :]

    def received(self, count: usize) -> None:
        """Says how many bytes were received into `room()`."""
        assert count <= len(self.buffer) - self.end, "more received than there was room for"
        self.end += count

    def next_event(self) -> Event:
        """Goes on to what comes next."""
        match self.phase:
            case Phase.HEAD:
                return self.read_head()
            case Phase.BODY:
                return self.read_body()
            case Phase.CHUNKS:
                return self.read_chunks()
            case Phase.END:
                return Event.END
            case Phase.FAILED:
                return Event.FAILED

    def awaits_continue(self) -> bool:
        """Whether the client may be waiting for `100 Continue`: nothing of the body has come."""
        if not self.request.expects_continue or self.body_bytes > 0 or self.start != self.end:
            return False
        return self.phase == Phase.BODY or self.phase == Phase.CHUNKS

    def next_request(self) -> None:
        """Forgets the request that was read whole."""
        assert self.phase == Phase.END, "the request has not been read whole"
        self.phase = Phase.HEAD
        self.head_end = 0
        self.body_bytes = 0
        self.piece = b""
        self.head.reset()
        self.request.reset()

    def fail(self, status: Status) -> Event:
        """Ends reading for good."""
        self.phase = Phase.FAILED
        self.failure = status
        return Event.FAILED

    def read_head(self) -> Event:
        """Reads what there is of the head."""
        status = self.head.advance(self.buffer[self.start : self.end], self.request)
        if status != Status.CONTINUE:
            return self.fail(status)
        if not self.head.is_complete:
            return Event.NEED_DATA
        self.start += self.head.line_start
        self.head_end = self.start
        if self.request.content_length > self.most_body_bytes:
            return self.fail(Status.CONTENT_TOO_LARGE)
        self.phase = Phase.END
        if self.request.is_chunked:
            self.phase = Phase.CHUNKS
            self.chunks.begin(self.most_body_bytes)
        elif self.request.content_length > 0:
            self.phase = Phase.BODY
        return Event.REQUEST

    def read_body(self) -> Event:
        """Gives out what there is of a body of known length."""
        left = self.request.content_length - self.body_bytes
        count = min(left, self.end - self.start)
        if count == left:
            self.phase = Phase.END
        return self.give(self.buffer[self.start : self.start + count], count)

    def read_chunks(self) -> Event:
        """Gives out the next piece of a chunked body."""
        taken = self.chunks.advance(self.buffer[self.start : self.end])
        if self.chunks.status != Status.CONTINUE:
            return self.fail(self.chunks.status)
        if self.chunks.is_done():
            self.phase = Phase.END
            self.start += taken
            return Event.END
        return self.give(self.chunks.piece, taken)

    def give(self, piece: Bytes, taken: usize) -> Event:
        """Gives out a piece, if it is one, for which `taken` bytes of the buffer were used."""
        self.start += taken
        self.piece = piece
        self.body_bytes += len(piece)
        return Event.DATA if len(piece) > 0 else Event.NEED_DATA
