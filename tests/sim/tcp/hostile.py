"""Bare Python: segments that a stranger may send, at a connection in every state.

Numbers are drawn near those that matter, and anywhere. A trap would be a panic of the kernel that
one packet causes; an invariant that breaks, bytes handed to the wrong place.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Span,
    allocate,
    allocate_span,
    copy_struct,
    export,
    inline,
    raises,
    struct,
    u8,
    u16,
    u32,
    u64,
    wrap_u8,
    wrap_u16,
    wrap_u32,
    wrapping_add,
    wrapping_sub,
)
from bare.lib.arena import Arena
from bare.unsafe import span_at
from kernel.net.tcp.application import (
    abort,
    data_consumed,
    data_queued,
    finish_sending,
    forget_held,
    keepalive_changed,
    orphan,
    stop_receiving,
    uncorked,
)
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.half_open import Answer, HalfOpen, HalfOpenTable
from kernel.net.tcp.initial_sequence import IsnGenerator
from kernel.net.tcp.input import segment_arrives
from kernel.net.tcp.opening import Handshake, Opening, establish, open_active
from kernel.net.tcp.output import commit_segment, plan_segment
from kernel.net.tcp.path import path_mtu_changed, unreachable
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, TcpSegment
from kernel.net.tcp.sequence import SequenceRange, distance, is_at_or_before
from kernel.net.tcp.state import TcpState
from kernel.net.tcp.time_wait import TimeWait, TimeWaitAnswer
from kernel.net.tcp.timers import deadline_ms, time_passed
from tests.sim.tcp.dice import Dice

MOST_SEGMENTS_OUT: u32 = 2000
"""Of one event: more than any window needs, so more means that planning does not end."""
CLOSED_MEMORY: u64 = 200_000


@struct
class Target:
    """A connection under fire, and a listener."""

    dice: Dice = inline()
    now_ms: u64 = 1000
    connection: TcpConnection | None = None
    table: HalfOpenTable = inline()
    numbers: IsnGenerator = inline()
    endpoints: Endpoints = inline()
    opening: Opening = inline()
    handshake: Handshake = inline()
    segment: TcpSegment = inline()
    outgoing: OutgoingSegment = inline()
    arrival: Arrival = inline()
    record: TimeWait = inline()
    opened: u64 = 0
    established: u64 = 0
    ended: u64 = 0
    sent: u64 = 0

    # --- drawing

    def near(self, place: u32) -> u32:
        """Returns a number near another one, or half a world away, or anywhere."""
        match self.dice.below(8):
            case 0 | 1 | 2:
                return place
            case 3:
                return wrapping_add(place, self.dice.below(4))
            case 4:
                return wrapping_sub(place, self.dice.below(4))
            case 5:
                return wrapping_add(place, self.dice.below(70_000))
            case 6:
                return wrapping_sub(place, self.dice.below(70_000))
            case _:
                return self.dice.roll()

    def size(self) -> u32:
        """Returns a size: nothing, a byte, a segment, the largest."""
        match self.dice.below(6):
            case 0 | 1:
                return 0
            case 2:
                return 1
            case 3:
                return self.dice.below(1461)
            case 4:
                return 1460
            case _:
                return self.dice.below(65_516)

    def draw_segment(self, receive_next: u32, una: u32, next: u32) -> None:
        """Makes up a segment around the numbers of a connection."""
        dice = self.dice
        segment = self.segment
        segment.clear()
        segment.sequence = self.near(receive_next)
        segment.acknowledgment = self.near(una if dice.happens(400) else next)
        segment.is_ack = not dice.happens(100)
        segment.is_syn = dice.happens(80)
        segment.is_fin = dice.happens(50)
        segment.is_rst = dice.happens(20)
        segment.is_psh = dice.happens(500)
        segment.window = wrap_u16(dice.roll() if dice.happens(700) else dice.below(3))
        segment.payload_length = self.size()
        segment.has_timestamps = dice.happens(800)
        segment.timestamp = self.near(self.recent_timestamp())
        segment.timestamp_echo = self.near(wrapping_add(self.offset(), wrap_u32(self.now_ms)))
        segment.mss = wrap_u16(dice.roll() if dice.happens(300) else 1460 * dice.below(2))
        segment.has_window_scale = dice.happens(500)
        segment.window_shift = wrap_u8(dice.below(15) if dice.happens(900) else dice.roll())
        segment.is_sack_permitted = dice.happens(700)
        segment.sack_count = dice.below(5)
        for index in range(segment.sack_count):
            self._draw_block(segment.sack[index], una, next)

    def _draw_block(self, block: SequenceRange, una: u32, next: u32) -> None:
        """Makes up a SACK block, often one that the peer may well send."""
        flight = distance(una, next)
        if flight > 1 and flight < 1 << 20 and self.dice.happens(700):
            offset = 1 + self.dice.below(flight - 1)
            block.left = wrapping_add(una, offset)
            block.right = wrapping_add(block.left, 1 + self.dice.below(flight - offset))
            return
        block.left = self.near(una if self.dice.happens(500) else next)
        block.right = wrapping_add(block.left, self.size())

    def recent_timestamp(self) -> u32:
        """Returns the peer's timestamp that counts."""
        connection = self.connection
        return 0 if connection is None else connection.timestamps.recent

    def offset(self) -> u32:
        """Returns what our clock is moved by."""
        connection = self.connection
        return 0 if connection is None else connection.timestamps.offset

    # --- a connection's life

    @raises(ENOMEM)
    def open(self, arena: Arena) -> None:
        """Makes a connection, by one way or the other."""
        dice = self.dice
        self.opened += 1
        opening = self.opening
        opening.initial_sequence = dice.roll()
        opening.timestamp_offset = dice.roll()
        opening.mss = u16(64 + dice.below(1400))
        opening.receive_limit = 1 + dice.below(100_000)
        opening.receive_limit_max = opening.receive_limit + dice.below(3) * 500_000
        connection = allocate(arena, TcpConnection)
        self._choose(connection)
        self.connection = connection
        if dice.happens(500):
            open_active(connection, self.now_ms, opening)
            return
        handshake = self.handshake
        handshake.local_initial = dice.roll()
        handshake.remote_initial = dice.roll()
        handshake.mss = wrap_u16(dice.roll() if dice.happens(300) else 1460)
        handshake.has_window_scale = dice.happens(500)
        handshake.window_shift = wrap_u8(dice.below(20))
        handshake.is_sack_on = dice.happens(700)
        handshake.has_timestamps = dice.happens(600)
        handshake.timestamp_recent = dice.roll()
        handshake.timestamp_recent_ms = self.now_ms
        handshake.has_round_trip = dice.happens(500)
        handshake.round_trip_ms = dice.below(100)
        establish(connection, self.now_ms, handshake, opening)

    def _choose(self, connection: TcpConnection) -> None:
        """Draws socket options."""
        settings = connection.settings
        settings.is_no_delay = self.dice.happens(500)
        settings.is_corked = self.dice.happens(100)
        settings.is_quick_ack = self.dice.happens(100)
        settings.is_keepalive = self.dice.happens(300)
        settings.keepalive_idle_ms = 1 + self.dice.below(100_000)
        settings.keepalive_interval_ms = 1 + self.dice.below(10_000)
        settings.user_timeout_ms = self.dice.below(2) * self.dice.below(100_000)

    def step(self, connection: TcpConnection) -> None:
        """Lets one thing happen to the connection, and sends what follows."""
        match self.dice.below(10):
            case 0 | 1 | 2 | 3 | 4:
                self._arrive(connection)
            case 5 | 6:
                self._pass_time(connection)
            case 7 | 8:
                self._use(connection)
            case _:
                self._use_rarely(connection)
        check(connection)
        self._drain(connection)
        check(connection)

    def _arrive(self, connection: TcpConnection) -> None:
        """A segment arrives."""
        send = connection.send
        self.draw_segment(connection.receive.next, send.unacknowledged, send.next)
        queued = send.queued()
        before = connection.receive.next
        arrival = self.arrival
        segment_arrives(connection, self.now_ms, self.segment, arrival)
        if arrival.is_established:
            self.established += 1
        assert arrival.acknowledged <= queued, "more acknowledged than queued"
        assert arrival.skip + arrival.length <= self.segment.payload_length, "more kept than came"
        if connection.state != TcpState.SYN_SENT and before != 0:
            assert arrival.delivered <= distance(before, connection.receive.next), "early delivery"

    def _pass_time(self, connection: TcpConnection) -> None:
        """The clock moves, often to the next deadline."""
        deadline = deadline_ms(connection)
        if deadline != NEVER and self.dice.happens(800):
            self.now_ms = max(self.now_ms, deadline)
        else:
            self.now_ms += self.dice.below(100_000)
        for _ in range(4):
            if not time_passed(connection, self.now_ms) and deadline_ms(connection) > self.now_ms:
                return
        assert connection.state == TcpState.CLOSED, "a deadline stays in the past"

    def _use(self, connection: TcpConnection) -> None:
        """The program reads or writes."""
        if self.dice.happens(500):
            count = min(connection.receive.unread, self.size())
            data_consumed(connection, self.now_ms, count)
        elif connection.can_send() and connection.send.queued() < 1_000_000:
            data_queued(connection, self.now_ms, 1 + self.size())

    def _use_rarely(self, connection: TcpConnection) -> None:
        """The program, or ICMP, does what is rare."""
        near_una = self.near(connection.send.unacknowledged)
        match self.dice.below(12):
            case 0:
                finish_sending(connection, self.now_ms)
            case 1:
                stop_receiving(connection)
            case 2:
                orphan(connection, self.now_ms)
            case 3:
                connection.settings.is_corked = not connection.settings.is_corked
                uncorked(connection)
            case 4:
                forget_held(connection)
            case 5:
                connection.settings.is_keepalive = self.dice.happens(500)
                keepalive_changed(connection, self.now_ms)
            case 6:
                unreachable(connection, near_una, 113)
            case 7 | 8:
                path_mtu_changed(connection, self.now_ms, near_una, self.size())
            case 9:
                limit = self.dice.below(2_000_000)
                connection.receive.limit_max = max(limit, 1)
            case 10:
                if self.dice.happens(100):
                    abort(connection)
            case _:
                self.now_ms += u64(self.dice.below(1000)) * 1_000_000

    def _drain(self, connection: TcpConnection) -> None:
        """Sends what the connection wants to send; some of it the device does not take."""
        outgoing = self.outgoing
        count: u32 = 0
        while plan_segment(connection, self.now_ms, outgoing):
            if self.dice.happens(50):
                return
            length = outgoing.header.payload_length
            queued = connection.send.queued()
            assert outgoing.payload_offset + length <= queued, "payload beyond the queue"
            if length > 1 and self.dice.happens(50):
                outgoing.shorten(1 + self.dice.below(length))
            commit_segment(connection, self.now_ms, outgoing)
            count += 1
            self.sent += 1
            assert count < MOST_SEGMENTS_OUT, "planning does not end"

    def finish(self, connection: TcpConnection) -> None:
        """The connection has ended; its TIME-WAIT record gets its share."""
        self.ended += 1
        self.connection = None
        if connection.state != TcpState.TIME_WAIT:
            return
        self.record.start(self.now_ms, self.endpoints, connection)
        for _ in range(20):
            self.draw_segment(self.record.receive_next, self.record.send_next, 0)
            answer = self.record.segment_arrives(self.now_ms, self.segment, self.outgoing)
            self.now_ms += self.dice.below(2000)
            if answer == TimeWaitAnswer.REOPEN:
                return

    def knock(self) -> None:
        """A segment arrives at the listener, from one of a few places."""
        self.endpoints.remote_port = u16(1 + self.dice.below(40))
        self.draw_segment(self.handshake.remote_initial, self.handshake.local_initial, 1)
        if self.dice.happens(500):
            self.segment.is_syn = True
            self.segment.is_ack = False
        now_us = self.now_ms * 1000
        answer = self.table.segment_arrives(
            now_us, self.endpoints, self.segment, self.opening, self.outgoing, self.handshake
        )
        if answer == Answer.REPLY and self.outgoing.header.is_syn:
            self.handshake.local_initial = wrapping_add(self.outgoing.header.sequence, 1)
            self.handshake.remote_initial = self.outgoing.header.acknowledgment
        elif answer == Answer.ESTABLISH:
            self.table.forget(self.endpoints)
        for _ in range(50):
            if not self.table.next_due(now_us, self.endpoints, self.outgoing):
                return


def check(connection: TcpConnection) -> None:
    """What must hold whatever came."""
    send = connection.send
    receive = connection.receive
    assert is_at_or_before(send.unacknowledged, send.next), "SND.UNA beyond SND.NXT"
    assert is_at_or_before(send.next, send.finish_sequence()), "sent what was not queued"
    assert is_at_or_before(send.unacknowledged, send.lost_to), "lost before SND.UNA"
    assert is_at_or_before(send.lost_to, send.next), "lost beyond SND.NXT"
    assert is_at_or_before(send.retransmitted_to, send.next), "sent again beyond SND.NXT"
    assert send.scoreboard.total <= send.in_flight(), "more reported than in flight"
    assert receive.window() <= 1 << 30, "RCV.NXT beyond the window"
    for index in range(receive.held.count):
        held = receive.held.ranges[index]
        assert not is_at_or_before(held.left, receive.next), "held what is readable"
        assert is_at_or_before(held.right, receive.edge), "held beyond the window"


@export("hostile_run")
def hostile_run(seed: u64, steps: u64, memory: u64, memory_length: u64) -> u64:
    """Runs that many steps and returns how many connections were established."""
    # SAFETY: the caller passes memory that is its own and of that length.
    all_memory = Arena(span_at(u8, memory, memory_length))
    try:
        arena = allocate(all_memory, Arena)
        arena.memory = allocate_span(all_memory, u8, CLOSED_MEMORY)
        target = allocate(all_memory, Target)
        entries: Span[HalfOpen] = allocate_span(all_memory, HalfOpen, 16)
        run_steps(target, seed, steps, arena, entries)
    except OSError:
        return 0
    return target.established


@raises(ENOMEM)
def run_steps(target: Target, seed: u64, steps: u64, arena: Arena, entries: Span[HalfOpen]) -> None:
    """Opens connections one after the other and fires at them."""
    target.dice.start(seed)
    target.numbers.key_low = target.dice.roll()
    target.table.start(entries, target.numbers)
    own = Endpoints(0, 1, 0, 2, 80, 1)
    copy_struct(target.endpoints, own)
    for _ in range(steps):
        connection = target.connection
        if connection is None:
            arena.reset()
            target.open(arena)
            continue
        if target.dice.happens(100):
            target.knock()
        target.step(connection)
        if connection.state in (TcpState.CLOSED, TcpState.TIME_WAIT):
            target.finish(connection)
        elif target.dice.happens(2):
            target.connection = None


def main() -> None:
    """A program has one; the tests call `hostile_run`."""
