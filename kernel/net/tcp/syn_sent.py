"""A segment for a connection in SYN-SENT: RFC 9293, 3.10.7.3."""

from __future__ import annotations

from abi.errno import ECONNREFUSED
from bare import u32, u64
from kernel.net.tcp.acknowledge import restart_timer, set_window, take_sample
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.opening import agree_options, note_established
from kernel.net.tcp.receive import receive_text
from kernel.net.tcp.receive_state import AckNeed
from kernel.net.tcp.segment import TcpSegment
from kernel.net.tcp.sequence import advance, is_at_or_before, is_before
from kernel.net.tcp.state import TcpState


def syn_sent_segment(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> None:
    """Waits for the peer's SYN, with or without the ACK of ours."""
    send = connection.send
    if segment.is_ack and not _acknowledges_our_syn(connection, segment):
        if not segment.is_rst:
            connection.is_reset_due = True
            connection.reset_sequence = segment.acknowledgment
            connection.reset_acknowledges = False
        return
    if segment.is_rst:
        if segment.is_ack:
            connection.end(ECONNREFUSED)
        return
    if not segment.is_syn:
        return
    _note_syn(connection, now_ms, segment)
    if segment.is_ack:
        take_sample(connection, now_ms, segment)
        send.unacknowledged = segment.acknowledgment
        send.retransmitted_to = segment.acknowledgment
        send.lost_to = segment.acknowledgment
        set_window(connection, segment, u32(segment.window))
        connection.state = TcpState.ESTABLISHED
        note_established(connection, now_ms)
        restart_timer(connection, now_ms)
        connection.receive.ack = AckNeed.NOW
        arrival.is_established = True
        if segment.length() > 1:
            receive_text(connection, now_ms, segment, arrival)
    else:
        # Simultaneous open: our SYN goes once more, now with an ACK.
        connection.state = TcpState.SYN_RECEIVED
        set_window(connection, segment, u32(segment.window))
        send.retransmitted_to = send.unacknowledged
        send.lost_to = send.next


def _acknowledges_our_syn(connection: TcpConnection, segment: TcpSegment) -> bool:
    """Says whether ISS < SEG.ACK <= SND.NXT."""
    send = connection.send
    acknowledgment = segment.acknowledgment
    return is_before(send.initial, acknowledgment) and is_at_or_before(acknowledgment, send.next)


def _note_syn(connection: TcpConnection, now_ms: u64, segment: TcpSegment) -> None:
    """Takes the peer's numbers and options."""
    receive = connection.receive
    room = min(receive.limit, 65535)
    receive.initial = segment.sequence
    receive.next = advance(segment.sequence, 1)
    receive.edge = advance(receive.next, room)
    receive.last_acknowledged = receive.next
    receive.round_end = receive.next
    connection.last_received_ms = now_ms
    agree_options(connection, now_ms, segment)
