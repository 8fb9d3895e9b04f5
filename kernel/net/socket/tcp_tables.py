"""`TcpTables`: what TCP knows on this machine: connections, listeners, half-open connections.

The state behind `tcp_input`, `tcp_output`, `tcp_opening` and `tcp_ending`, with the objects that
they work with from packet to packet. Guarded by the stack's lock, as everything there.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Array,
    allocate_span,
    array,
    inline,
    load_u32,
    load_u64,
    never_inline,
    raises,
    struct,
    u8,
    u16,
    u32,
    u64,
    wrap_u32,
)
from kernel.arch.aarch64.layout import PAGE_SIZE
from kernel.mm.frame import FrameAllocator
from kernel.net.iface.interface import Path
from kernel.net.socket.binding import PortTable
from kernel.net.socket.connection import Connection, DueHandler, TimeWaitEntry
from kernel.net.socket.connection_table import ConnectionTable, hash_endpoints
from kernel.net.socket.listener import Listener
from kernel.net.stack import NetStack
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import NEVER
from kernel.net.tcp.half_open import BUCKET, HalfOpen, HalfOpenTable
from kernel.net.tcp.initial_sequence import IsnGenerator
from kernel.net.tcp.opening import Handshake, Opening
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, TcpSegment
from kernel.net.wire.address import ANY_ADDRESS, Ipv4Address
from kernel.net.wire.tcp import TcpHeader
from kernel.time.timer_queue import Timer

FIRST_RECEIVE_LIMIT: u32 = 64 * 1024
FIRST_SEND_LIMIT: u32 = 64 * 1024
LARGEST_LIMIT: u32 = 4 << 20
"""Bytes that a queue may grow to at most."""
LIMIT_SHARE: u64 = 64
"""A queue may grow to one part in this many of all memory."""
SHORT_SHARE: u64 = 16
"""Memory is short where less than one part in this many is free."""
SHORT_SEND_LIMIT: u32 = 16 * 1024
"""Bytes that may be queued for sending where memory is short."""
HEADERS_SIZE: u32 = 40
"""IPv4 and TCP headers without options: what the MSS leaves of the MTU. RFC 6691."""
FEWEST_HALF_OPEN: u64 = 32
FRAMES_A_HALF_OPEN: u64 = 512
"""One place for a half-open connection for each 2 MiB of memory."""
FRAMES_A_TIME_WAIT: u64 = 32
"""One record in TIME-WAIT for each 128 KiB of memory."""
SECRET_SIZE = 40
MS: u64 = 1_000_000
"""Nanoseconds."""
US: u64 = 1000


@struct
class TcpAlarm(Timer):
    """Fires when something is due in TIME-WAIT or half-open, or before."""

    handler: DueHandler | None = None
    is_set: bool = False

    def fire(self) -> None:
        """Has the handler look. Interrupt context."""
        handler = self.handler
        assert handler is not None, "alarm without a handler"
        handler.alarm_fired()


@struct
class TcpTables:
    """Embed it, then `start`."""

    stack: NetStack
    allocator: Allocator
    frames: FrameAllocator
    connections: ConnectionTable = inline()
    ports: PortTable = inline()
    """Bound sockets, `Listener`s all."""
    half_open: HalfOpenTable = inline()
    numbers: IsnGenerator = inline()
    secret: u64 = 0
    due: DueHandler | None = None
    """What timers call."""
    alarm: TcpAlarm = inline()
    # Records in TIME-WAIT, the first to go in front.
    first_waiting: TimeWaitEntry | None = None
    last_waiting: TimeWaitEntry | None = None
    waiting_count: u64 = 0
    waiting_limit: u64 = 0
    growth_limit: u32 = 0
    """Bytes that the queues of a connection grow to."""
    first_without_room: Connection | None = None
    """Connections that wait until their device has room."""
    live_count: u64 = 0
    """`Connection`s that exist."""
    refused_for_memory: u64 = 0
    """Handshakes that found no memory."""
    # From packet to packet: nothing in them outlives the call.
    segment: TcpSegment = inline()
    header: TcpHeader = inline()
    outgoing: OutgoingSegment = inline()
    arrival: Arrival = inline()
    endpoints: Endpoints = inline()
    handshake: Handshake = inline()
    opening: Opening = inline()
    reply_path: Path = inline()

    @raises(ENOMEM)
    def start(self, stack: NetStack, frames: FrameAllocator, due: DueHandler) -> None:
        """Begins without connections; secrets come from the stack's random numbers."""
        self.stack = stack
        self.allocator = stack.allocator
        self.frames = frames
        self.due = due
        secrets: Array[u8] = array(SECRET_SIZE)
        stack.random.fill(secrets)
        self.secret = load_u64(secrets, 0)
        self.numbers.start(secrets[8:24])
        self.connections.start(self.allocator, load_u64(secrets, 24))
        self.ports.start(self.allocator)
        places = max(FEWEST_HALF_OPEN, frames.total // FRAMES_A_HALF_OPEN // BUCKET * BUCKET)
        self.half_open.start(allocate_span(self.allocator, HalfOpen, places), self.numbers)
        self.growth_limit = max(
            FIRST_RECEIVE_LIMIT,
            u32(min(frames.total * PAGE_SIZE // LIMIT_SHARE, u64(LARGEST_LIMIT))),
        )
        self.waiting_limit = max(FEWEST_HALF_OPEN, frames.total // FRAMES_A_TIME_WAIT)

    @never_inline
    def set_alarm(self, deadline: u64) -> None:
        """Has what belongs to no connection be looked at no later than `deadline`, in ms."""
        if deadline >= NEVER // MS:
            return
        if self.alarm.is_set and self.alarm.deadline_ns <= deadline * MS:
            return
        self.alarm.is_set = True
        self.alarm.handler = self.due
        self.stack.timers.add(self.alarm, deadline * MS)

    @never_inline
    def now_ms(self) -> u64:
        """Returns the protocol's clock."""
        return self.stack.clock.now_ns() // MS

    @never_inline
    def now_us(self) -> u64:
        """Returns the clock that initial sequence numbers come from."""
        return self.stack.clock.now_ns() // US

    def room_of(self, connection: Connection) -> u32:
        """Returns how many bytes a program may add to a connection's send queue."""
        limit = self.limit_of(connection)
        used = connection.sending.length
        return limit - used if used < limit else 0

    def has_room(self, connection: Connection) -> bool:
        """Whether it is worth telling a writer: a third of the queue is free."""
        return self.room_of(connection) >= self.limit_of(connection) // 3

    def limit_of(self, connection: Connection) -> u32:
        """Returns how many bytes may be queued for sending."""
        if self.frames.free_frames() < self.frames.total // SHORT_SHARE:
            return min(connection.send_limit, SHORT_SEND_LIMIT)
        return connection.send_limit

    def random_number(self) -> u32:
        """Returns a number that nobody can guess."""
        number: Array[u8] = array(4)
        self.stack.random.fill(number)
        return load_u32(number, 0)

    def find_listener(self, endpoints: Endpoints, interface: u32) -> Listener | None:
        """Returns who takes connections at the local end: the most particular claim.

        Among equal ones (SO_REUSEPORT) the other end decides.
        """
        address = wrap_u32(endpoints.local_low)
        best: u32 = 0
        equal: u32 = 0
        binding = self.ports.first(endpoints.local_port)
        while binding is not None:
            if isinstance(binding, Listener):
                score = score_of(binding, endpoints.local_port, address, interface)
                if score > best:
                    best = score
                    equal = 0
                if score == best:
                    equal += 1
            binding = binding.next_of_port
        if best == 0:
            return None
        wanted = 0 if equal == 1 else u32(hash_endpoints(endpoints, self.secret) % equal)
        return self._nth_listener(endpoints.local_port, address, interface, best, wanted)

    def _nth_listener(
        self, port: u16, address: Ipv4Address, interface: u32, score: u32, wanted: u32
    ) -> Listener | None:
        """Returns one of the listeners with a score."""
        left = wanted
        binding = self.ports.first(port)
        while binding is not None:
            if isinstance(binding, Listener):
                if score_of(binding, port, address, interface) == score:
                    if left == 0:
                        return binding
                    left -= 1
            binding = binding.next_of_port
        return None


def score_of(listener: Listener, port: u16, address: Ipv4Address, interface: u32) -> u32:
    """Returns how particular a claim to an address is; 0: it is none."""
    if not listener.is_listening or listener.port != port:
        return 0
    score: u32 = 1
    if listener.interface != 0:
        if listener.interface != interface:
            return 0
        score += 1
    if listener.address == ANY_ADDRESS:
        return score
    return score + 2 if listener.address == address else 0
