"""`DatagramPort`: a UDP or ping socket's claim to a port, and the datagrams that wait there.

Guarded by the stack's lock.
"""

from __future__ import annotations

from abi.socket import AF_INET, TCP_CLOSE, TCP_ESTABLISHED, SocketInfo
from bare import Allocator, allocate, i32, release, struct, u8, u16, u32, u64
from kernel.device.packet import PACKET_BYTES, Packet
from kernel.net.iface.receiver import Arrival
from kernel.net.socket.binding import Binding
from kernel.net.socket.socket_options import SocketOptions
from kernel.net.socket.waiters import SocketWaiters
from kernel.net.wire.address import ANY_ADDRESS, Ipv4Address

FIRST_LIMIT: u32 = 208 * 1024
"""Bytes of memory that may wait in a socket, as on Linux."""


@struct
class Datagram:
    """One datagram that waits."""

    packet: Packet
    """With the rest of a long one as its `more`."""
    length: u32 = 0
    memory: u32 = 0
    source: Ipv4Address = 0
    source_port: u16 = 0
    destination: Ipv4Address = 0
    interface: u32 = 0
    next: Datagram | None = None


@struct
class DatagramPort(Binding):
    """Allocated with its socket, which it may outlive by nothing."""

    allocator: Allocator
    waiters: SocketWaiters | None = None
    options: SocketOptions | None = None
    protocol: u8 = 0
    owner: i32 = 0
    first: Datagram | None = None
    last: Datagram | None = None
    count: u32 = 0
    memory: u32 = 0
    """Bytes that the packets hold."""
    dropped: u64 = 0
    """Datagrams for which there was no room."""
    is_shut: bool = False
    """The program receives no more."""

    def score(self, arrival: Arrival, port: u16, source_port: u16) -> u32:
        """Returns how particular the claim to an arriving datagram is; 0: it is none."""
        if self.port != port:
            return 0
        score: u32 = 1
        if self.interface != 0:
            if self.interface != arrival.interface.index:
                return 0
            score += 1
        if self.address != ANY_ADDRESS:
            if self.address != arrival.destination:
                return 0
            score += 2
        if self.remote_address != ANY_ADDRESS:
            if self.remote_address != arrival.source or self.remote_port != source_port:
                return 0
            score += 4
        return score

    def limit(self) -> u32:
        """Returns the bytes of memory that may wait."""
        options = self.options
        if options is None or options.receive_limit == 0:
            return FIRST_LIMIT
        return options.receive_limit

    def append(self, packet: Packet, arrival: Arrival, source_port: u16) -> None:
        """Takes a packet, and drops it where too much waits."""
        memory, length = measure(packet)
        if self.is_shut or self.memory + memory > self.limit():
            self.dropped += 1
            packet.release()
            return
        try:
            datagram = allocate(self.allocator, Datagram)
        except OSError:
            self.dropped += 1
            packet.release()
            return
        datagram.packet = packet
        datagram.length = length
        datagram.memory = memory
        datagram.source = arrival.source
        datagram.source_port = source_port
        datagram.destination = arrival.destination
        datagram.interface = arrival.interface.index
        arrival.interface.device.counters.held_packets += 1
        self._link(datagram)

    def _link(self, datagram: Datagram) -> None:
        """Puts a datagram at the end, and tells."""
        last = self.last
        if last is None:
            self.first = datagram
        else:
            last.next = datagram
        self.last = datagram
        self.count += 1
        self.memory += datagram.memory
        waiters = self.waiters
        if waiters is not None:
            waiters.readable()

    def take_first(self) -> Datagram | None:
        """Takes the first datagram out."""
        datagram = self.first
        if datagram is not None:
            self.first = datagram.next
            if datagram.next is None:
                self.last = None
            datagram.next = None
            self.count -= 1
            self.memory -= datagram.memory
        return datagram

    def put_back(self, datagram: Datagram) -> None:
        """Puts back, to the front, what `take_first` took."""
        datagram.next = self.first
        if self.first is None:
            self.last = datagram
        self.first = datagram
        self.count += 1
        self.memory += datagram.memory

    def free(self, datagram: Datagram) -> None:
        """Gives back a datagram that is in no queue."""
        datagram.packet.release()
        release(self.allocator, datagram)

    def clear(self) -> None:
        """Forgets all that wait."""
        while True:
            datagram = self.take_first()
            if datagram is None:
                return
            self.free(datagram)

    def fail(self, error: i32) -> None:
        """Notes an error that ICMP has told: the next call gets it."""
        options = self.options
        waiters = self.waiters
        if options is not None and waiters is not None:
            options.error = error
            waiters.changed()

    def describe(self, info: SocketInfo) -> None:
        """Fills in what `sockstat` tells."""
        info.family = u16(AF_INET)
        info.protocol = self.protocol
        info.state = TCP_CLOSE if self.remote_address == ANY_ADDRESS else TCP_ESTABLISHED
        info.local_address = self.address
        info.local_port = self.port
        info.remote_address = self.remote_address
        info.remote_port = self.remote_port
        first = self.first
        info.receive_queue = 0 if first is None else first.length
        info.owner = self.owner
        info.principal = self.principal
        info.memory = self.memory


def measure(first: Packet) -> tuple[u32, u32]:
    """Returns the memory that a datagram holds, and its length."""
    memory: u32 = 0
    length: u32 = 0
    packet: Packet | None = first
    while packet is not None:
        memory += PACKET_BYTES
        length += packet.length()
        packet = packet.more
    return memory, length
