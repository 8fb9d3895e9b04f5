"""TCP segments in: to their connection, to TIME-WAIT, to a listener, or answered by a RST.

Called by the stack with its lock held, from interrupts too; the stack flushes.
"""

from __future__ import annotations

from bare import struct, u32, u64
from kernel.device.packet import Packet
from kernel.net.iface.interface import Interface
from kernel.net.iface.receiver import Arrival as PacketArrival
from kernel.net.iface.receiver import TcpReceiver
from kernel.net.socket.connection import Connection, TimeWaitEntry
from kernel.net.socket.listener import Listener
from kernel.net.socket.tcp_ending import advance, close_connection
from kernel.net.socket.tcp_opening import announce, make_passive
from kernel.net.socket.tcp_output import send_reply
from kernel.net.socket.tcp_tables import TcpTables
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.half_open import Answer
from kernel.net.tcp.header import read_header
from kernel.net.tcp.input import segment_arrives
from kernel.net.tcp.reset import reset_for
from kernel.net.tcp.sequence import advance as behind
from kernel.net.tcp.state import TcpState
from kernel.net.tcp.time_wait import TimeWaitAnswer
from kernel.net.wire.tcp import TcpHeader


@struct
class TcpInput(TcpReceiver):
    """Where the IPv4 layer hands TCP segments in."""

    tables: TcpTables | None = None

    def receive_tcp(self, packet: Packet, arrival: PacketArrival, header: TcpHeader) -> None:
        """Takes a segment."""
        tables = self.tables
        assert tables is not None, "receiver before its tables"
        segment = tables.segment
        read_header(header, packet.length(), segment)
        endpoints = tables.endpoints
        endpoints.local_low = arrival.destination
        endpoints.remote_low = arrival.source
        endpoints.local_port = segment.destination_port
        endpoints.remote_port = segment.source_port
        entry = tables.connections.find(endpoints)
        if entry is not None and isinstance(entry, Connection):
            receive_segment(tables, entry, packet, arrival.interface)
            return
        interface = arrival.interface
        if entry is None:
            receive_stray(tables, packet, interface)
        elif isinstance(entry, TimeWaitEntry):
            receive_late(tables, entry, packet, interface)


def receive_segment(
    tables: TcpTables, connection: Connection, packet: Packet, interface: Interface
) -> None:
    """Hands the segment in `tables.segment`, whose payload is `packet`, to its connection."""
    if packet.length() > 0 and connection.receiving.ready.count > 0 and is_crowded(tables):
        # As if it had been lost: it comes again when programs have read something.
        packet.release()
        return
    now_ms = tables.now_ms()
    arrival = tables.arrival
    segment_arrives(connection.tcp, now_ms, tables.segment, arrival)
    if not connection.has_received and connection.tcp.is_synchronized():
        connection.has_received = True
        connection.receiving.start(behind(connection.tcp.receive.initial, 1))
    if arrival.acknowledged > 0:
        take_acknowledgment(tables, connection, arrival.acknowledged)
    if arrival.length > 0 and (connection.waiters is not None or connection.is_queued):
        packet.drop_front(arrival.skip)
        packet.shorten(arrival.length)
        copied = connection.receiving.insert(packet, arrival.sequence)
        interface.device.counters.held_packets += 1
        interface.device.counters.copied_bytes += copied
    else:
        packet.release()
    tell(connection, arrival)
    advance(tables, connection, now_ms)


def is_crowded(tables: TcpTables) -> bool:
    """Whether packets are so few that those which are left are for new connections and for ACKs."""
    packets = tables.stack.packets
    return packets.count - packets.free_count > packets.limit - packets.limit // 8


def take_acknowledgment(tables: TcpTables, connection: Connection, count: u32) -> None:
    """Forgets bytes that the other end has, lets the queue grow with the window, tells writers."""
    sending = connection.sending
    sending.drop_front(min(count, sending.length), tables.allocator, tables.frames)
    if connection.can_grow:
        congestion = connection.tcp.congestion
        if congestion is not None and 2 * u64(congestion.window) > connection.send_limit:
            wanted = min(2 * u64(congestion.window), u64(tables.growth_limit))
            connection.send_limit = u32(wanted)
    waiters = connection.waiters
    if waiters is not None and waiters.wants_room and tables.has_room(connection):
        waiters.writable()


def tell(connection: Connection, arrival: Arrival) -> None:
    """Tells who waits what a segment has changed."""
    waiters = connection.waiters
    if waiters is None:
        return
    if arrival.is_established or arrival.is_ended:
        waiters.changed()
    elif arrival.delivered > 0 or arrival.is_peer_finished:
        waiters.readable()


def receive_late(
    tables: TcpTables, entry: TimeWaitEntry, packet: Packet, interface: Interface
) -> None:
    """Hands the segment to a record in TIME-WAIT; a new opening takes its place."""
    answer = entry.record.segment_arrives(tables.now_ms(), tables.segment, tables.outgoing)
    if answer == TimeWaitAnswer.REOPEN:
        tables.connections.remove(entry)
        entry.is_in_table = False
        receive_stray(tables, packet, interface)
        return
    if answer == TimeWaitAnswer.REPLY:
        send_reply(tables, tables.endpoints, tables.outgoing)
    packet.release()


def receive_stray(tables: TcpTables, packet: Packet, interface: Interface) -> None:
    """Hands a segment of no connection to a listener, or answers that there is none."""
    listener = tables.find_listener(tables.endpoints, interface.index)
    if listener is None:
        if reset_for(tables.segment, tables.outgoing):
            send_reply(tables, tables.endpoints, tables.outgoing)
        packet.release()
        return
    announce(tables, listener)
    answer = tables.half_open.segment_arrives(
        tables.now_us(),
        tables.endpoints,
        tables.segment,
        tables.opening,
        tables.outgoing,
        tables.handshake,
    )
    tables.set_alarm(tables.half_open.deadline_ms())
    if answer == Answer.REPLY:
        send_reply(tables, tables.endpoints, tables.outgoing)
    if answer == Answer.ESTABLISH:
        establish_connection(tables, listener, packet, interface)
    else:
        packet.release()


def establish_connection(
    tables: TcpTables, listener: Listener, packet: Packet, interface: Interface
) -> None:
    """Makes the connection of a completed handshake and hands it the segment that completed it."""
    connection = make_passive(tables, listener)
    if connection is None:
        packet.release()
        return
    tables.half_open.forget(tables.endpoints)
    # It counts as queued so that it outlives the segment whatever that does.
    connection.is_queued = True
    receive_segment(tables, connection, packet, interface)
    if connection.tcp.state in (TcpState.SYN_RECEIVED, TcpState.CLOSED):
        connection.is_queued = False
        close_connection(tables, connection, must_reset=True)
    else:
        connection.listener = listener
        listener.append(connection)
