"""Half-open connections of listeners: a bounded table, SYN cookies where it is full (RFC 4987)."""

from __future__ import annotations

from bare import Enum8, Span, inline, struct, u8, u16, u32, u64
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.initial_sequence import IsnGenerator
from kernel.net.tcp.opening import Opening
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, TcpSegment


class Answer(Enum8):
    """What is to be done about a segment."""

    DROP = 0
    REPLY = 1
    """Send `reply`."""
    ESTABLISH = 2
    """The handshake is complete: make a connection, `establish` it, and hand the segment to
    `segment_arrives`. Where that is impossible (no memory, accept queue full), drop the segment:
    the peer will send it again.
    """


@struct
class Handshake:
    """What a completed handshake agreed on."""

    endpoints: Endpoints = inline()
    local_initial: u32 = 0
    remote_initial: u32 = 0
    mss: u16 = 536
    has_window_scale: bool = False
    window_shift: u8 = 0
    is_sack_on: bool = False
    has_timestamps: bool = False
    timestamp_offset: u32 = 0
    timestamp_recent: u32 = 0
    timestamp_recent_ms: u64 = 0
    round_trip_ms: u32 = 0
    """From SYN-ACK to ACK; 0: not measured."""


@struct
class HalfOpen:
    """One connection in SYN-RECEIVED."""

    is_used: bool = False
    retries: u8 = 0
    sent_ms: u64 = 0
    deadline_ms: u64 = 0
    handshake: Handshake = inline()


@struct
class HalfOpenTable:
    """The half-open connections of all listeners."""

    entries: Span[HalfOpen]
    numbers: IsnGenerator = inline()
    count: u32 = 0
    cookies_sent: u64 = 0
    cookies_accepted: u64 = 0

    def start(self, entries: Span[HalfOpen], numbers: IsnGenerator) -> None:
        """Begins empty; `numbers` is copied."""
        self.entries = entries

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

        `opening` says the MSS and window that the SYN-ACK announces.
        """
        return Answer.DROP

    def deadline_ms(self) -> u64:
        """Returns when `next_due` is to be called."""
        return NEVER

    def next_due(self, now_us: u64, endpoints: Endpoints, reply: OutgoingSegment) -> bool:
        """Writes a SYN-ACK that is to be sent again and to whom; call it until it says False."""
        return False

    def unreachable(self, endpoints: Endpoints, sequence: u32) -> None:
        """An ICMP error about a SYN-ACK: forgets the entry (RFC 5927, 5.2 checks `sequence`)."""

    def forget_port(self, local_port: u16) -> None:
        """The listener is gone."""


def establish(
    connection: TcpConnection, now_ms: u64, handshake: Handshake, opening: Opening
) -> None:
    """Makes a zeroed connection the one of a handshake, in SYN-RECEIVED; the ACK that completed it
    must be handed to `segment_arrives` next.
    """
