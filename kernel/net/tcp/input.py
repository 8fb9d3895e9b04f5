"""What an arriving segment does to a connection: RFC 9293, 3.10.7, in its order.

With RFC 7323, 5 (PAWS) before it, and RFC 5961 (challenge ACKs) in place of the resets of RFC 793.
"""

from __future__ import annotations

from abi.errno import ECONNREFUSED, ECONNRESET
from bare import u32, u64
from kernel.net.tcp.acknowledge import (
    advance_window,
    note_acknowledged,
    restart_timer,
    set_window,
    take_sample,
)
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.opening import note_established
from kernel.net.tcp.receive import begin_fin_wait_2, enter_time_wait, receive_text
from kernel.net.tcp.receive_state import AckNeed
from kernel.net.tcp.segment import TcpSegment
from kernel.net.tcp.sequence import (
    advance,
    is_at_or_before,
    is_before,
    retreat,
)
from kernel.net.tcp.settings import CHALLENGE_ACKS_A_SECOND
from kernel.net.tcp.state import TcpState
from kernel.net.tcp.syn_sent import syn_sent_segment
from kernel.net.tcp.timers import arm_persist
from kernel.net.tcp.timestamps import is_too_old, note_timestamp


def segment_arrives(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> None:
    """Processes a segment whose checksum is right and writes what it means for the socket.

    Answers, ACKs and RSTs too, come from `plan_segment` afterwards: call it for each segment, or at
    least whenever `receive.ack` is NOW.
    """
    arrival.clear()
    match connection.state:
        case TcpState.CLOSED | TcpState.LISTEN | TcpState.TIME_WAIT:
            return
        case TcpState.SYN_SENT:
            syn_sent_segment(connection, now_ms, segment, arrival)
        case _:
            _synchronized_segment(connection, now_ms, segment, arrival)
    _note_outcome(connection, now_ms, arrival)


def _note_outcome(connection: TcpConnection, now_ms: u64, arrival: Arrival) -> None:
    """Says whether the connection has ended, or starts the timer that keeps it going."""
    if connection.state == TcpState.CLOSED:
        arrival.is_ended = True
    else:
        arm_persist(connection, now_ms)


def _synchronized_segment(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> None:
    """Checks a segment as all states from SYN-RECEIVED on do, then processes it."""
    if not _is_sequence_acceptable(connection, now_ms, segment):
        return
    if segment.is_rst:
        _reset_arrives(connection, now_ms, segment)
        return
    if segment.is_syn and not _is_syn_of_simultaneous_open(connection, segment):
        challenge(connection, now_ms)
        return
    if not segment.is_ack:
        return
    connection.last_received_ms = now_ms
    connection.timers.probes = 0
    if connection.timers.is_persisting and not connection.settings.is_orphan:
        connection.timers.retries = 0  # a peer that answers may keep its window closed for ever
    if connection.state == TcpState.SYN_RECEIVED:
        if not _complete_opening(connection, now_ms, segment, arrival):
            return
    elif not _is_acknowledgment_acceptable(connection, segment):
        challenge(connection, now_ms)
        return
    note_timestamp(connection, now_ms, segment)
    note_acknowledged(connection, now_ms, segment, arrival)
    _note_finish_acknowledged(connection, now_ms, arrival)
    if connection.state in (TcpState.CLOSED, TcpState.TIME_WAIT):
        return
    if segment.length() > 0:
        _text_arrives(connection, now_ms, segment, arrival)


def _is_sequence_acceptable(connection: TcpConnection, now_ms: u64, segment: TcpSegment) -> bool:
    """RFC 9293, 3.10.7.4, first, after PAWS. What is not acceptable is answered by an ACK."""
    if connection.timestamps.is_on and not segment.is_rst:
        if not segment.has_timestamps:
            if not segment.is_syn:
                return False  # RFC 7323, 3.2
        elif is_too_old(connection, now_ms, segment):
            challenge(connection, now_ms)
            return False
    if is_in_window(connection, segment):
        return True
    if not segment.is_rst:
        if segment.length() > 0 and not segment.is_syn:
            _answer_outside(connection, segment)
        else:
            challenge(connection, now_ms)
    return False


def _answer_outside(connection: TcpConnection, segment: TcpSegment) -> None:
    """Data outside of the window: an old segment that was sent again, or a window probe."""
    receive = connection.receive
    receive.ack = AckNeed.NOW
    if is_at_or_before(segment.end(), receive.next) and segment.payload_length > 0:
        receive.duplicate.left = segment.sequence
        receive.duplicate.right = advance(segment.sequence, segment.payload_length)


def is_in_window(connection: TcpConnection, segment: TcpSegment) -> bool:
    """The four cases of RFC 9293, 3.4. At a closed window a segment at RCV.NXT passes: its ACK
    counts, and its data is trimmed to nothing.
    """
    receive = connection.receive
    if segment.sequence == receive.next:
        return True
    last = retreat(segment.end(), u32(segment.length() > 0))
    starts_inside = is_at_or_before(receive.next, segment.sequence)
    if starts_inside and segment.length() == 0:
        # A peer that has used its whole window acknowledges from its end, where one is lost.
        return is_at_or_before(segment.sequence, receive.edge)
    if starts_inside:
        return is_before(segment.sequence, receive.edge)
    if connection.state == TcpState.SYN_RECEIVED and segment.sequence == receive.initial:
        return True
    return is_at_or_before(receive.next, last) and is_before(last, receive.edge)


def _is_syn_of_simultaneous_open(connection: TcpConnection, segment: TcpSegment) -> bool:
    """Says whether this is the peer's SYN again, with the ACK that completes a simultaneous open
    (RFC 9293, 3.5, figure 8).
    """
    return (
        connection.state == TcpState.SYN_RECEIVED
        and segment.sequence == connection.receive.initial
        and segment.is_ack
    )


def _reset_arrives(connection: TcpConnection, now_ms: u64, segment: TcpSegment) -> None:
    """RFC 9293, 3.10.7.4, second; RFC 5961, 3.2: only the exact number resets."""
    if segment.sequence != connection.receive.next:
        challenge(connection, now_ms)
        return
    match connection.state:
        case TcpState.SYN_RECEIVED:
            connection.end(ECONNREFUSED)
        case TcpState.CLOSING | TcpState.LAST_ACK:
            connection.end(0)
        case _:
            connection.end(ECONNRESET)


def challenge(connection: TcpConnection, now_ms: u64) -> None:
    """Answers a suspicious segment by an ACK, but not too often (RFC 5961, 7)."""
    second = now_ms // 1000
    if connection.challenge_second != second:
        connection.challenge_second = second
        connection.challenge_budget = CHALLENGE_ACKS_A_SECOND
    if connection.challenge_budget > 0:
        connection.challenge_budget -= 1
        connection.receive.ack = AckNeed.NOW


def _complete_opening(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> bool:
    """RFC 9293, 3.10.7.4, fifth, SYN-RECEIVED: the ACK of our SYN, or a RST for another one."""
    send = connection.send
    acknowledgment = segment.acknowledgment
    if is_before(send.unacknowledged, acknowledgment):
        if is_at_or_before(acknowledgment, send.next):
            shift = 0 if segment.is_syn else send.shift
            take_sample(connection, now_ms, segment)
            advance_window(connection, acknowledgment)
            set_window(connection, segment, u32(segment.window) << shift)
            connection.state = TcpState.ESTABLISHED
            if send.is_finishing:
                connection.state = TcpState.FIN_WAIT_1
            note_established(connection, now_ms)
            restart_timer(connection, now_ms)
            arrival.is_established = True
            return True
    connection.is_reset_due = True
    connection.reset_sequence = acknowledgment
    connection.reset_acknowledges = False
    return False


def _is_acknowledgment_acceptable(connection: TcpConnection, segment: TcpSegment) -> bool:
    """RFC 5961, 5: not of something unsent, and not older than the largest window."""
    send = connection.send
    oldest = retreat(send.unacknowledged, send.largest_window)
    acknowledgment = segment.acknowledgment
    return is_at_or_before(oldest, acknowledgment) and is_at_or_before(acknowledgment, send.next)


def _note_finish_acknowledged(connection: TcpConnection, now_ms: u64, arrival: Arrival) -> None:
    """What the ACK of our FIN does (RFC 9293, 3.10.7.4, fifth)."""
    send = connection.send
    if not send.is_finishing or send.unacknowledged != send.finish_sequence():
        return
    match connection.state:
        case TcpState.FIN_WAIT_1:
            begin_fin_wait_2(connection, now_ms)
        case TcpState.CLOSING:
            enter_time_wait(connection, arrival)
        case TcpState.LAST_ACK:
            connection.end(0)
        case _:
            pass


def _text_arrives(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> None:
    """The payload and FIN of a segment. Data that nobody will read is refused (RFC 9293, 3.6.1)."""
    receive = connection.receive
    end = advance(segment.sequence, segment.payload_length + u32(segment.is_syn))
    if receive.is_shut and is_before(receive.next, end):
        connection.end(ECONNRESET)
        connection.is_reset_due = True
        connection.reset_sequence = connection.send.acceptable_sequence()
        connection.reset_acknowledges = True
        return
    receive_text(connection, now_ms, segment, arrival)
