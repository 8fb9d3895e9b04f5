"""TCP segments out: what a connection wants to send, and answers that belong to no connection.

Called with the stack's lock held; the caller's caller flushes.
"""

from __future__ import annotations

from bare import never_inline, struct, u64, wrap_u32
from kernel.device.net import TxFrame
from kernel.net.iface.interface import Fragmentation, Interface, Path
from kernel.net.iface.output import TRANSPORT_OFFSET
from kernel.net.iface.receiver import RoomReceiver
from kernel.net.socket.connection import Connection
from kernel.net.socket.tcp_tables import MS, TcpTables
from kernel.net.tcp.connection import NEVER
from kernel.net.tcp.header import write_header
from kernel.net.tcp.output import commit_segment, plan_segment
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, SegmentKind
from kernel.net.tcp.timers import deadline_ms
from kernel.net.wire.checksum import Checksum, add_with_carry
from kernel.net.wire.ipv4 import PROTOCOL_TCP
from kernel.net.wire.tcp import build_tcp, set_tcp_checksum


def send_segments(tables: TcpTables, connection: Connection, now_ms: u64) -> None:
    """Sends what a connection may send now."""
    if connection.is_without_room or not has_path(tables, connection.path):
        return
    outgoing = tables.outgoing
    while plan_segment(connection.tcp, now_ms, outgoing):
        if not send_segment(tables, connection, outgoing):
            return
        if outgoing.kind in (SegmentKind.AGAIN, SegmentKind.RESCUE):
            connection.retransmits += 1
        commit_segment(connection.tcp, now_ms, outgoing)


def has_path(tables: TcpTables, path: Path) -> bool:
    """Whether there is a way to the other end; looks for another one after a change of routes."""
    if tables.stack.is_current(path):
        return True
    try:
        tables.stack.find_path(path)
    except OSError:
        return False
    return True


def send_segment(tables: TcpTables, connection: Connection, outgoing: OutgoingSegment) -> bool:
    """Sends a planned segment, shortened where it lies in too many pieces; False: not now."""
    stack = tables.stack
    interface = connection.path.interface
    frame = stack.begin_bulk_frame(connection.path)
    if frame is None or interface is None:
        wait_for_room(tables, connection)
        return False
    length = outgoing.header.payload_length
    payload = Checksum()
    if length > 0:
        added = connection.sending.add_fragments(
            frame, outgoing.payload_offset, length, tables.frames, payload
        )
        if added == 0:
            interface.device.abandon(frame)
            return False
        if added < length:
            outgoing.shorten(added)
    finish_frame(tables, frame, connection.path, connection.endpoints, outgoing, payload)
    return True


@never_inline
def send_reply(tables: TcpTables, endpoints: Endpoints, outgoing: OutgoingSegment) -> None:
    """Sends a segment without payload that belongs to no connection; drops it if it cannot."""
    stack = tables.stack
    path = tables.reply_path
    aim_path(path, endpoints)
    if not has_path(tables, path):
        return
    frame = stack.begin_frame(path)
    if frame is None:
        return
    finish_frame(tables, frame, path, endpoints, outgoing, Checksum())


def finish_frame(
    tables: TcpTables,
    frame: TxFrame,
    path: Path,
    endpoints: Endpoints,
    outgoing: OutgoingSegment,
    payload: Checksum,
) -> None:
    """Writes the header of a segment whose payload is in the frame, and sends it."""
    outgoing.header.source_port = endpoints.local_port
    outgoing.header.destination_port = endpoints.remote_port
    write_header(outgoing.header, tables.header)
    size = build_tcp(frame.header[TRANSPORT_OFFSET:], tables.header)
    header = frame.header[TRANSPORT_OFFSET : TRANSPORT_OFFSET + size]
    frame.header_length = TRANSPORT_OFFSET + size
    length = size + outgoing.header.payload_length
    sum = Checksum()
    sum.add_pseudo_header(path.source, path.destination, PROTOCOL_TCP, length)
    sum.add(header)
    # The header is a whole number of words, so the payload's sum fits behind it as it is.
    sum.sum = add_with_carry(sum.sum, payload.sum)
    set_tcp_checksum(header, sum)
    tables.stack.send(frame, path, PROTOCOL_TCP)


def aim_path(path: Path, endpoints: Endpoints) -> None:
    """Points a path at the other end; it is yet to be found."""
    path.destination = wrap_u32(endpoints.remote_low)
    path.source = wrap_u32(endpoints.local_low)
    path.generation = 0
    path.fragmentation = Fragmentation.FORBIDDEN


@never_inline
def set_timer(tables: TcpTables, connection: Connection) -> None:
    """Has the connection's timer fire no later than something is due.

    A timer that would fire earlier is left alone: that costs less than moving it with each segment.
    """
    deadline = deadline_ms(connection.tcp)
    if deadline >= NEVER // MS:
        return
    deadline_ns = deadline * MS
    if connection.is_timer_set and connection.timer.deadline_ns <= deadline_ns:
        return
    connection.is_timer_set = True
    connection.timer.connection = connection
    connection.timer.handler = tables.due
    tables.stack.timers.add(connection.timer, deadline_ns)


def wait_for_room(tables: TcpTables, connection: Connection) -> None:
    """Puts a connection among those that go on when devices have room."""
    connection.is_without_room = True
    connection.next_without_room = tables.first_without_room
    tables.first_without_room = connection


def forget_room(tables: TcpTables, wanted: Connection) -> None:
    """Takes a connection that is about to end out of those that wait for room."""
    if not wanted.is_without_room:
        return
    wanted.is_without_room = False
    connection = tables.first_without_room
    if connection is wanted:
        tables.first_without_room = wanted.next_without_room
        return
    while connection is not None:
        following = connection.next_without_room
        if following is wanted:
            connection.next_without_room = wanted.next_without_room
            return
        connection = following


@struct
class TcpRoom(RoomReceiver):
    """Goes on with the connections that found their device full."""

    tables: TcpTables | None = None

    def receive_room(self, interface: Interface) -> None:
        """Sends what they have; those of another device get in line again."""
        tables = self.tables
        assert tables is not None, "receiver before its tables"
        now_ms = tables.now_ms()
        connection = tables.first_without_room
        tables.first_without_room = None
        while connection is not None:
            following = connection.next_without_room
            connection.is_without_room = False
            send_segments(tables, connection, now_ms)
            set_timer(tables, connection)
            connection = following
