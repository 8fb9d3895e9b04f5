"""Half-open connections of listeners: a bounded table, SYN cookies where it is full (RFC 4987).

An entry is the SYN-RECEIVED state of RFC 9293, 3.10.7.4, without a connection's memory. The table
is a hash table of small buckets with a keyed hash, so that nobody can choose a bucket to fill; an
entry that finds its bucket full is not made, and a cookie is sent instead.
"""

from __future__ import annotations

from bare import Enum8, Span, copy_struct, inline, struct, u8, u16, u32, u64, wrap_u32
from kernel.net.tcp.announce import shift_for
from kernel.net.tcp.connection import NEVER
from kernel.net.tcp.cookie import (
    SynCookies,
    take_options,
    timestamp_with_options,
)
from kernel.net.tcp.initial_sequence import IsnGenerator
from kernel.net.tcp.opening import Handshake, Opening
from kernel.net.tcp.output import window_of_syn, write_syn_options
from kernel.net.tcp.reset import begin_reply, reset_for
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, TcpSegment
from kernel.net.tcp.sequence import advance, distance, is_before
from kernel.net.tcp.timestamps import clock_value

BUCKET: u32 = 4
"""Entries with the same hash."""
FIRST_TIMEOUT_MS = 1000
RETRIES: u8 = 5
"""SYN-ACKs sent again: 63 seconds, as Linux has it."""
COOKIE_LIFE_MS = 128_000
"""Cookies are looked for this long after one was made: else any ACK could be taken for one."""
NO_ENTRY: u32 = 0xFFFF_FFFF


class Answer(Enum8):
    """What is to be done about a segment."""

    DROP = 0
    REPLY = 1
    """Send `reply`."""
    ESTABLISH = 2
    """The handshake is complete: make a connection, `establish` it, `forget` the half-open one, and
    hand the segment to `segment_arrives` of the connection. Where that is impossible (no memory,
    accept queue full), drop the segment and forget nothing: the peer will send it again.
    """


@struct
class HalfOpen:
    """One connection in SYN-RECEIVED."""

    is_used: bool = False
    shift: u8 = 0
    """Our window scale; `window`, `mss`: what we announced."""
    window: u16 = 0
    mss: u16 = 0
    sent_ms: u64 = 0
    deadline_ms: u64 = 0
    """When the SYN-ACK is sent again."""
    handshake: Handshake = inline()


@struct
class HalfOpenTable:
    """The half-open connections of all listeners. The socket layer gives it its memory."""

    entries: Span[HalfOpen]
    """Zeroed; a multiple of BUCKET. With none every handshake is one of cookies."""
    numbers: IsnGenerator
    count: u32 = 0
    first_deadline_ms: u64 = NEVER
    """Nothing is due before it."""
    cookie_ms: u64 = 0
    """When the last cookie was made; `cookies_sent`: how many."""
    cookies_sent: u64 = 0
    cookies_accepted: u64 = 0

    def start(self, entries: Span[HalfOpen], numbers: IsnGenerator) -> None:
        """Begins empty. Both stay the caller's, and live as long as the table."""
        self.entries = entries
        self.numbers = numbers

    def segment_arrives(
        self,
        now_us: u64,
        endpoints: Endpoints,
        segment: TcpSegment,
        opening: Opening,
        reply: OutgoingSegment,
        handshake: Handshake,
    ) -> Answer:
        """A segment for a port that listens, of no connection: RFC 9293, 3.10.7.2 and SYN-RECEIVED.

        `opening` says the MSS and window that the SYN-ACK announces; its numbers are not used.
        """
        place = self._find(endpoints)
        if place != NO_ENTRY:
            return self._entry_segment(now_us // 1000, place, segment, reply, handshake)
        if segment.is_rst:
            return Answer.DROP
        if segment.is_ack:
            if self._is_cookie(now_us, endpoints, segment, handshake):
                return Answer.ESTABLISH
            return Answer.REPLY if reset_for(segment, reply) else Answer.DROP
        if not segment.is_syn:
            return Answer.DROP
        return self._begin(now_us, endpoints, segment, opening, reply)

    def deadline_ms(self) -> u64:
        """Returns when `next_due` is to be called."""
        return self.first_deadline_ms

    def next_due(self, now_us: u64, endpoints: Endpoints, reply: OutgoingSegment) -> bool:
        """Writes a SYN-ACK that is to be sent again and to whom; call it until it says False."""
        now_ms = now_us // 1000
        if now_ms < self.first_deadline_ms:
            return False
        first = NEVER
        for index in range(len(self.entries)):
            entry = self.entries[index]
            if entry.is_used and entry.deadline_ms <= now_ms:
                if entry.handshake.retries == RETRIES:
                    self._take_out(entry)
                    continue
                entry.handshake.retries += 1
                entry.deadline_ms = now_ms + (FIRST_TIMEOUT_MS << entry.handshake.retries)
                copy_struct(endpoints, entry.handshake.endpoints)
                reply.clear()
                reply.header.source_port = endpoints.local_port
                reply.header.destination_port = endpoints.remote_port
                _write_syn_ack(now_ms, entry, reply.header)
                return True
            if entry.is_used:
                first = min(first, entry.deadline_ms)
        self.first_deadline_ms = first
        return False

    def unreachable(self, endpoints: Endpoints, sequence: u32) -> None:
        """An ICMP error about a SYN-ACK: forgets the entry, if it quotes its number (RFC 5927)."""
        place = self._find(endpoints)
        if place != NO_ENTRY and self.entries[place].handshake.local_initial == sequence:
            self._take_out(self.entries[place])

    def forget(self, endpoints: Endpoints) -> None:
        """A connection was made of the handshake."""
        place = self._find(endpoints)
        if place != NO_ENTRY:
            self._take_out(self.entries[place])

    def forget_port(self, local_port: u16) -> None:
        """The listener is gone."""
        for index in range(len(self.entries)):
            entry = self.entries[index]
            if entry.is_used and entry.handshake.endpoints.local_port == local_port:
                self._take_out(entry)

    def _begin(
        self,
        now_us: u64,
        endpoints: Endpoints,
        segment: TcpSegment,
        opening: Opening,
        reply: OutgoingSegment,
    ) -> Answer:
        """A SYN: answers it, and makes an entry or a cookie."""
        now_ms = now_us // 1000
        place = self._free_place(endpoints)
        scratch = HalfOpen()
        entry = scratch if place == NO_ENTRY else self.entries[place]
        self._note_syn(now_us, endpoints, segment, opening, entry)
        begin_reply(segment, reply)
        if place != NO_ENTRY:
            entry.is_used = True
            self.count += 1
            self.first_deadline_ms = min(self.first_deadline_ms, entry.deadline_ms)
            _write_syn_ack(now_ms, entry, reply.header)
            return Answer.REPLY
        cookies = SynCookies(self.numbers)
        entry.handshake.local_initial = cookies.make(
            endpoints, now_us, segment.sequence, segment.mss
        )
        _write_syn_ack(now_ms, entry, reply.header)
        if segment.has_timestamps:
            reply.header.timestamp = timestamp_with_options(reply.header.timestamp, segment)
        self.cookie_ms = now_ms
        self.cookies_sent += 1
        return Answer.REPLY

    def _note_syn(
        self,
        now_us: u64,
        endpoints: Endpoints,
        segment: TcpSegment,
        opening: Opening,
        entry: HalfOpen,
    ) -> None:
        """Writes what a SYN says into an entry."""
        now_ms = now_us // 1000
        entry.shift = shift_for(max(opening.receive_limit, opening.receive_limit_max))
        entry.window = window_of_syn(opening.receive_limit)
        entry.mss = opening.mss
        entry.sent_ms = now_ms
        entry.deadline_ms = now_ms + FIRST_TIMEOUT_MS
        handshake = entry.handshake
        copy_struct(handshake.endpoints, endpoints)
        handshake.local_initial = self.numbers.initial_sequence(endpoints, now_us)
        handshake.remote_initial = segment.sequence
        handshake.mss = segment.mss
        handshake.has_window_scale = segment.has_window_scale
        handshake.window_shift = segment.window_shift
        handshake.is_sack_on = segment.is_sack_permitted
        handshake.has_timestamps = segment.has_timestamps
        handshake.timestamp_offset = self.numbers.timestamp_offset(endpoints)
        handshake.timestamp_recent = segment.timestamp
        handshake.timestamp_recent_ms = now_ms
        handshake.has_round_trip = False
        handshake.retries = 0

    def _entry_segment(
        self,
        now_ms: u64,
        place: u32,
        segment: TcpSegment,
        reply: OutgoingSegment,
        handshake: Handshake,
    ) -> Answer:
        """A segment of a half-open connection: RFC 9293, 3.10.7.4 for SYN-RECEIVED."""
        entry = self.entries[place]
        agreed = entry.handshake
        if segment.is_syn and not segment.is_ack and segment.sequence == agreed.remote_initial:
            begin_reply(segment, reply)
            _write_syn_ack(now_ms, entry, reply.header)
            return Answer.REPLY
        if not _is_acceptable(entry, segment):
            if segment.is_rst:
                return Answer.DROP
            begin_reply(segment, reply)
            _write_ack(now_ms, entry, reply.header)
            return Answer.REPLY
        if segment.is_rst:
            return self._reset_arrives(now_ms, entry, segment, reply)
        if segment.is_syn:
            self._take_out(entry)  # back to LISTEN
            return Answer.DROP
        if not segment.is_ack:
            return Answer.DROP
        if segment.acknowledgment != advance(agreed.local_initial, 1):
            return Answer.REPLY if reset_for(segment, reply) else Answer.DROP
        copy_struct(handshake, agreed)
        handshake.has_round_trip = agreed.retries == 0
        handshake.round_trip_ms = wrap_u32(now_ms - entry.sent_ms)
        return Answer.ESTABLISH

    def _reset_arrives(
        self, now_ms: u64, entry: HalfOpen, segment: TcpSegment, reply: OutgoingSegment
    ) -> Answer:
        """A RST in the window: only the exact number counts (RFC 5961, 3.2)."""
        if segment.sequence == advance(entry.handshake.remote_initial, 1):
            self._take_out(entry)
            return Answer.DROP
        begin_reply(segment, reply)
        _write_ack(now_ms, entry, reply.header)
        return Answer.REPLY

    def _is_cookie(
        self, now_us: u64, endpoints: Endpoints, segment: TcpSegment, handshake: Handshake
    ) -> bool:
        """Says whether an ACK completes a handshake that was answered by a cookie."""
        now_ms = now_us // 1000
        if self.cookies_sent == 0 or now_ms - self.cookie_ms > COOKIE_LIFE_MS or segment.is_syn:
            return False
        cookies = SynCookies(self.numbers)
        if not cookies.check(endpoints, now_us, segment, handshake):
            return False
        copy_struct(handshake.endpoints, endpoints)
        take_options(segment, handshake)
        handshake.timestamp_recent_ms = now_ms
        handshake.timestamp_offset = self.numbers.timestamp_offset(endpoints)
        self.cookies_accepted += 1
        return True

    def _bucket(self, endpoints: Endpoints) -> u32:
        """Returns the first place of the bucket of a connection."""
        buckets = len(self.entries) // BUCKET
        return wrap_u32(self.numbers.hash(endpoints, 2) % buckets) * BUCKET

    def _find(self, endpoints: Endpoints) -> u32:
        """Returns the place of the entry of a connection, or NO_ENTRY."""
        if self.count == 0:
            return NO_ENTRY
        first = self._bucket(endpoints)
        for place in range(first, first + BUCKET):
            entry = self.entries[place]
            if entry.is_used and is_same(entry.handshake.endpoints, endpoints):
                return place
        return NO_ENTRY

    def _free_place(self, endpoints: Endpoints) -> u32:
        """Returns a free place for a connection, or NO_ENTRY."""
        if len(self.entries) == 0:
            return NO_ENTRY
        first = self._bucket(endpoints)
        for place in range(first, first + BUCKET):
            if not self.entries[place].is_used:
                return place
        return NO_ENTRY

    def _take_out(self, entry: HalfOpen) -> None:
        """Frees an entry."""
        entry.is_used = False
        self.count -= 1


def is_same(left: Endpoints, right: Endpoints) -> bool:
    """Says whether these are the same endpoints."""
    return (
        left.remote_low == right.remote_low
        and left.remote_port == right.remote_port
        and left.local_port == right.local_port
        and left.local_low == right.local_low
        and left.remote_high == right.remote_high
        and left.local_high == right.local_high
    )


def _is_acceptable(entry: HalfOpen, segment: TcpSegment) -> bool:
    """Says whether a segment begins in the window, and is not older than its SYN (PAWS)."""
    agreed = entry.handshake
    if agreed.has_timestamps and segment.has_timestamps and not segment.is_rst:
        if is_before(segment.timestamp, agreed.timestamp_recent):
            return False
    offset = distance(advance(agreed.remote_initial, 1), segment.sequence)
    return offset == 0 or offset < entry.window


def _write_syn_ack(now_ms: u64, entry: HalfOpen, header: TcpSegment) -> None:
    """Writes the SYN-ACK with the options that the peer offered as well."""
    agreed = entry.handshake
    _write_ack(now_ms, entry, header)
    header.is_syn = True
    header.sequence = agreed.local_initial
    header.window = entry.window
    write_syn_options(header, entry.mss, entry.shift)
    header.has_window_scale = agreed.has_window_scale
    header.is_sack_permitted = agreed.is_sack_on
    header.has_timestamps = agreed.has_timestamps


def _write_ack(now_ms: u64, entry: HalfOpen, header: TcpSegment) -> None:
    """Writes an ACK of a half-open connection."""
    agreed = entry.handshake
    header.is_ack = True
    header.sequence = advance(agreed.local_initial, 1)
    header.acknowledgment = advance(agreed.remote_initial, 1)
    header.window = entry.window >> (entry.shift if agreed.has_window_scale else 0)
    header.has_timestamps = agreed.has_timestamps
    header.timestamp = clock_value(agreed.timestamp_offset, now_ms)
    header.timestamp_echo = agreed.timestamp_recent
