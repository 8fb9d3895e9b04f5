"""`UdpSocket`: a socket that sends and receives UDP datagrams. RFC 768; RFC 1122, 4.1."""

from __future__ import annotations

from abi.errno import EINVAL, ENOMEM
from abi.socket import IPPROTO_UDP
from bare import allocate, i32, raises, release, struct, u16, u32
from kernel.device.packet import PacketQueue
from kernel.net.iface.interface import Path
from kernel.net.socket.datagram_port import DatagramPort
from kernel.net.socket.datagram_socket import DatagramSocket, copy_payload
from kernel.net.socket.datagram_tables import DatagramTables
from kernel.net.socket.message import Message
from kernel.net.wire.checksum import Checksum
from kernel.net.wire.ipv4 import PROTOCOL_UDP
from kernel.net.wire.udp import UDP_HEADER_SIZE, build_udp, set_udp_checksum


@struct
class UdpSocket(DatagramSocket):
    """A UDP socket."""

    def protocol(self) -> u32:
        return IPPROTO_UDP

    def header_size(self) -> u32:
        return UDP_HEADER_SIZE

    @raises()
    def check_port(self, port: u16) -> None:
        if port == 0:
            raise OSError(EINVAL)

    @raises()
    def fill(self, message: Message, path: Path, packets: PacketQueue, remote_port: u16) -> None:
        length = u32(message.buffer.remaining)
        copy_payload(message, packets, UDP_HEADER_SIZE)
        first = packets.first
        assert first is not None, "datagram without a packet"
        build_udp(first.bytes(), self.port.port, remote_port, length)
        sum = Checksum()
        sum.add_pseudo_header(path.source, path.destination, PROTOCOL_UDP, length + UDP_HEADER_SIZE)
        add_packets(sum, packets)
        set_udp_checksum(first.bytes(), sum)


def add_packets(sum: Checksum, packets: PacketQueue) -> None:
    """Adds the bytes of packets in a queue to a checksum."""
    packet = packets.first
    while packet is not None:
        sum.add(packet.bytes())
        packet = packet.next


@raises(ENOMEM)
def make_udp_socket(tables: DatagramTables, flags: u32, owner: i32, principal: u32) -> UdpSocket:
    """Makes a UDP socket with one reference, the caller's."""
    allocator = tables.stack.allocator
    socket = allocate(allocator, UdpSocket)
    try:
        socket.port = allocate(allocator, DatagramPort)
    except OSError:
        release(allocator, socket)
        raise
    socket.open(tables.stack, flags, owner, principal)
    socket.open_port(tables)
    return socket
