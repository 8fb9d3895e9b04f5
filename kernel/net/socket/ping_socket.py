"""`PingSocket`: sends ICMP echo requests and receives the replies, without any privilege.

As Linux has it (net/ipv4/ping.c): the program writes header and data of a request; the kernel puts
its own identifier, which is the local port, and the checksum into the header.
"""

from __future__ import annotations

from abi.errno import EINVAL, ENOMEM
from abi.socket import IPPROTO_ICMP
from bare import allocate, i32, raises, release, struct, u16, u32, view
from kernel.device.packet import PacketQueue
from kernel.net.iface.interface import Path
from kernel.net.socket.datagram_port import DatagramPort
from kernel.net.socket.datagram_socket import DatagramSocket, copy_payload
from kernel.net.socket.datagram_tables import DatagramTables
from kernel.net.socket.message import Message
from kernel.net.socket.udp_socket import add_packets
from kernel.net.wire.checksum import Checksum
from kernel.net.wire.icmp import ICMP_HEADER_SIZE, TYPE_ECHO_REQUEST, IcmpHeader


@struct
class PingSocket(DatagramSocket):
    """A ping socket."""

    def protocol(self) -> u32:
        return IPPROTO_ICMP

    def header_size(self) -> u32:
        return 0

    @raises()
    def check_port(self, port: u16) -> None:
        """Any will do: there are no ports."""

    @raises()
    def fill(self, message: Message, path: Path, packets: PacketQueue, remote_port: u16) -> None:
        first = packets.first
        assert first is not None, "datagram without a packet"
        copy_payload(message, packets, 0)
        if first.length() < ICMP_HEADER_SIZE:
            raise OSError(EINVAL)
        header = view(IcmpHeader, first.bytes(), 0)
        if header.type != TYPE_ECHO_REQUEST or header.code != 0:
            raise OSError(EINVAL)
        header.identifier = self.port.port
        header.checksum = 0
        sum = Checksum()
        add_packets(sum, packets)
        header.checksum = sum.finish()


@raises(ENOMEM)
def make_ping_socket(tables: DatagramTables, flags: u32, owner: i32, principal: u32) -> PingSocket:
    """Makes a ping socket with one reference, the caller's."""
    allocator = tables.stack.allocator
    socket = allocate(allocator, PingSocket)
    try:
        socket.port = allocate(allocator, DatagramPort)
    except OSError:
        release(allocator, socket)
        raise
    socket.open(tables.stack, flags, owner, principal)
    socket.open_port(tables)
    return socket
