"""Which data is sent next: what is lost, then what is new, as far as the windows allow.

RFC 6675, 4 (NextSeg); RFC 9293, 3.7.4 (Nagle) and 3.8.6.2.1 (silly window); RFC 3042. Nothing here
changes the connection.
"""

from __future__ import annotations

from bare import u32
from kernel.net.tcp.announce import sack_blocks, sack_option_size
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.loss import pipe
from kernel.net.tcp.segment import OutgoingSegment, SegmentKind
from kernel.net.tcp.send_state import Recovery
from kernel.net.tcp.sequence import (
    advance,
    distance,
    earlier,
    is_at_or_before,
    is_before,
    later,
    retreat,
)


def payload_limit(connection: TcpConnection) -> u32:
    """Returns the most payload of the next segment: less where it carries SACK blocks."""
    size = connection.segment_size()
    if not connection.is_sack_on:
        return size
    return size - sack_option_size(sack_blocks(connection.receive, connection.timestamps.is_on))


def plan_data(connection: TcpConnection, outgoing: OutgoingSegment) -> bool:
    """Chooses the data of the next segment, if any."""
    send = connection.send
    if send.recovery == Recovery.NONE and not has_new(connection):
        return send.is_rescue_due and _plan_rescue(connection, outgoing)
    in_network = pipe(connection)
    if send.recovery != Recovery.NONE:
        if send.is_first_due:
            return _plan_first(connection, outgoing)
        if _plan_lost(connection, in_network, send.lost_to, outgoing):
            return True
    if _plan_new(connection, in_network, outgoing):
        return True
    if send.is_rescue_due:
        return _plan_rescue(connection, outgoing)
    if send.recovery == Recovery.FAST and connection.is_sack_on:
        highest = send.scoreboard.highest(send.unacknowledged)
        if _plan_lost(connection, in_network, highest, outgoing):
            return True
        is_wanted = not send.has_rescued and send.next == send.recovery_point
        if is_wanted and has_congestion_room(connection, in_network, send.mss):
            return _plan_rescue(connection, outgoing)
    return False


def has_new(connection: TcpConnection) -> bool:
    """Says whether there is anything that was never sent."""
    return connection.send.unsent() > 0 or connection.send.is_finish_unsent()


def has_congestion_room(connection: TcpConnection, in_network: u32, length: u32) -> bool:
    """Says whether the congestion window takes `length` bytes more."""
    return in_network == 0 or in_network + length <= connection.control().window


def _plan_lost(
    connection: TcpConnection, in_network: u32, limit: u32, outgoing: OutgoingSegment
) -> bool:
    """Chooses the first piece before `limit` that is missing and was not sent again yet."""
    send = connection.send
    start = send.scoreboard.first_missing(later(send.unacknowledged, send.retransmitted_to))
    if is_at_or_before(limit, start):
        return False
    end = earlier(send.scoreboard.hole_end(start, send.next), later(limit, start))
    end = earlier(end, advance(start, payload_limit(connection)))
    if start != send.unacknowledged:
        if not has_congestion_room(connection, in_network, distance(start, end)):
            return False
        if is_before(send.window_end(), end):
            return False
    write_range(connection, start, end, outgoing)
    outgoing.kind = SegmentKind.AGAIN
    return True


def _plan_first(connection: TcpConnection, outgoing: OutgoingSegment) -> bool:
    """Chooses the first hole, which is sent once more in the place of what is lost."""
    send = connection.send
    start = send.unacknowledged
    end = send.scoreboard.hole_end(start, send.next)
    write_range(
        connection, start, earlier(end, advance(start, payload_limit(connection))), outgoing
    )
    outgoing.kind = SegmentKind.AGAIN
    return True


def _plan_rescue(connection: TcpConnection, outgoing: OutgoingSegment) -> bool:
    """Chooses the last piece that is in flight (RFC 6675, NextSeg rule 4; RFC 8985, 7.3)."""
    send = connection.send
    if send.in_flight() == 0:
        return False
    start = retreat(send.next, min(send.in_flight(), payload_limit(connection)))
    start = later(start, send.scoreboard.highest(send.unacknowledged))
    if is_at_or_before(send.next, start):
        return False
    write_range(connection, start, send.next, outgoing)
    outgoing.kind = SegmentKind.RESCUE
    return True


def _plan_new(connection: TcpConnection, in_network: u32, outgoing: OutgoingSegment) -> bool:
    """Chooses data that was never sent, and the FIN."""
    send = connection.send
    if not has_new(connection):
        return False
    size = payload_limit(connection)
    usable = send.usable()
    length = min(min(send.unsent(), size), usable)
    has_finish = send.is_finish_unsent() and length == send.unsent() and usable > length
    if length == 0 and not has_finish:
        return False
    if not send.is_rescue_due:
        if not has_congestion_room(connection, in_network, length):
            return False
        if length < size and not has_finish and not _may_send_partial(connection, length):
            return False
    end = advance(send.next, length + u32(has_finish))
    write_range(connection, send.next, end, outgoing)
    outgoing.kind = SegmentKind.NEW
    return True


def _may_send_partial(connection: TcpConnection, length: u32) -> bool:
    """Says whether a segment that is not full may leave."""
    send = connection.send
    if send.is_hurried:
        return True
    if length < send.unsent():  # the window is what makes it short
        return length >= send.largest_window // 2
    if connection.settings.is_corked:
        return False
    # Nagle, in the form of Minshall: only an unacknowledged partial segment holds the next one up.
    is_one_in_flight = is_before(send.unacknowledged, send.small_end)
    return connection.settings.is_no_delay or not is_one_in_flight


def write_range(connection: TcpConnection, start: u32, end: u32, outgoing: OutgoingSegment) -> None:
    """Writes sequence number, payload and FIN for the numbers from `start` up to `end`."""
    send = connection.send
    data_end = earlier(end, send.queue_end)
    outgoing.header.sequence = start
    outgoing.header.is_fin = is_before(data_end, end)
    if is_before(start, data_end):
        outgoing.payload_offset = distance(send.unacknowledged, start)
        outgoing.header.payload_length = distance(start, data_end)
        outgoing.header.is_psh = data_end == send.queue_end
