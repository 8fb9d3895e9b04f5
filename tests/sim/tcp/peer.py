"""Bare Python: one end of a simulated connection: TCP, its socket, and a program that talks."""

from __future__ import annotations

from abi.errno import ENOMEM, ETIMEDOUT
from bare import Allocator, Span, allocate, inline, raises, struct, u8, u16, u32, u64
from kernel.net.tcp.application import data_consumed, data_queued, finish_sending
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.half_open import Answer, HalfOpen, HalfOpenTable
from kernel.net.tcp.header import read_header, write_header
from kernel.net.tcp.initial_sequence import IsnGenerator
from kernel.net.tcp.input import segment_arrives
from kernel.net.tcp.opening import Handshake, Opening, establish, open_active
from kernel.net.tcp.output import commit_segment, plan_segment
from kernel.net.tcp.reset import reset_for
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, SegmentKind, TcpSegment
from kernel.net.tcp.sequence import advance, distance
from kernel.net.tcp.state import TcpState
from kernel.net.tcp.time_wait import TimeWait, TimeWaitAnswer
from kernel.net.tcp.timers import deadline_ms, time_passed
from kernel.net.wire.checksum import Checksum
from kernel.net.wire.ipv4 import PROTOCOL_TCP
from kernel.net.wire.tcp import (
    TcpHeader,
    build_tcp,
    parse_tcp,
    set_tcp_checksum,
    tcp_header_length,
)
from tests.sim.tcp.dice import Dice
from tests.sim.tcp.link import NEVER, Link
from tests.sim.tcp.scenario import Scenario
from tests.sim.tcp.stream import Reader, fill_stream

FIRST_ADDRESS: u32 = 0x0A00_0001
STRIP_TIMESTAMPS: u32 = 1
STRIP_SACK: u32 = 2
STRIP_SCALE: u32 = 4


@struct
class Peer:
    """`side` 0 opens; 1 listens, or opens as well."""

    scenario: Scenario
    link: Link
    dice: Dice
    allocator: Allocator
    side: u32 = 0
    connection: TcpConnection | None = None
    has_record: bool = False
    record: TimeWait = inline()
    endpoints: Endpoints = inline()
    opening: Opening = inline()
    numbers: IsnGenerator = inline()
    half_open: HalfOpenTable = inline()
    segment: TcpSegment = inline()
    outgoing: OutgoingSegment = inline()
    arrival: Arrival = inline()
    handshake: Handshake = inline()
    header: TcpHeader = inline()
    reader: Reader = inline()
    mss: u32 = 0
    to_send: u32 = 0
    written: u32 = 0
    """Bytes handed to TCP; `acknowledged` of them have left the queue."""
    acknowledged: u32 = 0
    retry_us: u64 = NEVER
    """When the device has room again."""
    write_us: u64 = 0
    read_us: u64 = 0
    has_rested: bool = False
    has_opened: bool = False
    has_finished: bool = False
    has_seen_end: bool = False
    error: u32 = 0
    attempts: u32 = 0
    sent: u32 = 0
    again: u32 = 0
    timeouts: u32 = 0
    damaged: u32 = 0

    def other(self) -> u32:
        """Returns the number of the other side."""
        return 1 - self.side

    def start(self, entries: Span[HalfOpen], ring: Span[u8]) -> None:
        """Prepares the socket; `scenario`, `link`, `dice`, `allocator` and `side` are set."""
        scenario = self.scenario
        self.mss = scenario.mss_0 if self.side == 0 else scenario.mss_1
        self.to_send = scenario.bytes_0 if self.side == 0 else scenario.bytes_1
        self.numbers.key_low = self.dice.roll()
        self.numbers.key_high = self.dice.roll()
        self.half_open.start(entries, self.numbers)
        endpoints = self.endpoints
        endpoints.local_low = u64(FIRST_ADDRESS + self.side)
        endpoints.remote_low = u64(FIRST_ADDRESS + self.other())
        endpoints.local_port = 1000 if self.side == 0 else 80
        endpoints.remote_port = 80 if self.side == 0 else 1000
        self.opening.mss = u16(self.mss)
        self.opening.receive_limit = scenario.receive_limit
        self.opening.receive_limit_max = scenario.receive_limit_max
        self.opening.timestamp_offset = self.dice.roll()
        self.reader.ring = ring
        self.reader.salt = 1000 * scenario.seed + self.other()

    @raises(ENOMEM)
    def connect(self, now_us: u64) -> None:
        """Opens."""
        self.attempts += 1
        self.opening.initial_sequence = self.scenario.initial_0 + self.side
        connection = allocate(self.allocator, TcpConnection)
        self.connection = connection
        self._choose(connection)
        open_active(connection, now_us // 1000, self.opening)

    def _choose(self, connection: TcpConnection) -> None:
        """Sets the socket options. Patience: with 30 % loss fifteen timeouts in a row do happen."""
        connection.settings.is_no_delay = self.scenario.is_no_delay != 0
        connection.settings.user_timeout_ms = self.scenario.limit_ms

    def is_done(self) -> bool:
        """Says whether both streams have been dealt with and the connection is closed."""
        if not self.has_finished or not self.has_seen_end or self.connection is not None:
            return False
        return self.reader.consumed == self.reader.delivered

    def next_us(self) -> u64:
        """Returns when this side has something to do by itself."""
        first = (
            min(self.retry_us, self.half_open.deadline_ms() * 1000)
            if (self.half_open.count > 0)
            else self.retry_us
        )
        if self.reader.delivered > self.reader.consumed:
            first = min(first, self.read_us)
        connection = self.connection
        if connection is None:
            return first
        deadline = deadline_ms(connection)
        if deadline < NEVER // 1000:
            first = min(first, deadline * 1000)
        if self._can_write(connection):
            first = min(first, self.write_us)
        return first

    # --- what happens

    @raises(ENOMEM)
    def run(self, now_us: u64) -> None:
        """Does what is due, then sends."""
        self.retry_us = NEVER
        if self.has_record and self.record.deadline_ms * 1000 <= now_us:
            self.has_record = False
        while self.half_open.next_due(now_us, self.endpoints, self.outgoing):
            self._transmit(now_us, self.outgoing, 0)
        self._read(now_us)
        connection = self.connection
        if connection is None:
            return
        if deadline_ms(connection) <= now_us // 1000:
            before = connection.timers.retries
            time_passed(connection, now_us // 1000)
            if connection.timers.retries > before and not connection.timers.is_persisting:
                self.timeouts += 1
        self._write(now_us, connection)
        self._pump(now_us, connection)

    @raises(ENOMEM)
    def receive(self, now_us: u64, data: Span[u8]) -> None:
        """Takes a frame from the link."""
        sum = Checksum()
        source = FIRST_ADDRESS + self.other()
        destination = FIRST_ADDRESS + self.side
        sum.add_pseudo_header(source, destination, PROTOCOL_TCP, u32(len(data)))
        sum.add(data)
        if sum.finish() != 0 or not parse_tcp(data, self.header):
            self.damaged += 1
            return
        payload = data[self.header.length :]
        read_header(self.header, u32(len(payload)), self.segment)
        if self.has_record:
            answer = self.record.segment_arrives(now_us // 1000, self.segment, self.outgoing)
            if answer == TimeWaitAnswer.REPLY:
                self._transmit(now_us, self.outgoing, 0)
            return
        if self.connection is None:
            self._unknown_segment(now_us)
        connection = self.connection
        if connection is not None:
            self._segment(now_us, connection, payload)

    @raises(ENOMEM)
    def _unknown_segment(self, now_us: u64) -> None:
        """A segment of no connection."""
        if self.side == 0 or self.scenario.is_simultaneous != 0 or self.has_finished:
            if reset_for(self.segment, self.outgoing):
                self._transmit(now_us, self.outgoing, 0)
            return
        answer = self.half_open.segment_arrives(
            now_us, self.endpoints, self.segment, self.opening, self.outgoing, self.handshake
        )
        if answer == Answer.REPLY:
            self._transmit(now_us, self.outgoing, 0)
        elif answer == Answer.ESTABLISH:
            connection = allocate(self.allocator, TcpConnection)
            self._choose(connection)
            establish(connection, now_us // 1000, self.handshake, self.opening)
            self.half_open.forget(self.endpoints)
            self.connection = connection

    @raises(ENOMEM)
    def _segment(self, now_us: u64, connection: TcpConnection, payload: Span[u8]) -> None:
        """A segment of the connection."""
        arrival = self.arrival
        segment_arrives(connection, now_us // 1000, self.segment, arrival)
        self.has_opened = self.has_opened or arrival.is_established
        self.acknowledged += arrival.acknowledged
        assert self.acknowledged <= self.written, "acknowledged more than was written"
        if arrival.length > 0:
            first = advance(connection.receive.initial, 1)
            kept = payload[arrival.skip : arrival.skip + arrival.length]
            self.reader.put(distance(first, arrival.sequence), kept)
        self.reader.delivered += arrival.delivered
        if arrival.is_peer_finished:
            self.has_seen_end = True
        self.run(now_us)

    def _can_write(self, connection: TcpConnection) -> bool:
        """Says whether the program has something to do about its stream."""
        if self.has_finished or not connection.can_send():
            return False
        if self.written == self.to_send:
            if connection.state == TcpState.SYN_SENT:
                return False  # closing now would mean not to open
            return self.side == 0 or self.scenario.is_polite == 0 or self.has_seen_end
        return self.written - self.acknowledged < self.scenario.send_room

    def _write(self, now_us: u64, connection: TcpConnection) -> None:
        """The program writes, and closes at the end."""
        while now_us >= self.write_us and self._can_write(connection):
            if self.written == self.to_send:
                self.has_finished = True
                finish_sending(connection, now_us // 1000)
                return
            room = self.scenario.send_room - (self.written - self.acknowledged)
            count = min(min(room, self.scenario.write_chunk), self.to_send - self.written)
            self.written += count
            data_queued(connection, now_us // 1000, count)
            if self.scenario.write_pause_ms > 0:
                self.write_us = now_us + u64(self.scenario.write_pause_ms) * 1000

    def _read(self, now_us: u64) -> None:
        """The program reads, also what is left when the connection has ended."""
        if now_us < self.read_us:
            return
        count = self.reader.read(self.scenario.read_chunk)
        if count == 0:
            return
        connection = self.connection
        if connection is not None:
            data_consumed(connection, now_us // 1000, count)
        self.read_us = now_us + u64(self.scenario.read_pause_ms) * 1000
        expected = self.scenario.bytes_1 if self.side == 0 else self.scenario.bytes_0
        if not self.has_rested and self.reader.consumed > expected // 2:
            self.has_rested = True
            self.read_us += u64(self.scenario.long_pause_ms) * 1000

    # --- sending

    @raises(ENOMEM)
    def _pump(self, now_us: u64, connection: TcpConnection) -> None:
        """Sends what TCP wants to send, then sees whether the connection has ended."""
        outgoing = self.outgoing
        while plan_segment(connection, now_us // 1000, outgoing):
            if self.dice.happens(self.scenario.busy):
                self.retry_us = now_us + 3000
                return
            length = outgoing.header.payload_length
            if length > 1 and self.dice.happens(self.scenario.shortened):
                outgoing.shorten(1 + self.dice.below(length))
            outgoing.header.source_port = self.endpoints.local_port
            outgoing.header.destination_port = self.endpoints.remote_port
            self.sent += 1
            if outgoing.kind in (SegmentKind.AGAIN, SegmentKind.RESCUE):
                self.again += 1
            if self.scenario.is_traced != 0:
                self._trace(now_us, connection, outgoing)
            self._transmit(now_us, outgoing, self.acknowledged + outgoing.payload_offset)
            commit_segment(connection, now_us // 1000, outgoing)
        if connection.state == TcpState.CLOSED:
            self._end(now_us, connection)
        elif connection.state == TcpState.TIME_WAIT:
            self.record.start(now_us // 1000, self.endpoints, connection)
            self.has_record = True
            self.connection = None

    def _trace(self, now_us: u64, connection: TcpConnection, outgoing: OutgoingSegment) -> None:
        """Prints a segment and what the sender knows. Numbers count from the initial ones."""
        send = connection.send
        header = outgoing.header
        start = distance(send.initial, header.sequence)
        seen = distance(connection.receive.initial, header.acknowledgment)
        print(
            f"{now_us // 1000:8} {self.side} {outgoing.kind:6} {start}+{header.payload_length}"
            f" ack {seen} win {header.window} sack {header.sack_count}"
            f" | una {distance(send.initial, send.unacknowledged)}"
            f" {send.recovery} dup {send.duplicate_acks} cwnd {connection.control().window}"
            f" wnd {send.window} rto {connection.round_trip.timeout_ms}"
            f" backoff {connection.timers.backoff}"
        )

    @raises(ENOMEM)
    def _end(self, now_us: u64, connection: TcpConnection) -> None:
        """The connection has ended; an opening that nobody answered is tried again."""
        self.connection = None
        if connection.error == ETIMEDOUT and not self.has_opened and self.attempts < 5:
            self.written = 0
            self.connect(now_us)
            return
        self.error = connection.error

    def _transmit(self, now_us: u64, outgoing: OutgoingSegment, place: u32) -> None:
        """Builds a segment, checksum and all, and gives it to the link."""
        segment = outgoing.header
        write_header(segment, self.header)
        header = self.header
        if segment.is_syn:
            self._strip(header)
        frame = self.link.next_frame()
        frame.length = tcp_header_length(header) + segment.payload_length
        content = frame.bytes()
        length = build_tcp(content, header)
        fill_stream(content[length:], 1000 * self.scenario.seed + self.side, place)
        sum = Checksum()
        source = FIRST_ADDRESS + self.side
        destination = FIRST_ADDRESS + self.other()
        sum.add_pseudo_header(source, destination, PROTOCOL_TCP, frame.length)
        sum.add(content)
        set_tcp_checksum(content, sum)
        self.link.send(now_us, self.other())

    def _strip(self, header: TcpHeader) -> None:
        """Takes options out of a SYN."""
        stripped = self.scenario.stripped
        if stripped & STRIP_TIMESTAMPS != 0:
            header.has_timestamps = False
        if stripped & STRIP_SACK != 0:
            header.is_sack_permitted = False
        if stripped & STRIP_SCALE != 0:
            header.has_window_scale = False
