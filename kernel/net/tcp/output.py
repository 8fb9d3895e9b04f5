"""Which segment a connection sends next."""

from __future__ import annotations

from bare import u8, u16, u32, u64
from kernel.net.tcp.announce import (
    LARGEST_UNSCALED,
    edge_of,
    sack_blocks,
    sack_option_size,
    window_field,
)
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.loss import forget_overtaken
from kernel.net.tcp.receive_state import AckNeed
from kernel.net.tcp.segment import MAX_SACK_BLOCKS, OutgoingSegment, SegmentKind, TcpSegment
from kernel.net.tcp.send_state import Recovery
from kernel.net.tcp.sequence import is_before, later, retreat
from kernel.net.tcp.state import TcpState
from kernel.net.tcp.timers import arm_retransmission, arm_tail_probe
from kernel.net.tcp.timestamps import clock_value
from kernel.net.tcp.transmit import plan_data


def plan_segment(connection: TcpConnection, now_ms: u64, outgoing: OutgoingSegment) -> bool:
    """Writes the next segment to be sent, if there is one. Changes nothing in the connection."""
    outgoing.clear()
    if connection.is_reset_due:
        _write_reset(connection, outgoing)
        return True
    match connection.state:
        case TcpState.CLOSED | TcpState.LISTEN:
            return False
        case TcpState.SYN_SENT | TcpState.SYN_RECEIVED:
            if _is_syn_due(connection):
                _write_syn(connection, now_ms, outgoing)
                return True
            if connection.receive.ack != AckNeed.NOW:
                return False
        case TcpState.TIME_WAIT | TcpState.FIN_WAIT_2:
            if connection.receive.ack != AckNeed.NOW and not connection.is_probe_due:
                return False
        case _:
            if plan_data(connection, outgoing):
                _write_header(connection, now_ms, outgoing)
                return True
            if connection.receive.ack != AckNeed.NOW and not connection.is_probe_due:
                return False
    outgoing.header.sequence = connection.send.acceptable_sequence()
    if connection.is_probe_due:
        outgoing.header.sequence = retreat(connection.send.unacknowledged, 1)
        outgoing.kind = SegmentKind.PROBE
    _write_header(connection, now_ms, outgoing)
    return True


def _is_syn_due(connection: TcpConnection) -> bool:
    """Says whether the SYN is to be sent, for the first time or again."""
    send = connection.send
    return send.next == send.initial or is_before(send.retransmitted_to, send.lost_to)


def _write_reset(connection: TcpConnection, outgoing: OutgoingSegment) -> None:
    """Writes the RST."""
    outgoing.kind = SegmentKind.RESET
    outgoing.header.is_rst = True
    outgoing.header.sequence = connection.reset_sequence
    if connection.reset_acknowledges:
        outgoing.header.is_ack = True
        outgoing.header.acknowledgment = connection.receive.next


def _write_syn(connection: TcpConnection, now_ms: u64, outgoing: OutgoingSegment) -> None:
    """Writes a SYN with all that we can do, or with an ACK and what the peer can do as well."""
    header = outgoing.header
    outgoing.kind = SegmentKind.SYN
    header.is_syn = True
    header.sequence = connection.send.initial
    receive = connection.receive
    is_answer = connection.state == TcpState.SYN_RECEIVED
    header.window = window_of_syn(receive.limit)
    write_syn_options(header, receive.mss, receive.shift)
    timestamps = connection.timestamps
    header.timestamp = clock_value(timestamps.offset, now_ms)
    if is_answer:
        header.is_ack = True
        header.acknowledgment = receive.next
        header.has_window_scale = receive.shift > 0 or connection.send.shift > 0
        header.is_sack_permitted = connection.is_sack_on
        header.has_timestamps = timestamps.is_on
        header.timestamp_echo = timestamps.recent


def _write_header(connection: TcpConnection, now_ms: u64, outgoing: OutgoingSegment) -> None:
    """Writes what all segments of a synchronized connection carry."""
    header = outgoing.header
    receive = connection.receive
    header.is_ack = True
    header.acknowledgment = receive.next
    header.window = window_field(receive)
    timestamps = connection.timestamps
    if timestamps.is_on:
        header.has_timestamps = True
        header.timestamp = clock_value(timestamps.offset, now_ms)
        header.timestamp_echo = timestamps.recent
    if connection.is_sack_on:
        _write_sack(connection, header)


def _write_sack(connection: TcpConnection, header: TcpSegment) -> None:
    """Writes the SACK blocks: a duplicate first (RFC 2883), then what is held, newest first."""
    receive = connection.receive
    most: u32 = MAX_SACK_BLOCKS - u32(connection.timestamps.is_on)
    count: u32 = 0
    if header.payload_length == 0 and receive.duplicate.length() > 0:
        header.sack[0].left = receive.duplicate.left
        header.sack[0].right = receive.duplicate.right
        count = 1
    else:
        most = sack_blocks(receive, connection.timestamps.is_on)
    for index in range(receive.held.count):
        if count < most:
            header.sack[count].left = receive.held.ranges[index].left
            header.sack[count].right = receive.held.ranges[index].right
            count += 1
    header.sack_count = count


def commit_segment(connection: TcpConnection, now_ms: u64, outgoing: OutgoingSegment) -> None:
    """Records that the segment that was planned last, or its shortened form, has been sent."""
    send = connection.send
    header = outgoing.header
    connection.last_sent_ms = now_ms
    end = header.end()
    match outgoing.kind:
        case SegmentKind.RESET:
            connection.is_reset_due = False
            return
        case SegmentKind.SYN:
            _note_syn_sent(connection, now_ms, end)
        case SegmentKind.NEW:
            _note_new(connection, now_ms, header, end)
        case SegmentKind.AGAIN:
            if header.sequence == send.unacknowledged:
                is_resent = send.is_first_due
                forget_overtaken(connection)
                send.is_first_resent = is_resent
                arm_retransmission(connection, now_ms)
            send.retransmitted_to = later(send.retransmitted_to, end)
            connection.round_trip.note_resent(now_ms)
        case SegmentKind.RESCUE:
            if send.is_rescue_due:
                _note_probe(connection, header.sequence, end, True)
            send.has_rescued = True
            connection.round_trip.note_resent(now_ms)
        case SegmentKind.PROBE:
            connection.is_probe_due = False
        case SegmentKind.ACK:
            pass
    if header.is_ack:
        _note_acknowledgment_sent(connection, header)
    timers = connection.timers
    if send.in_flight() > 0:
        if timers.retransmit_ms == NEVER or timers.is_persisting:
            timers.is_persisting = False
            arm_retransmission(connection, now_ms)
        if outgoing.kind == SegmentKind.NEW:
            arm_tail_probe(connection, now_ms)


def _note_syn_sent(connection: TcpConnection, now_ms: u64, end: u32) -> None:
    """The SYN has left."""
    send = connection.send
    if send.next == send.initial:
        connection.round_trip.begin_timing(end, now_ms)
    else:
        connection.round_trip.note_resent(now_ms)
    send.next = end
    send.retransmitted_to = end


def _note_new(connection: TcpConnection, now_ms: u64, header: TcpSegment, end: u32) -> None:
    """Data has left for the first time."""
    send = connection.send
    send.next = end
    send.is_hurried = False
    if send.is_rescue_due:
        _note_probe(connection, header.sequence, end, False)
    connection.timers.cork_ms = NEVER
    if send.recovery == Recovery.NONE:
        connection.round_trip.begin_timing(end, now_ms)
    most = connection.segment_size() - sack_option_size(header.sack_count)
    if header.payload_length < most and header.payload_length > 0:
        send.small_end = end
    if connection.timers.stalled_ms == NEVER:
        connection.timers.stalled_ms = now_ms


def _note_probe(connection: TcpConnection, start: u32, end: u32, is_old: bool) -> None:
    """A tail loss probe has left."""
    send = connection.send
    send.is_rescue_due = False
    send.is_probe_out = True
    send.is_probe_old = is_old
    send.probe_start = start
    send.probe_end = end


def _note_acknowledgment_sent(connection: TcpConnection, header: TcpSegment) -> None:
    """The peer has been told what was received."""
    receive = connection.receive
    if not header.is_syn:
        receive.edge = later(receive.edge, edge_of(receive, header.window))
    receive.last_acknowledged = receive.next
    receive.ack = AckNeed.NONE
    receive.unacknowledged_bytes = 0
    receive.duplicate.left = 0
    receive.duplicate.right = 0
    connection.timers.delayed_ack_ms = NEVER


def window_of_syn(limit: u32) -> u16:
    """Returns the window field of a SYN, which is not scaled (RFC 7323, 2.2)."""
    return u16(min(limit, LARGEST_UNSCALED))


def write_syn_options(header: TcpSegment, mss: u32, shift: u8) -> None:
    """Writes the options of a SYN: all that we can do."""
    header.mss = u16(mss)
    header.has_window_scale = True
    header.window_shift = shift
    header.is_sack_permitted = True
    header.has_timestamps = True
