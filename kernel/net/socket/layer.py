"""`SocketLayer`: what system calls make sockets from, and who gets the packets that arrive."""

from __future__ import annotations

from abi.errno import EAFNOSUPPORT, EINVAL, ENOMEM, EPROTONOSUPPORT, ESOCKTNOSUPPORT
from abi.socket import (
    AF_INET,
    IPPROTO_ICMP,
    IPPROTO_IP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOCK_TYPE_MASK,
)
from bare import i32, inline, raises, struct, u16, u32, wrap_u32
from kernel.device.packet import Packet
from kernel.mm.frame import FrameAllocator
from kernel.net.iface.receiver import Arrival, IcmpError, IcmpReceiver
from kernel.net.socket.datagram_tables import DatagramTables, UdpInput
from kernel.net.socket.ping_socket import make_ping_socket
from kernel.net.socket.socket import Socket
from kernel.net.socket.tcp_errors import receive_tcp_error
from kernel.net.socket.tcp_input import TcpInput
from kernel.net.socket.tcp_output import TcpRoom
from kernel.net.socket.tcp_socket import make_tcp_socket
from kernel.net.socket.tcp_tables import TcpTables
from kernel.net.socket.tcp_timers import TcpDue
from kernel.net.socket.udp_socket import make_udp_socket
from kernel.net.stack import NetStack


@struct
class SocketLayer:
    """One; embed it in the kernel, then `start`."""

    stack: NetStack
    tcp: TcpTables = inline()
    datagrams: DatagramTables = inline()
    tcp_input: TcpInput = inline()
    tcp_room: TcpRoom = inline()
    tcp_due: TcpDue = inline()
    udp_input: UdpInput = inline()
    icmp_input: IcmpInput = inline()

    @raises(ENOMEM)
    def start(self, stack: NetStack, frames: FrameAllocator) -> None:
        """Becomes the receiver of what arrives for sockets."""
        self.stack = stack
        self.tcp_due.tables = self.tcp
        self.tcp.start(stack, frames, self.tcp_due)
        self.datagrams.start(stack)
        self.tcp_input.tables = self.tcp
        self.tcp_room.tables = self.tcp
        self.udp_input.tables = self.datagrams
        self.icmp_input.layer = self
        with stack.lock:
            stack.tcp = self.tcp_input
            stack.room = self.tcp_room
            stack.udp = self.udp_input
            stack.icmp = self.icmp_input

    @raises(EAFNOSUPPORT, EINVAL, ENOMEM, EPROTONOSUPPORT, ESOCKTNOSUPPORT)
    def make_socket(
        self, family: i32, kind: u32, protocol: i32, owner: i32, principal: u32
    ) -> Socket:
        """Makes a socket with one reference; `kind` may hold SOCK_NONBLOCK."""
        if family != i32(AF_INET):
            raise OSError(EAFNOSUPPORT)
        wanted = wrap_u32(protocol)
        base = kind & SOCK_TYPE_MASK
        if base == SOCK_STREAM:
            if wanted not in (IPPROTO_IP, IPPROTO_TCP):
                raise OSError(EPROTONOSUPPORT)
            return make_tcp_socket(self.tcp, kind, owner, principal)
        if base != SOCK_DGRAM:
            raise OSError(ESOCKTNOSUPPORT)
        if wanted == IPPROTO_ICMP:
            return make_ping_socket(self.datagrams, kind, owner, principal)
        if wanted not in (IPPROTO_IP, IPPROTO_UDP):
            raise OSError(EPROTONOSUPPORT)
        return make_udp_socket(self.datagrams, kind, owner, principal)


@struct
class IcmpInput(IcmpReceiver):
    """Hands ICMP messages to the sockets that they are about."""

    layer: SocketLayer | None = None

    def receive_echo_reply(self, packet: Packet, arrival: Arrival, identifier: u16) -> bool:
        """Takes the answer to an echo request."""
        layer = self.layer
        assert layer is not None, "receiver before its layer"
        return layer.datagrams.receive_echo_reply(packet, arrival, identifier)

    def receive_error(self, error: IcmpError) -> None:
        """Learns of an error."""
        layer = self.layer
        assert layer is not None, "receiver before its layer"
        if error.protocol == IPPROTO_TCP:
            receive_tcp_error(layer.tcp, error)
        else:
            layer.datagrams.receive_error(error)
