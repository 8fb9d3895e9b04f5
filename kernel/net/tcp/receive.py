"""The text and the FIN of a segment: RFC 9293, 3.10.7.4, seventh and eighth."""

from __future__ import annotations

from bare import u32, u64
from kernel.net.tcp.announce import note_received
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.receive_state import AckNeed
from kernel.net.tcp.segment import TcpSegment
from kernel.net.tcp.sequence import advance, distance, earlier, is_at_or_before, is_before, later
from kernel.net.tcp.settings import DELAYED_ACK_MS, ORPHAN_MS, QUICK_ACKS
from kernel.net.tcp.state import TcpState


def receive_text(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> None:
    """Takes the payload of a segment, trimmed to the window; then its FIN.

    A SYN has been dealt with: the payload of a segment with one begins behind it.
    """
    receive = connection.receive
    first = advance(segment.sequence, u32(segment.is_syn))
    left = later(first, receive.next)
    right = earlier(advance(first, segment.payload_length), receive.edge)
    if receive.has_fin:
        right = earlier(right, receive.fin_sequence)
    if is_before(left, right):
        arrival.skip = distance(first, left)
        arrival.sequence = left
        if left == receive.next:
            _take_in_order(connection, now_ms, right, arrival)
        else:
            _hold(connection, left, right, arrival)
    elif segment.payload_length > 0:
        receive.ack = AckNeed.NOW
        if is_before(first, receive.next):
            end = advance(first, segment.payload_length)
            _note_duplicate(connection, first, earlier(end, receive.next))
    if segment.is_fin:
        _note_fin(connection, advance(first, segment.payload_length))
    if receive.has_fin and receive.next == receive.fin_sequence:
        _take_fin(connection, now_ms, arrival)


def _take_in_order(connection: TcpConnection, now_ms: u64, right: u32, arrival: Arrival) -> None:
    """Takes data that continues the stream, and what was held behind it."""
    receive = connection.receive
    arrival.length = distance(receive.next, right)
    had_gap = receive.held.count > 0
    complete = receive.held.take_reachable(right)
    arrival.delivered = distance(receive.next, complete)
    receive.unread += arrival.delivered
    receive.next = complete
    receive.edge = later(receive.edge, complete)
    note_received(receive, now_ms)
    if had_gap:
        receive.ack = AckNeed.NOW  # RFC 5681, 4.2: a gap is being filled
    else:
        _owe_ack(connection, now_ms, arrival.length)


def _owe_ack(connection: TcpConnection, now_ms: u64, length: u32) -> None:
    """Delays the ACK, but not beyond the second full segment (RFC 9293, 3.8.6.3)."""
    receive = connection.receive
    is_full = length >= receive.largest_segment
    receive.largest_segment = max(receive.largest_segment, length)
    receive.unacknowledged_bytes += length
    if receive.ack == AckNeed.NOW:
        return
    if is_full and receive.quick_acks > 0:
        receive.quick_acks -= 1
        receive.ack = AckNeed.NOW
    elif (
        receive.unacknowledged_bytes >= 2 * receive.largest_segment
        or connection.settings.is_quick_ack
    ):
        receive.ack = AckNeed.NOW
    elif receive.ack == AckNeed.NONE:
        receive.ack = AckNeed.DELAYED
        connection.timers.delayed_ack_ms = now_ms + DELAYED_ACK_MS


def _hold(connection: TcpConnection, left: u32, right: u32, arrival: Arrival) -> None:
    """Takes data that is behind a gap. A duplicate ACK leaves at once (RFC 5681, 4.2)."""
    receive = connection.receive
    receive.ack = AckNeed.NOW
    receive.quick_acks = QUICK_ACKS
    if receive.held.contains(left, right):
        _note_duplicate(connection, left, right)
    elif receive.held.add(left, right):
        arrival.length = distance(left, right)


def _note_duplicate(connection: TcpConnection, left: u32, right: u32) -> None:
    """Data arrived that was there already: the ACK that answers it says so (RFC 2883)."""
    receive = connection.receive
    receive.ack = AckNeed.NOW
    receive.duplicate.left = left
    receive.duplicate.right = right


def _note_fin(connection: TcpConnection, sequence: u32) -> None:
    """Remembers where the stream ends, if that is in the window and nothing came from behind it."""
    receive = connection.receive
    receive.ack = AckNeed.NOW
    if receive.has_fin or is_before(sequence, receive.next):
        return
    if is_before(receive.edge, sequence):
        return
    for index in range(receive.held.count):
        if is_before(sequence, receive.held.ranges[index].right):
            return
    receive.has_fin = True
    receive.fin_sequence = sequence


def _take_fin(connection: TcpConnection, now_ms: u64, arrival: Arrival) -> None:
    """The peer's FIN has its turn (RFC 9293, 3.10.7.4, eighth)."""
    receive = connection.receive
    if not is_at_or_before(receive.next, receive.fin_sequence):
        return
    receive.next = advance(receive.next, 1)
    receive.edge = later(receive.edge, receive.next)
    receive.ack = AckNeed.NOW
    arrival.is_peer_finished = True
    match connection.state:
        case TcpState.SYN_RECEIVED | TcpState.ESTABLISHED:
            connection.state = TcpState.CLOSE_WAIT
        case TcpState.FIN_WAIT_1:
            connection.state = TcpState.CLOSING
        case TcpState.FIN_WAIT_2:
            enter_time_wait(connection, arrival)
        case _:
            pass


def enter_time_wait(connection: TcpConnection, arrival: Arrival) -> None:
    """Both sides have finished: the socket makes a `TimeWait` record of it once the last ACK has
    been sent.
    """
    connection.state = TcpState.TIME_WAIT
    connection.timers.stop()
    arrival.is_ended = True


def begin_fin_wait_2(connection: TcpConnection, now_ms: u64) -> None:
    """Our FIN is acknowledged and the peer's awaited: for ever, if a program may still read."""
    connection.state = TcpState.FIN_WAIT_2
    connection.timers.linger_ms = NEVER
    if connection.settings.is_orphan:
        connection.timers.linger_ms = now_ms + ORPHAN_MS
