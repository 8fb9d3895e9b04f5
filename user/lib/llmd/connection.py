"""`Connection`: one client, from its first byte to the last of the answer."""

from __future__ import annotations

from abi.errno import EAGAIN, ENOMEM
from abi.socket import SHUT_WR
from bare import (
    Allocator,
    Enum8,
    Span,
    allocate_span,
    errno_of,
    i32,
    inline,
    raises,
    release,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from user.lib import sys
from user.lib.http.receiver import LARGE_BUFFER_BYTES, RequestReceiver
from user.lib.http.response import Response
from user.lib.llm.serve.answers import Timings
from user.lib.llm.serve.completion_request import CompletionRequest
from user.lib.llm.serve.generation import Generation
from user.lib.llmd.outbox import Outbox
from user.lib.socket import receive

MOST_BODY_BYTES: usize = 64 * 1024
"""A prompt of 8 KiB, all of it escaped, and as much again."""
DROPS_IN_A_TURN = 16
"""Buffers of input that one connection may have dropped before others go on."""
MOST_DROPPED_BYTES: usize = 16 * 1024 * 1024
"""What a client may still send behind the last answer."""


class Phase(Enum8):
    """What a connection is at."""

    READING = 0
    WAITING = 1
    """For a slot."""
    GENERATING = 2
    CLOSING = 3
    """Everything is answered, not everything is sent."""
    LINGERING = 4
    """Everything is sent; what the client still sends is dropped, so that the end of the connection
    does not destroy the answer on its way (RFC 9112, 9.6).
    """


@struct
class Connection:
    """What is known of one client. Allocated when it comes, released when it is gone."""

    body: Span[u8]
    """Room for a body, while a completion is asked for."""
    fd: i32 = -1
    phase: Phase = Phase.READING
    number: u64 = 0
    """Of the connection since the start: tells an old event from a new one."""
    deadline_ns: u64 = 0
    """By when something must have been received or sent."""
    events: u32 = 0
    """What the kernel watches it for."""
    place: usize = 0
    """In the server's table."""
    ticket: u64 = 0
    """Its place in the queue for a slot."""
    receiver: RequestReceiver = inline()
    body_bytes: usize = 0
    dropped_bytes: usize = 0
    """While LINGERING."""
    lingers_to_ns: u64 = 0
    """Until when at most."""
    outbox: Outbox = inline()
    response: Response = inline()
    request: CompletionRequest = inline()
    timings: Timings = inline()
    generation: Generation | None = None

    @raises(ENOMEM)
    def open(self, allocator: Allocator, fd: i32, number: u64) -> None:
        """Begins, in a new object; where memory is short nothing is kept."""
        self.outbox.prepare(allocator)
        try:
            self.receiver.use(allocate_span(allocator, u8, LARGE_BUFFER_BYTES))
        except OSError:
            release(allocator, self.outbox.storage)
            raise
        self.receiver.most_body_bytes = MOST_BODY_BYTES
        self.fd = fd
        self.number = number

    def free(self, allocator: Allocator) -> None:
        """Gives back the buffers; the object is its owner's to release."""
        release(allocator, self.receiver.buffer)
        release(allocator, self.outbox.storage)
        self.free_request(allocator)

    @raises(ENOMEM)
    def prepare_request(self, allocator: Allocator) -> None:
        """Takes the memory that only a completion needs."""
        if len(self.body) == 0:
            self.body = allocate_span(allocator, u8, MOST_BODY_BYTES)
        if len(self.request.prompt_buffer) == 0:
            self.request.prepare(allocator)
        self.body_bytes = 0

    def free_request(self, allocator: Allocator) -> None:
        """Gives that memory back."""
        if len(self.body) > 0:
            release(allocator, self.body)
            self.body = self.body[:0]
        if len(self.request.prompt_buffer) > 0:
            release(allocator, self.request.prompt_buffer)
            self.request.prompt_buffer = self.request.prompt_buffer[:0]

    def fill(self) -> bool:
        """Receives once into the receiver's room; False at the stream's end or on an error."""
        room = self.receiver.room()
        if len(room) == 0:
            return True
        try:
            count = receive(self.fd, room)
        except OSError as error:
            return errno_of(error) == EAGAIN
        self.receiver.received(count)
        return count > 0

    def linger(self, end_ns: u64) -> bool:
        """Ends sending; what still comes will be dropped. False where the client is gone."""
        self.phase = Phase.LINGERING
        self.lingers_to_ns = end_ns
        try:
            sys.shutdown(self.fd, SHUT_WR)
        except OSError:
            return False
        return True

    def drop_input(self) -> bool:
        """Drops what has come; False where nothing more will, or too much has."""
        for _ in range(DROPS_IN_A_TURN):
            try:
                count = receive(self.fd, self.receiver.buffer)
            except OSError as error:
                return errno_of(error) == EAGAIN
            self.dropped_bytes += count
            if count == 0 or self.dropped_bytes > MOST_DROPPED_BYTES:
                return False
        return True

    def take_body(self) -> None:
        """Keeps the piece of the body just received; the receiver limits the sum."""
        piece = self.receiver.piece
        self.body[self.body_bytes : self.body_bytes + len(piece)].copy_from(piece)
        self.body_bytes += len(piece)
