"""`DatagramTables`: UDP ports and ping identifiers, and how datagrams find them.

Guarded by the stack's lock.
"""

from __future__ import annotations

from abi.errno import EADDRINUSE, ENOMEM
from abi.socket import IPPROTO_ICMP, IPPROTO_UDP
from bare import Array, array, inline, load_u32, raises, struct, u8, u16, u32
from kernel.device.packet import Packet
from kernel.net.iface.receiver import Arrival, IcmpError, UdpReceiver
from kernel.net.socket.binding import EPHEMERAL_COUNT, FIRST_EPHEMERAL, PortTable
from kernel.net.socket.datagram_port import DatagramPort
from kernel.net.stack import NetStack
from kernel.net.wire.address import ANY_ADDRESS
from kernel.net.wire.udp import UdpHeader


@struct
class DatagramTables:
    """Embed it, then `start`."""

    stack: NetStack
    udp: PortTable = inline()
    ping: PortTable = inline()

    @raises(ENOMEM)
    def start(self, stack: NetStack) -> None:
        """Begins without claims."""
        self.stack = stack
        self.udp.start(stack.allocator)
        self.ping.start(stack.allocator)

    def table(self, protocol: u32) -> PortTable:
        """Returns the table of a protocol."""
        return self.ping if protocol == IPPROTO_ICMP else self.udp

    @raises(EADDRINUSE)
    def claim(self, port: DatagramPort, wanted: u16) -> None:
        """Enters a claim to a port, 0 for any free one, which nobody can guess (RFC 6056)."""
        table = self.table(port.protocol)
        if wanted != 0:
            port.port = wanted
            try:
                table.check(port)
            except OSError:
                port.port = 0
                raise
            table.add(port)
            return
        number: Array[u8] = array(4)
        self.stack.random.fill(number)
        start = load_u32(number, 0) % EPHEMERAL_COUNT
        for attempt in range(EPHEMERAL_COUNT):
            candidate = u16(FIRST_EPHEMERAL + (start + attempt) % EPHEMERAL_COUNT)
            if not table.has_port(candidate):
                port.port = candidate
                table.add(port)
                return
        raise OSError(EADDRINUSE)

    def find(
        self, table: PortTable, arrival: Arrival, port: u16, source_port: u16
    ) -> DatagramPort | None:
        """Returns the most particular claim to an arriving datagram."""
        best: DatagramPort | None = None
        best_score: u32 = 0
        binding = table.first(port)
        while binding is not None:
            if isinstance(binding, DatagramPort):
                score = binding.score(arrival, port, source_port)
                if score > best_score:
                    best = binding
                    best_score = score
            binding = binding.next_of_port
        return best

    def receive_echo_reply(self, packet: Packet, arrival: Arrival, identifier: u16) -> bool:
        """Takes the answer to an echo request. False: no socket has asked."""
        port = self.find(self.ping, arrival, identifier, 0)
        if port is None:
            return False
        port.append(packet, arrival, 0)
        return True

    def receive_error(self, error: IcmpError) -> None:
        """Tells a connected socket what has become of a datagram."""
        is_udp = error.protocol == IPPROTO_UDP
        binding = (self.udp if is_udp else self.ping).first(error.local_port)
        while binding is not None:
            if isinstance(binding, DatagramPort) and is_about(error, binding, is_udp):
                binding.fail(error.errno)
                return
            binding = binding.next_of_port


def is_about(error: IcmpError, port: DatagramPort, is_udp: bool) -> bool:
    """Whether an error is about what a connected socket, or one that pings, has sent."""
    if port.port != error.local_port or port.address not in (ANY_ADDRESS, error.local):
        return False
    if not is_udp:
        return port.remote_address in (ANY_ADDRESS, error.remote)
    return port.remote_address == error.remote and port.remote_port == error.remote_port


@struct
class UdpInput(UdpReceiver):
    """Where the IPv4 layer hands UDP datagrams in."""

    tables: DatagramTables | None = None

    def receive_udp(self, packet: Packet, arrival: Arrival, header: UdpHeader) -> bool:
        """Takes a datagram; of several claims the most particular one gets it."""
        tables = self.tables
        assert tables is not None, "receiver before its tables"
        source_port = header.source_port
        port = tables.find(tables.udp, arrival, header.destination_port, source_port)
        if port is None:
            return False
        port.append(packet, arrival, source_port)
        return True
