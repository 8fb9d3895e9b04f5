"""Bare Python: transports that note what they get, for the test to read."""

from __future__ import annotations

from bare import Array, Span, array, store_u16, store_u32, struct, u8, u16, u32, u64
from kernel.device.packet import Packet
from kernel.net.iface.interface import Interface
from kernel.net.iface.receiver import (
    Arrival,
    IcmpError,
    IcmpReceiver,
    RoomReceiver,
    TcpReceiver,
    UdpReceiver,
)
from kernel.net.wire.tcp import TcpHeader
from kernel.net.wire.udp import UdpHeader

EVENT_ROOM = 1 << 17
EVENT_HEADER: u64 = 48
LISTENING_PORT: u16 = 7
PING_IDENTIFIER: u16 = 77
KIND_UDP: u8 = 1
KIND_TCP: u8 = 2
KIND_ECHO: u8 = 3
KIND_ERROR: u8 = 4
KIND_ROOM: u8 = 5


@struct
class Events:
    """What receivers saw: each a header of EVENT_HEADER bytes, and its payload."""

    bytes: Array[u8] = array(EVENT_ROOM)
    used: u64 = 0
    taken: u64 = 0
    dropped: u64 = 0

    def add(self, kind: u8, payload: u32) -> Span[u8]:
        """Makes an event and returns its bytes, zeroed; what does not fit is counted."""
        size = EVENT_HEADER + payload
        if self.used + size > EVENT_ROOM:
            self.dropped += 1
            self.used = 0
            self.taken = 0
        event = self.bytes[self.used : self.used + size]
        event.fill(0)
        event[0] = kind
        store_u32(event, 4, u32(size))
        self.used += size
        return event


def note_arrival(event: Span[u8], arrival: Arrival) -> None:
    """Writes how a packet came."""
    event[1] = arrival.time_to_live
    event[2] = arrival.traffic_class
    event[3] = 1 if arrival.is_broadcast else 0
    store_u32(event, 8, arrival.source)
    store_u32(event, 12, arrival.destination)


def copy_chain(first: Packet, into: Span[u8]) -> None:
    """Copies the bytes of a datagram."""
    at: u64 = 0
    packet: Packet | None = first
    while packet is not None:
        size = u64(packet.length())
        into[at : at + size].copy_from(packet.bytes())
        at += size
        packet = packet.more


def length_of(first: Packet) -> u32:
    """Returns the bytes of a datagram."""
    total: u32 = 0
    packet: Packet | None = first
    while packet is not None:
        total += packet.length()
        packet = packet.more
    return total


@struct
class UdpRecorder(UdpReceiver):
    """Listens at LISTENING_PORT."""

    events: Events

    def receive_udp(self, packet: Packet, arrival: Arrival, header: UdpHeader) -> bool:
        """Notes a datagram."""
        if header.destination_port != LISTENING_PORT:
            return False
        event = self.events.add(KIND_UDP, length_of(packet))
        note_arrival(event, arrival)
        store_u16(event, 16, header.source_port)
        store_u16(event, 18, header.destination_port)
        copy_chain(packet, event[EVENT_HEADER:])
        packet.release()
        return True


@struct
class TcpRecorder(TcpReceiver):
    """Takes all segments."""

    events: Events

    def receive_tcp(self, packet: Packet, arrival: Arrival, header: TcpHeader) -> None:
        """Notes a segment."""
        event = self.events.add(KIND_TCP, packet.length())
        note_arrival(event, arrival)
        store_u16(event, 16, header.source_port)
        store_u16(event, 18, header.destination_port)
        store_u32(event, 20, header.sequence)
        store_u32(event, 24, header.acknowledgment)
        event[28] = header.flags
        event[29] = u8(header.sack_count)
        store_u16(event, 30, header.window)
        copy_chain(packet, event[EVENT_HEADER:])
        packet.release()


@struct
class IcmpRecorder(IcmpReceiver):
    """Asked for echoes as PING_IDENTIFIER."""

    events: Events

    def receive_echo_reply(self, packet: Packet, arrival: Arrival, identifier: u16) -> bool:
        """Notes an answer."""
        if identifier != PING_IDENTIFIER:
            return False
        event = self.events.add(KIND_ECHO, length_of(packet))
        note_arrival(event, arrival)
        copy_chain(packet, event[EVENT_HEADER:])
        packet.release()
        return True

    def receive_error(self, error: IcmpError) -> None:
        """Notes an error."""
        event = self.events.add(KIND_ERROR, 0)
        event[1] = error.type
        event[2] = error.code
        event[3] = 1 if error.is_hard else 0
        store_u32(event, 8, error.local)
        store_u32(event, 12, error.remote)
        store_u16(event, 16, error.local_port)
        store_u16(event, 18, error.remote_port)
        store_u32(event, 20, error.sequence)
        store_u32(event, 24, error.mtu)
        store_u32(event, 28, u32(error.errno))
        store_u32(event, 32, error.reporter)
        event[36] = error.protocol


@struct
class RoomRecorder(RoomReceiver):
    """Notes that there is room."""

    events: Events

    def receive_room(self, interface: Interface) -> None:
        """Notes it."""
        self.events.add(KIND_ROOM, 0)
