"""Begins connections: an active open, and the connection that a listener's handshake made."""

from __future__ import annotations

from bare import inline, struct, u8, u16, u32, u64
from kernel.net.tcp.announce import LARGEST_UNSCALED, shift_for
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.segment import DEFAULT_MSS, MAX_WINDOW_SHIFT, Endpoints, TcpSegment
from kernel.net.tcp.sequence import advance
from kernel.net.tcp.settings import MINIMUM_MSS, QUICK_ACKS
from kernel.net.tcp.state import TcpState

FIRST_FULL_SEGMENT: u32 = 536
"""What counts as a full segment until a longer one has come."""
TIMEOUT_AFTER_LOST_SYN_MS: u32 = 3000
"""RFC 6298, 5.7."""


@struct
class Opening:
    """What a new connection is made with."""

    initial_sequence: u32 = 0
    """From `IsnGenerator`."""
    timestamp_offset: u32 = 0
    """Random; from `IsnGenerator.timestamp_offset`."""
    mss: u16 = DEFAULT_MSS
    """What we announce: the device's MTU less 40 (RFC 6691)."""
    receive_limit: u32 = 65536
    """Bytes of the receive buffer, and how far it may grow; see `ReceiveState`."""
    receive_limit_max: u32 = 65536


@struct
class Handshake:
    """What a listener's completed handshake agreed on."""

    endpoints: Endpoints = inline()
    local_initial: u32 = 0
    """ISS, IRS."""
    remote_initial: u32 = 0
    mss: u16 = DEFAULT_MSS
    """The peer's."""
    has_window_scale: bool = False
    window_shift: u8 = 0
    """The peer's."""
    is_sack_on: bool = False
    has_timestamps: bool = False
    timestamp_offset: u32 = 0
    timestamp_recent: u32 = 0
    timestamp_recent_ms: u64 = 0
    has_round_trip: bool = False
    round_trip_ms: u32 = 0
    """From SYN-ACK to ACK."""
    retries: u8 = 0
    """SYN-ACKs sent again."""


def open_active(connection: TcpConnection, now_ms: u64, opening: Opening) -> None:
    """Begins to connect: the SYN is the next planned segment. The connection is zeroed."""
    _start(connection, now_ms, opening)
    connection.state = TcpState.SYN_SENT
    connection.timestamps.offset = opening.timestamp_offset
    send = connection.send
    send.initial = opening.initial_sequence
    send.unacknowledged = opening.initial_sequence
    send.next = opening.initial_sequence
    _start_sending(connection)


def establish(
    connection: TcpConnection, now_ms: u64, handshake: Handshake, opening: Opening
) -> None:
    """Makes a zeroed connection the one of a handshake, in SYN-RECEIVED; the ACK that completed it
    must be handed to `segment_arrives` next.
    """
    _start(connection, now_ms, opening)
    connection.state = TcpState.SYN_RECEIVED
    connection.is_passive = True
    connection.is_sack_on = handshake.is_sack_on
    send = connection.send
    send.initial = handshake.local_initial
    send.unacknowledged = send.initial
    send.next = advance(send.initial, 1)
    _start_sending(connection)
    receive = connection.receive
    receive.initial = handshake.remote_initial
    receive.next = advance(receive.initial, 1)
    receive.edge = advance(receive.next, min(receive.limit, LARGEST_UNSCALED))
    receive.last_acknowledged = receive.next
    receive.round_end = receive.next
    timestamps = connection.timestamps
    timestamps.is_on = handshake.has_timestamps
    timestamps.offset = handshake.timestamp_offset
    timestamps.recent = handshake.timestamp_recent
    timestamps.recent_ms = handshake.timestamp_recent_ms
    if handshake.has_window_scale:
        send.shift = min(handshake.window_shift, MAX_WINDOW_SHIFT)
    else:
        receive.shift = 0
    connection.timers.retries = handshake.retries
    if handshake.has_round_trip:
        connection.round_trip.sample(handshake.round_trip_ms)
    _set_peer_mss(connection, handshake.mss)


def _start(connection: TcpConnection, now_ms: u64, opening: Opening) -> None:
    """Sets what both kinds of opening have in common."""
    if connection.congestion is None:
        connection.congestion = connection.new_reno
    connection.last_received_ms = now_ms
    connection.last_sent_ms = now_ms
    receive = connection.receive
    receive.mss = opening.mss
    receive.limit = opening.receive_limit
    receive.limit_max = max(opening.receive_limit, opening.receive_limit_max)
    receive.shift = shift_for(receive.limit_max)
    receive.quick_acks = QUICK_ACKS
    receive.largest_segment = min(FIRST_FULL_SEGMENT, receive.mss)
    receive.consumed_start_ms = now_ms


def _start_sending(connection: TcpConnection) -> None:
    """Sets what follows from ISS."""
    send = connection.send
    send.queue_end = advance(send.initial, 1)
    send.recovery_point = send.initial
    send.lost_to = send.initial
    send.retransmitted_to = send.initial
    send.retransmission_mark = send.initial
    send.small_end = send.initial


def agree_options(connection: TcpConnection, now_ms: u64, segment: TcpSegment) -> None:
    """Takes the options of the peer's SYN, where we have sent or will send ours."""
    connection.is_sack_on = segment.is_sack_permitted
    if segment.has_window_scale:
        connection.send.shift = min(segment.window_shift, MAX_WINDOW_SHIFT)
    else:
        connection.receive.shift = 0
    timestamps = connection.timestamps
    timestamps.is_on = segment.has_timestamps
    timestamps.recent = segment.timestamp
    timestamps.recent_ms = now_ms
    _set_peer_mss(connection, segment.mss)


def _set_peer_mss(connection: TcpConnection, peer: u16) -> None:
    """Sets the segment size by the peer's option and by what our device can send."""
    wanted = peer if peer > 0 else DEFAULT_MSS
    connection.send.mss = max(min(u32(wanted), connection.receive.mss), MINIMUM_MSS)
    connection.control().start(connection.segment_size())


def note_established(connection: TcpConnection, now_ms: u64) -> None:
    """The connection is open now; `timers.retries` still says how often its SYN was sent again."""
    round_trip = connection.round_trip
    retries = connection.timers.retries
    if retries > 0 and not round_trip.has_sample:
        round_trip.timeout_ms = TIMEOUT_AFTER_LOST_SYN_MS
    if retries > 1:
        connection.control().window = connection.segment_size()  # RFC 5681, 3.1
    connection.timers.retries = 0
    connection.timers.backoff = 0
    connection.timers.stalled_ms = NEVER
    settings = connection.settings
    if settings.is_keepalive:
        connection.timers.keepalive_ms = now_ms + settings.keepalive_idle_ms
