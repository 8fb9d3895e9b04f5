"""Loss recovery: what counts as lost, what is still in the network, when recovery begins and ends.

RFC 6675 with SACK and RFC 6582 without, in one form. SND.NXT never goes back. `lost_to` says up to
where data that is not known to have arrived counts as lost, `retransmitted_to` how far it has been
sent again; a timeout makes `lost_to` SND.NXT, and the same code sends everything again that the
peer has not reported. Without SACK a duplicate ACK says only that some segment has arrived.
"""

from __future__ import annotations

from bare import u32, u64
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.send_state import Recovery
from kernel.net.tcp.sequence import advance, distance, earlier, is_at_or_before, is_before, later
from kernel.net.tcp.settings import DUPLICATE_THRESHOLD


def pipe(connection: TcpConnection) -> u32:
    """Returns how many bytes are in the network, by estimate (RFC 6675, SetPipe)."""
    send = connection.send
    known = send.in_flight()
    if send.recovery != Recovery.NONE:
        una = send.unacknowledged
        known -= send.scoreboard.missing_between(una, send.lost_to)
        known += send.scoreboard.missing_between(una, send.retransmitted_to)
    gone = send.scoreboard.total
    if not connection.is_sack_on:
        gone = send.duplicate_acks * connection.segment_size()
    return known - gone if known > gone else 0


def duplicate_threshold(connection: TcpConnection) -> u32:
    """Returns how many duplicate ACKs mean a loss: fewer where few segments are in flight and no
    new ones can follow (RFC 5827, Early Retransmit).
    """
    send = connection.send
    if send.unsent() > 0:
        return DUPLICATE_THRESHOLD
    size = connection.segment_size()
    segments = (send.in_flight() + size - 1) // size
    return min(DUPLICATE_THRESHOLD, max(segments, 2) - 1)


def note_acknowledgment(
    connection: TcpConnection, now_ms: u64, acknowledged: u32, is_duplicate: bool
) -> None:
    """An ACK was valid: `acknowledged` numbers left the window in front, or it is a duplicate.

    The scoreboard knows its SACK blocks already.
    """
    send = connection.send
    if send.recovery != Recovery.NONE and is_at_or_before(send.recovery_point, send.unacknowledged):
        end_recovery(connection)
    match send.recovery:
        case Recovery.NONE:
            if acknowledged > 0:
                send.duplicate_acks = 0
            if is_duplicate:
                send.duplicate_acks += 1
            _look_for_loss(connection, now_ms)
        case Recovery.FAST:
            _go_on(connection, acknowledged, is_duplicate)
        case Recovery.TIMEOUT:
            pass


def end_recovery(connection: TcpConnection) -> None:
    """Everything that was in flight when the loss was noticed has been acknowledged."""
    send = connection.send
    if send.recovery == Recovery.FAST and not connection.is_sack_on:
        # RFC 6582, 3.2 step 3: no burst where little is in flight.
        control = connection.control()
        size = connection.segment_size()
        control.window = min(control.threshold, max(send.in_flight(), size) + size)
    send.recovery = Recovery.NONE
    send.duplicate_acks = 0
    forget_overtaken(connection)


def _look_for_loss(connection: TcpConnection, now_ms: u64) -> None:
    """Begins fast recovery if there is reason to."""
    send = connection.send
    edge = send.scoreboard.lost_edge(connection.segment_size(), send.unacknowledged)
    if send.is_probe_out:
        edge = later(edge, _note_probe_answered(connection, now_ms))
    is_lost = is_before(send.unacknowledged, edge)
    if send.duplicate_acks >= duplicate_threshold(connection):
        # Without SACK, duplicates may come from what a timeout sent again (RFC 6582, 3.2 step 1).
        is_lost = connection.is_sack_on or is_before(send.recovery_point, send.unacknowledged)
        if not is_lost:
            send.duplicate_acks = DUPLICATE_THRESHOLD - 1
    if is_lost:
        begin_fast_recovery(connection, now_ms, edge)


def _note_probe_answered(connection: TcpConnection, now_ms: u64) -> u32:
    """Looks whether a tail loss probe was answered, and returns up to where data is lost by that:
    what was sent two round trips before the probe, and has not arrived when it has.
    """
    send = connection.send
    if not send.is_probe_old and is_at_or_before(send.probe_end, send.unacknowledged):
        send.is_probe_out = False
    elif is_before(send.probe_end, send.unacknowledged):
        # Later data is acknowledged, and nobody said that the probe came twice: it has repaired a
        # loss that nothing else showed (RFC 8985, 7.4.2).
        send.is_probe_out = False
        if send.is_probe_old:
            control = connection.control()
            control.loss_noticed(control.window, now_ms)
    elif is_before(send.unacknowledged, send.scoreboard.highest(send.unacknowledged)):
        if is_before(send.scoreboard.highest(send.unacknowledged), send.probe_end):
            return send.unacknowledged
        send.is_probe_out = False
        return send.probe_start
    return send.unacknowledged


def begin_fast_recovery(connection: TcpConnection, now_ms: u64, edge: u32) -> None:
    """What is before `edge`, and at least the first segment, is lost (RFC 6675, 5 step 4)."""
    send = connection.send
    connection.control().loss_noticed(send.in_flight(), now_ms)
    send.recovery = Recovery.FAST
    send.recovery_point = send.next
    first = advance(send.unacknowledged, connection.segment_size())
    send.lost_to = later(edge, earlier(first, send.next))
    send.retransmitted_to = send.unacknowledged
    forget_overtaken(connection)
    send.has_rescued = False


def begin_timeout_recovery(connection: TcpConnection, now_ms: u64) -> None:
    """The retransmission timer ran out (RFC 5681, 3.1; RFC 6675, 5.1). `retries` counts it."""
    send = connection.send
    control = connection.control()
    if connection.timers.retries <= 1:
        control.timed_out(send.in_flight(), now_ms)
    else:
        control.window = connection.segment_size()
    # The peer may have dropped what it reported (RFC 2018, 8): after the second timeout nothing of
    # it counts any more, after the first unless it would have had to acknowledge it.
    has_reneged = send.scoreboard.first_missing(send.unacknowledged) != send.unacknowledged
    if has_reneged or connection.timers.retries > 1:
        send.scoreboard.clear()
    send.is_probe_out = False
    send.recovery = Recovery.TIMEOUT
    send.recovery_point = send.next
    send.lost_to = send.next
    send.retransmitted_to = send.unacknowledged
    forget_overtaken(connection)
    send.duplicate_acks = 0


def _go_on(connection: TcpConnection, acknowledged: u32, is_duplicate: bool) -> None:
    """An ACK during fast recovery that does not end it."""
    send = connection.send
    size = connection.segment_size()
    if connection.is_sack_on:
        edge = send.scoreboard.lost_edge(size, send.unacknowledged)
        send.lost_to = later(send.lost_to, edge)
        if acknowledged > 0:
            # A partial ACK: the segment behind it was sent before the loss was noticed, and is
            # gone as well.
            first = advance(send.unacknowledged, size)
            send.lost_to = later(send.lost_to, earlier(first, send.recovery_point))
        return
    if is_duplicate:
        send.duplicate_acks += 1
    if acknowledged > 0:
        # RFC 6582, 3.2 step 3: the next segment is lost as well. The ACK stands for the segments
        # that the duplicates spoke of.
        arrived = (acknowledged + size - 1) // size
        send.duplicate_acks -= min(send.duplicate_acks, arrived - 1)
        first = advance(send.unacknowledged, size)
        send.lost_to = earlier(first, send.recovery_point)
        send.retransmitted_to = send.unacknowledged


def later_arrivals(connection: TcpConnection) -> u32:
    """Returns how many bytes have arrived that may have been sent after the first hole was sent
    again: new data, and holes behind it. Its growth is what counts.
    """
    send = connection.send
    if send.recovery == Recovery.NONE:
        return 0
    arrived = send.scoreboard.arrived_behind(send.retransmission_mark)
    una = send.unacknowledged
    if send.is_first_resent or is_at_or_before(send.retransmitted_to, una):
        return arrived
    resent = distance(una, send.retransmitted_to)
    return arrived + resent - send.scoreboard.missing_between(una, send.retransmitted_to)


def note_overtaken(connection: TcpConnection, count: u32) -> None:
    """So much has arrived that was sent after the first hole was sent again. If it is a segment,
    or three where the path changes the order, that is lost once more: the order of sending stands
    for RACK's times (RFC 8985, 6.2). RFC 6675 would wait for the timeout.
    """
    send = connection.send
    if send.recovery == Recovery.NONE or is_at_or_before(
        send.retransmitted_to, send.unacknowledged
    ):
        return
    send.overtaken += count
    segments: u32 = DUPLICATE_THRESHOLD if send.has_spurious else 1
    if send.overtaken >= segments * connection.segment_size():
        send.is_first_due = True


def forget_overtaken(connection: TcpConnection) -> None:
    """There is another first hole, or it has just been sent."""
    send = connection.send
    send.overtaken = 0
    send.is_first_due = False
    send.is_first_resent = False
    send.retransmission_mark = send.next


def mark_reported_gaps(connection: TcpConnection, now_ms: u64) -> None:
    """What is missing before the last SACK block has not come for a while after it: it is lost,
    though DupThresh is not reached (RFC 8985, 6.3).
    """
    send = connection.send
    if send.recovery == Recovery.NONE and send.scoreboard.count > 0:
        edge = send.scoreboard.last_left(send.unacknowledged)
        begin_fast_recovery(connection, now_ms, edge)


def begin_resending(connection: TcpConnection, sequence: u32) -> None:
    """What was sent from `sequence` on was too large for the path: sends it again, smaller. It is
    no sign of congestion (RFC 1191, 6.4), so the window stays.
    """
    send = connection.send
    send.recovery = Recovery.TIMEOUT
    send.recovery_point = send.next
    send.lost_to = send.next
    send.retransmitted_to = later(sequence, send.unacknowledged)
    forget_overtaken(connection)
    send.duplicate_acks = 0
