"""`Server`: the loop of `httpd` over its listener and its connections.

Connections are watched edge-triggered from their first empty read on, so that a request on an open
connection costs a wait (shared by all that are ready), a read and a send.

When descriptors or memory run out, the connection that has been idle for longest is closed; where
none is idle, new ones wait in the kernel until there is room.
"""

from __future__ import annotations

from abi.epoll import EPOLLHUP, EPOLLIN, EPOLLRDHUP, EpollEvent
from abi.errno import EAGAIN, ECONNABORTED, EINTR
from abi.signal import SigSet
from abi.socket import SOCK_CLOEXEC, SOCK_NONBLOCK
from bare import (
    Array,
    Bytes,
    array,
    errno_of,
    i32,
    i64,
    inline,
    raises,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from user.lib import sys
from user.lib.heap import Heap
from user.lib.httpd.connection import Connection
from user.lib.httpd.connections import Connections
from user.lib.httpd.deadlines import NO_DEADLINE
from user.lib.httpd.exchange import Exchange
from user.lib.httpd.file_cache import FileCache
from user.lib.httpd.request_log import RequestLog
from user.lib.httpd.responder import Responder
from user.lib.httpd.sender import Sender
from user.lib.inputs import close_quietly
from user.lib.stop_signal import set_waiting_mask, stop_is_wanted
from user.lib.ticks import monotonic_ms

LOG_WAIT_MS: i64 = 10
"""How long nothing must happen before log lines are written."""

PAUSE_MS: i64 = 100
"""How long new connections wait when there is nothing to make room with."""

MOST_WAIT_MS: i64 = 60_000
ACCEPTS_AT_ONCE = 32
LISTENER: u64 = 0xFFFF_FFFF
PATH_BYTES: usize = 4096


@struct
class Server:
    """Everything of the program."""

    listener: i32 = -1
    resumes_ms: i64 = NO_DEADLINE
    """When the listener, which is not watched until then, is watched again."""

    connections: Connections = inline()
    cache: FileCache = inline()
    log: RequestLog = inline()
    sender: Sender = inline()
    responder: Responder = inline()
    exchange: Exchange = inline()

    @raises()
    def prepare(self, heap: Heap, listener: i32, root: Bytes, root_descriptor: i32) -> None:
        """Puts the parts together."""
        self.listener = listener
        self.cache.prepare(heap, root_descriptor)
        self.sender.heap = heap
        self.sender.cache = self.cache
        self.sender.out.allocator = heap
        self.responder.prepare(heap, self.cache, self.log, self.sender.out, root)
        self.connections.prepare(heap, self.sender)
        self.exchange.connections = self.connections
        self.exchange.responder = self.responder
        self.exchange.sender = self.sender
        self.connections.epoll.open()
        self.connections.epoll.add(listener, EPOLLIN, LISTENER)

    @raises()
    def serve(self) -> None:
        """Serves until a signal to stop comes."""
        while not stop_is_wanted():
            count = self.wait()
            self.responder.set_time(monotonic_ms())
            for index in range(count):
                event = self.connections.epoll.events[index]
                if event.data == LISTENER:
                    self.accept_some()
                else:
                    self.handle(event)
            self.run_queued()
            self.end_overdue()
            if self.log.is_due(self.responder.now_ms):
                self.log.flush()
        self.log.flush()
        self.connections.close_all()
        self.cache.drop_all()

    @raises()
    def wait(self) -> usize:
        """Waits for events; writes the log where nothing comes for a moment."""
        if self.connections.first_queued is not None:
            return self.wait_ms(0)
        if not self.log.is_empty():
            count = self.wait_ms(LOG_WAIT_MS)
            if count > 0 or stop_is_wanted():
                return count
            self.log.flush()
        deadline_ms = min(self.connections.next_deadline_ms(), self.resumes_ms)
        if deadline_ms == NO_DEADLINE:
            return self.wait_ms(-1)
        left_ms = deadline_ms - monotonic_ms()
        return self.wait_ms(max(min(left_ms + 1, MOST_WAIT_MS), 0))

    @raises()
    def wait_ms(self, timeout_ms: i64) -> usize:
        """Waits for events at most that long, for ever where it is negative; 0 for a signal."""
        mask = SigSet(0)
        set_waiting_mask(mask)
        epoll = self.connections.epoll
        try:
            return sys.epoll_pwait(epoll.descriptor, epoll.events[:], i32(timeout_ms), mask)
        except OSError as error:
            if errno_of(error) == EINTR:
                return 0
            raise

    def handle(self, event: EpollEvent) -> None:
        """Goes on with a connection to which something happened."""
        connection = self.connections.find(event.data)
        if connection is None:
            return
        if event.events & (EPOLLRDHUP | EPOLLHUP) != 0:
            connection.has_ended = True
        connection.is_readable = True
        if not connection.is_queued:
            self.exchange.run(connection)

    @raises()
    def accept_some(self) -> None:
        """Takes connections that wait, up to a number."""
        nobody: Array[u8] = array(1)
        no_size: Array[u32] = array(1)
        for _ in range(ACCEPTS_AT_ONCE):
            descriptor: i32 = -1
            try:
                descriptor = sys.accept4(
                    self.listener, nobody[:0], no_size[:0], SOCK_NONBLOCK | SOCK_CLOEXEC
                )
            except OSError as error:
                if errno_of(error) == EAGAIN:
                    return
                if errno_of(error) != ECONNABORTED and not self.make_room():
                    return
            if descriptor >= 0:
                self.begin(descriptor)

    def begin(self, descriptor: i32) -> None:
        """Serves a new connection; what it sent at once is read at once."""
        try:
            connection = self.connections.add(descriptor)
        except OSError:
            close_quietly(descriptor)
            return
        self.exchange.run(connection)

    @raises()
    def make_room(self) -> bool:
        """Closes an idle connection; where there is none, stops accepting for a moment: False."""
        idle = self.connections.idle.first
        if idle is not None:
            self.connections.close(idle)
            return True
        self.connections.epoll.remove(self.listener)
        self.resumes_ms = self.responder.now_ms + PAUSE_MS
        return False

    def run_queued(self) -> None:
        """Gives each connection that used up its turn another one, those of before first."""
        last = self.connections.last_queued
        while last is not None:
            connection = self.connections.take_queued()
            if connection is None:
                return
            is_last = connection is last
            self.exchange.run(connection)
            if is_last:
                return

    @raises()
    def end_overdue(self) -> None:
        """Ends connections whose time is over, and accepts again after a pause."""
        now_ms = self.responder.now_ms
        if self.resumes_ms <= now_ms:
            self.resumes_ms = NO_DEADLINE
            self.connections.epoll.add(self.listener, EPOLLIN, LISTENER)
        connections = self.connections
        connection = self.overdue_reading(now_ms)
        while connection is not None:
            self.exchange.time_out(connection)
            connection = self.overdue_reading(now_ms)
        connection = connections.overdue_silent(now_ms)
        while connection is not None:
            connections.close(connection)
            connection = connections.overdue_silent(now_ms)

    def overdue_reading(self, now_ms: i64) -> Connection | None:
        """Returns a connection that took too long to send a request."""
        connection = self.connections.heads.overdue(now_ms)
        if connection is None:
            connection = self.connections.bodies.overdue(now_ms)
        return connection
