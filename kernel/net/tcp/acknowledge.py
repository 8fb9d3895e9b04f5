"""What the ACK field, the window and the SACK blocks of a segment say: RFC 9293, 3.10.7.4, fifth.

All of it is for synchronized connections, and after the ACK was found to be neither too old nor of
something that was never sent.
"""

from __future__ import annotations

from bare import u32, u64, wrap_u32, wrapping_sub
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.loss import (
    forget_overtaken,
    later_arrivals,
    note_acknowledgment,
    note_overtaken,
)
from kernel.net.tcp.segment import TcpSegment
from kernel.net.tcp.send_state import Recovery
from kernel.net.tcp.sequence import (
    distance,
    earlier,
    is_at_or_before,
    is_before,
    later,
    retreat,
)
from kernel.net.tcp.timers import arm_retransmission, arm_tail_probe


def note_acknowledged(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> None:
    """Takes what an acceptable ACK says."""
    send = connection.send
    una = send.unacknowledged
    acknowledgment = later(una, segment.acknowledgment)
    may_grow = is_window_limited(connection) and send.recovery != Recovery.FAST
    is_duplicate = is_duplicate_ack(connection, segment)
    update_window(connection, segment)
    acknowledged = distance(una, acknowledgment)
    if acknowledged > 0:
        arrival.acknowledged = distance(una, earlier(acknowledgment, send.queue_end))
        take_sample(connection, now_ms, segment)
        advance_window(connection, acknowledgment)
    before = later_arrivals(connection)
    sacked = note_sack_blocks(connection, segment)
    if sacked > 0 and acknowledged == 0:
        note_overtaken(connection, later_arrivals(connection) - before)
    if connection.is_sack_on:
        is_duplicate = sacked > 0
    if sacked > 0 and not connection.timestamps.is_on and has_timed_arrived(connection):
        end_timing(connection, now_ms)
    if acknowledged > 0 or (is_duplicate and send.in_flight() > 0):
        note_acknowledgment(connection, now_ms, acknowledged, is_duplicate)
    if acknowledged > 0:
        if may_grow and send.recovery != Recovery.FAST:
            round_trip_ms = connection.round_trip.smoothed_8 // 8
            connection.control().acknowledged(acknowledged, now_ms, round_trip_ms)
        restart_timer(connection, now_ms)
    elif sacked > 0:
        arm_tail_probe(connection, now_ms)


def is_window_limited(connection: TcpConnection) -> bool:
    """Says whether the congestion window is what bounds the sender: only then may it grow (RFC
    7661, 4.3). In slow start it may be twice what is used.
    """
    control = connection.control()
    in_flight = connection.send.in_flight()
    if control.window < control.threshold:
        return control.window <= 2 * in_flight
    return control.window <= in_flight + 3 * control.segment


def is_duplicate_ack(connection: TcpConnection, segment: TcpSegment) -> bool:
    """Says whether a segment is a duplicate ACK as RFC 5681, 2 defines it."""
    send = connection.send
    return (
        segment.acknowledgment == send.unacknowledged
        and segment.length() == 0
        and u32(segment.window) << send.shift == send.window
        and send.in_flight() > 0
    )


def update_window(connection: TcpConnection, segment: TcpSegment) -> None:
    """Takes the peer's window, unless the segment is older than the one that said it last."""
    send = connection.send
    is_newer = is_before(send.window_sequence, segment.sequence)
    is_same = send.window_sequence == segment.sequence
    if segment.is_syn or is_before(segment.acknowledgment, send.unacknowledged):
        return  # the window of a SYN is not scaled, and was taken already
    if is_newer or (
        is_same and is_at_or_before(send.window_acknowledgment, segment.acknowledgment)
    ):
        set_window(connection, segment, u32(segment.window) << send.shift)


def set_window(connection: TcpConnection, segment: TcpSegment, window: u32) -> None:
    """Records a window and what said it; ends probing where it has opened."""
    send = connection.send
    send.window = window
    send.window_sequence = segment.sequence
    send.window_acknowledgment = segment.acknowledgment
    send.largest_window = max(send.largest_window, window)
    if window > 0 and connection.timers.is_persisting:
        connection.timers.is_persisting = False
        connection.timers.retransmit_ms = NEVER
        connection.timers.backoff = 0
        connection.timers.retries = 0


def take_sample(connection: TcpConnection, now_ms: u64, segment: TcpSegment) -> None:
    """Measures the round trip, if the ACK allows it (RFC 7323, 4.1; RFC 6298, 3), and ends the
    backoff of the timeout.
    """
    round_trip = connection.round_trip
    is_timed = round_trip.is_timed(segment.acknowledgment)
    if not connection.timestamps.is_on:
        if is_timed:
            end_timing(connection, now_ms)
        return
    if not is_timed and connection.timers.backoff == 0:
        return
    # An echo from before a retransmission says how long an ACK was lost, not how long the way is.
    sent = wrapping_sub(segment.timestamp_echo, connection.timestamps.offset)
    age_ms = wrapping_sub(wrap_u32(now_ms), sent)
    if is_timed or age_ms <= now_ms - round_trip.resent_ms:
        round_trip.is_timing = False
        round_trip.sample(age_ms)
    connection.timers.backoff = 0


def end_timing(connection: TcpConnection, now_ms: u64) -> None:
    """The segment that is being timed has arrived."""
    round_trip = connection.round_trip
    round_trip.is_timing = False
    round_trip.sample(wrap_u32(now_ms - round_trip.timed_ms))
    connection.timers.backoff = 0


def advance_window(connection: TcpConnection, acknowledgment: u32) -> None:
    """Moves SND.UNA."""
    send = connection.send
    send.unacknowledged = acknowledgment
    send.scoreboard.forget_below(acknowledgment)
    forget_overtaken(connection)
    send.lost_to = later(send.lost_to, acknowledgment)
    send.retransmitted_to = later(send.retransmitted_to, acknowledgment)
    if is_before(send.small_end, acknowledgment):
        send.small_end = acknowledgment


def note_sack_blocks(connection: TcpConnection, segment: TcpSegment) -> u32:
    """Puts the SACK blocks onto the scoreboard and returns how many bytes were news."""
    send = connection.send
    if not connection.is_sack_on:
        return 0
    sacked: u32 = 0
    for index in range(segment.sack_count):
        left = segment.sack[index].left
        right = segment.sack[index].right
        # A block at or below the ACK reports a duplicate (RFC 2883); one beyond SND.NXT is wrong.
        if is_at_or_before(right, send.unacknowledged):
            send.has_spurious = True
            send.is_probe_out = False  # a tail loss probe came twice, so it was not needed
        elif is_before(send.unacknowledged, left) and is_at_or_before(right, send.next):
            if is_before(left, right):
                sacked += send.scoreboard.add(left, right)
    return sacked


def has_timed_arrived(connection: TcpConnection) -> bool:
    """Says whether the segment that is being timed is in a SACK block."""
    round_trip = connection.round_trip
    last = retreat(round_trip.timed_end, 1)
    scoreboard = connection.send.scoreboard
    return round_trip.is_timing and scoreboard.first_missing(last) != last


def restart_timer(connection: TcpConnection, now_ms: u64) -> None:
    """New data was acknowledged (RFC 6298, 5.2 and 5.3)."""
    timers = connection.timers
    timers.retries = 0
    if timers.backoff > 0:
        # No valid measurement: RFC 6298 would keep the timeout as it is. Where half of all
        # segments are lost none may come for long, so progress takes one doubling back.
        timers.backoff -= 1
    if connection.send.in_flight() > 0:
        arm_retransmission(connection, now_ms)
        arm_tail_probe(connection, now_ms)
        timers.stalled_ms = now_ms
    else:
        timers.retransmit_ms = NEVER
        timers.probe_ms = NEVER
        timers.stalled_ms = NEVER
