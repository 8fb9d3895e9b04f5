"""`Connections`: all that are open, what is watched for them, and how long they may take."""

from __future__ import annotations

from abi.epoll import EPOLLET, EPOLLIN, EPOLLOUT, EPOLLRDHUP
from bare import i32, i64, inline, raises, struct, u32, u64, usize
from bare.lib.pool import Pool
from bare.lib.vec import Vec
from user.lib.heap import Heap
from user.lib.httpd.buffers import Buffers
from user.lib.httpd.connection import Connection, State
from user.lib.httpd.deadlines import NO_DEADLINE, DeadlineLine, leave_line
from user.lib.httpd.sender import Sender
from user.lib.inputs import close_quietly
from user.lib.socket import Epoll

HEAD_LIMIT_MS: i64 = 10_000
"""From a connection's start, or a request's first byte, to the end of the request's head."""

BODY_LIMIT_MS: i64 = 30_000
IDLE_LIMIT_MS: i64 = 30_000
STALL_LIMIT_MS: i64 = 30_000
"""While a client takes nothing of its response."""

LINGER_LIMIT_MS: i64 = 2_000
"""While a client sends nothing behind the last response, and does not close either."""

WATCHED: u32 = EPOLLIN | EPOLLRDHUP | EPOLLET


@struct
class Connections:
    """A table by descriptor. A connection that is closed leaves every list at once."""

    heap: Heap
    sender: Sender
    epoll: Epoll = inline()
    buffers: Buffers = inline()
    pool: Pool[Connection] = inline()
    by_descriptor: Vec[Connection | None] = inline()
    heads: DeadlineLine = inline()
    bodies: DeadlineLine = inline()
    idle: DeadlineLine = inline()
    stalled: DeadlineLine = inline()
    lingering: DeadlineLine = inline()
    first_queued: Connection | None = None
    last_queued: Connection | None = None

    def prepare(self, heap: Heap, sender: Sender) -> None:
        """Begins without connections."""
        self.heap = heap
        self.sender = sender
        self.buffers.heap = heap
        self.pool.slabs.source = heap
        self.by_descriptor.allocator = heap
        self.heads.limit_ms = HEAD_LIMIT_MS
        self.bodies.limit_ms = BODY_LIMIT_MS
        self.idle.limit_ms = IDLE_LIMIT_MS
        self.stalled.limit_ms = STALL_LIMIT_MS
        self.lingering.limit_ms = LINGER_LIMIT_MS

    @raises()
    def add(self, descriptor: i32) -> Connection:
        """Makes a connection of a descriptor; on ENOMEM the descriptor is still the caller's."""
        table = self.by_descriptor
        while len(table) <= usize(descriptor):
            table.append(None)
        connection = self.pool.alloc()
        connection.begin(descriptor)
        table.set(usize(descriptor), connection)
        return connection

    def find(self, descriptor: u64) -> Connection | None:
        """Returns the connection behind a descriptor."""
        if descriptor >= len(self.by_descriptor):
            return None
        return self.by_descriptor.get(descriptor)

    def close(self, connection: Connection) -> None:
        """Ends a connection and gives back all that it holds."""
        self.by_descriptor.set(usize(connection.descriptor), None)
        leave_line(connection)
        close_quietly(connection.descriptor)
        self.sender.drop(connection)
        self.buffers.take_back(connection.receiver)
        connection.descriptor = -1
        if not connection.is_queued:
            self.pool.free(connection)

    def watch(self, connection: Connection) -> bool:
        """Sees to it that what the connection waits for is noticed; False where that fails."""
        wants_to_send = connection.state == State.SENDING
        if connection.is_watched and connection.waits_to_send == wants_to_send:
            return True
        events = WATCHED | EPOLLOUT if wants_to_send else WATCHED
        number = u64(connection.descriptor)
        try:
            if connection.is_watched:
                self.epoll.change(connection.descriptor, events, number)
            else:
                self.epoll.add(connection.descriptor, events, number)
        except OSError:
            return False
        connection.is_watched = True
        connection.waits_to_send = wants_to_send
        return True

    def queue(self, connection: Connection) -> None:
        """Has a connection go on by itself when the others had their turn."""
        if connection.is_queued:
            return
        connection.is_queued = True
        connection.next_queued = None
        last = self.last_queued
        if last is None:
            self.first_queued = connection
        else:
            last.next_queued = connection
        self.last_queued = connection

    def take_queued(self) -> Connection | None:
        """Takes the first connection that waits for its turn; closed ones fall out."""
        while True:
            first = self.first_queued
            if first is None:
                return None
            self.first_queued = first.next_queued
            if self.first_queued is None:
                self.last_queued = None
            first.is_queued = False
            if first.descriptor >= 0:
                return first
            self.pool.free(first)

    def next_deadline_ms(self) -> i64:
        """Returns when the first time of all is over."""
        soonest = NO_DEADLINE
        soonest = min(soonest, self.heads.next_deadline_ms())
        soonest = min(soonest, self.bodies.next_deadline_ms())
        soonest = min(soonest, self.idle.next_deadline_ms())
        soonest = min(soonest, self.stalled.next_deadline_ms())
        return min(soonest, self.lingering.next_deadline_ms())

    def overdue_silent(self, now_ms: i64) -> Connection | None:
        """Takes out and returns a connection that is to be closed without a word."""
        connection = self.idle.overdue(now_ms)
        if connection is None:
            connection = self.stalled.overdue(now_ms)
        if connection is None:
            connection = self.lingering.overdue(now_ms)
        return connection

    def close_all(self) -> None:
        """Ends every connection."""
        for index in range(len(self.by_descriptor)):
            connection = self.by_descriptor.get(index)
            if connection is not None:
                self.close(connection)
