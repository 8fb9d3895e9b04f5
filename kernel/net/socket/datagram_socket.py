"""`DatagramSocket`: what UDP and ping sockets share: ports, connecting, sending, receiving."""

from __future__ import annotations

from abc import abstractmethod

from abi.errno import (
    EACCES,
    EADDRNOTAVAIL,
    EDESTADDRREQ,
    EINVAL,
    EMSGSIZE,
    ENOBUFS,
    ENOTCONN,
    EOPNOTSUPP,
    EPIPE,
)
from abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from abi.socket import MSG_OOB, MSG_PEEK, MSG_TRUNC, SHUT_RD, SHUT_RDWR, SHUT_WR, SOCK_DGRAM
from bare import i16, i32, inline, never_inline, raises, release, struct, u8, u16, u32, u64, usize
from kernel.device.packet import PACKET_BYTES, Packet, PacketQueue
from kernel.net.iface.interface import Path
from kernel.net.socket.datagram_port import Datagram, DatagramPort
from kernel.net.socket.datagram_tables import DatagramTables
from kernel.net.socket.ip_options import mark_path
from kernel.net.socket.message import Message
from kernel.net.socket.socket import Socket, SocketName, find_interface
from kernel.net.wire.address import ANY_ADDRESS, Ipv4Address
from kernel.sched.mutex import Mutex
from kernel.sched.poll_queue import Poller

LARGEST_DATAGRAM: usize = 65507
"""Bytes of payload that fit IPv4 and a header of eight bytes."""
POLLRDHUP: i16 = 0x2000


@struct
class DatagramSocket(Socket):
    """Made with its `port`; derived classes say what stands before a program's data."""

    tables: DatagramTables
    port: DatagramPort
    path: Path = inline()
    """To the other end of a connected socket."""
    is_address_chosen: bool = False
    """`connect` has chosen the local address; `disconnect` takes it back."""
    is_send_shut: bool = False
    receive_mutex: Mutex = inline()

    def open_port(self, tables: DatagramTables) -> None:
        """Connects the socket with its `port`, which was allocated before."""
        self.tables = tables
        self.port.allocator = self.allocator
        self.port.waiters = self.waiters
        self.port.options = self.options
        self.port.protocol = u8(self.protocol())

    def kind(self) -> u32:
        return SOCK_DGRAM

    def close(self) -> None:
        with self.stack.lock:
            self.tables.table(self.protocol()).remove(self.port)
            self.port.waiters = None
            self.port.clear()
        release(self.allocator, self.port)
        release(self.allocator, self)

    @raises()
    def bind(self, address: Ipv4Address, port: u32) -> None:
        with self.stack.lock:
            if self.port.port != 0:
                raise OSError(EINVAL)
            if not self.may_bind(address):
                raise OSError(EADDRNOTAVAIL)
            self.port.address = address
            self.claim(u16(port))

    def may_bind(self, address: Ipv4Address) -> bool:
        """Whether an address is one of this machine, or one that broadcasts come to."""
        if address in (ANY_ADDRESS, 0xFFFF_FFFF) or address >> 24 == 127:
            return True
        return self.stack.interface_of(address) is not None

    @raises()
    def claim(self, port: u16) -> None:
        """Enters the claim to a port, 0 for any. Lock held."""
        claim = self.port
        claim.can_reuse_address = self.options.can_reuse_address
        claim.can_reuse_port = self.options.can_reuse_port
        claim.interface = self.options.interface
        claim.principal = self.principal
        claim.owner = self.owner
        self.tables.claim(claim, port)

    @raises()
    def connect(self, address: Ipv4Address, port: u32) -> None:
        with self.stack.lock:
            path = self.path
            path.destination = self.port.address if address == ANY_ADDRESS else address
            path.source = self.port.address
            if path.destination == ANY_ADDRESS:
                path.destination = 0x7F00_0001
            self.find_path(path)
            if path.is_broadcast and not self.options.may_broadcast:
                raise OSError(EACCES)
            if self.port.port == 0:
                self.claim(0)
            if self.port.address == ANY_ADDRESS:
                self.port.address = path.source
                self.is_address_chosen = True
            self.port.remote_address = path.destination
            self.port.remote_port = u16(port)
            self.options.error = 0
            self.waiters.changed()

    @raises()
    def disconnect(self) -> None:
        with self.stack.lock:
            self.port.remote_address = ANY_ADDRESS
            self.port.remote_port = 0
            if self.is_address_chosen:
                self.port.address = ANY_ADDRESS
                self.is_address_chosen = False

    def local_name(self, name: SocketName) -> None:
        with self.stack.lock:
            name.address = self.port.address
            name.port = self.port.port

    @raises()
    def remote_name(self, name: SocketName) -> None:
        with self.stack.lock:
            if self.port.remote_address == ANY_ADDRESS:
                raise OSError(ENOTCONN)
            name.address = self.port.remote_address
            name.port = self.port.remote_port

    @raises()
    def receive(self, message: Message) -> usize:
        if message.flags & MSG_OOB != 0:
            raise OSError(EOPNOTSUPP)
        may_wait = self.may_wait(message)
        deadline = self.receive_deadline()
        while True:
            if not self.wait_for_datagram(may_wait, deadline):
                message.flags = 0
                return 0
            with self.receive_mutex:
                datagram = self.take()
                if datagram is not None:
                    return self.deliver(datagram, message)

    @raises()
    def wait_for_datagram(self, may_wait: bool, deadline_ns: u64) -> bool:
        """Waits until a datagram is there; False: the program has shut receiving. Errors come
        first.
        """
        with self.stack.lock:
            while True:
                self.raise_error()
                if self.port.count > 0:
                    return True
                if self.port.is_shut:
                    return False
                self.wait(self.waiters.readers, may_wait, deadline_ns)

    @never_inline
    @raises()
    def raise_error(self) -> None:
        """Raises what an earlier datagram has met, once. Lock held."""
        error = self.options.error
        if error != 0:
            self.options.error = 0
            raise OSError(error)

    def take(self) -> Datagram | None:
        """Takes a datagram out; None: another reader was faster. The mutex is held."""
        with self.stack.lock:
            return self.port.take_first()

    @raises()
    def deliver(self, datagram: Datagram, message: Message) -> usize:
        """Copies a datagram to the program and frees it, or with MSG_PEEK puts it back."""
        flags = message.flags
        is_taken = flags & MSG_PEEK == 0
        try:
            copied = copy_datagram(datagram, message)
        except OSError:
            self.finish(datagram, is_taken)
            raise
        message.flags = MSG_TRUNC if copied < datagram.length else 0
        message.length = datagram.length
        message.has_remote = True
        message.remote = datagram.source
        message.remote_port = datagram.source_port
        message.destination = datagram.destination
        message.interface = datagram.interface
        self.finish(datagram, is_taken)
        return message.length if flags & MSG_TRUNC != 0 else copied

    @never_inline
    def finish(self, datagram: Datagram, is_taken: bool) -> None:
        """Frees a datagram, or puts it back."""
        with self.stack.lock:
            if is_taken:
                self.port.free(datagram)
            else:
                self.port.put_back(datagram)

    @raises()
    def send(self, message: Message) -> usize:
        if message.flags & MSG_OOB != 0:
            raise OSError(EOPNOTSUPP)
        length = message.buffer.remaining
        path = Path()
        packets = PacketQueue()
        with self.stack.lock:
            self.raise_error()
            if self.is_send_shut:
                raise OSError(EPIPE)
            remote_port = self.aim(message, path)
            if length > LARGEST_DATAGRAM:
                raise OSError(EMSGSIZE)
            self.take_packets(length + self.header_size(), path, packets)
        try:
            self.fill(message, path, packets, remote_port)
        except OSError:
            with self.stack.lock:
                packets.release_all()
            raise
        with self.stack.lock:
            self.stack.send_packets(packets, path, u8(self.protocol()))
            self.stack.flush()
        return length

    @raises()
    def aim(self, message: Message, path: Path) -> u16:
        """Finds the way to where a datagram goes; returns the port there. Lock held."""
        address = self.port.remote_address
        port = self.port.remote_port
        if message.has_remote:
            address = message.remote
            port = message.remote_port
            if address == ANY_ADDRESS:
                address = 0x7F00_0001
        elif address == ANY_ADDRESS:
            raise OSError(EDESTADDRREQ)
        self.check_port(port)
        if self.port.port == 0:
            self.claim(0)
        path.destination = address
        path.source = self.port.address
        if self.port.address == 0xFFFF_FFFF:
            path.source = ANY_ADDRESS
        mark_path(self.options, path)
        self.find_path(path)
        if path.is_broadcast and not self.options.may_broadcast:
            raise OSError(EACCES)
        return port

    @raises()
    def find_path(self, path: Path) -> None:
        """Finds a way, through the interface that the socket is bound to. ENETUNREACH."""
        path.bound = find_interface(self.stack, self.options.interface)
        self.stack.find_path(path)

    @raises()
    def take_packets(self, size: usize, path: Path, packets: PacketQueue) -> None:
        """Takes the packets of a datagram, header included, each one fragment. Lock held."""
        room = min(self.stack.fragment_room(path), PACKET_BYTES)
        left = size
        while True:
            try:
                packet = self.stack.packets.take()
            except OSError:
                packets.release_all()
                raise OSError(ENOBUFS) from None
            packets.append(packet)
            packet.end = u32(min(left, room))
            left -= packet.end
            if left == 0:
                return

    @raises()
    def shutdown(self, how: i32) -> None:
        with self.stack.lock:
            if self.port.remote_address == ANY_ADDRESS:
                raise OSError(ENOTCONN)
            if how in (SHUT_RD, SHUT_RDWR):
                self.port.is_shut = True
                self.port.clear()
            if how in (SHUT_WR, SHUT_RDWR):
                self.is_send_shut = True
            self.waiters.changed()

    def waiting_bytes(self) -> u32:
        with self.stack.lock:
            first = self.port.first
            return 0 if first is None else first.length

    def receive_limit(self) -> u32:
        return self.port.limit()

    def send_limit(self) -> u32:
        limit = self.options.send_limit
        return self.port.limit() if limit == 0 else limit

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        if poller is not None:
            poller.watch(self.waiters.polls)
        with self.stack.lock:
            events: i16 = POLLOUT | POLLWRNORM
            if self.port.count > 0:
                events |= POLLIN | POLLRDNORM
            if self.options.error != 0:
                events |= POLLERR
            if self.port.is_shut:
                events |= POLLIN | POLLRDNORM | POLLRDHUP
                if self.is_send_shut:
                    events |= POLLHUP
            return events

    @abstractmethod
    def header_size(self) -> u32:
        """Returns the bytes that stand before a program's data."""

    @abstractmethod
    @raises()
    def check_port(self, port: u16) -> None:
        """Refuses a port that nothing can be sent to. EINVAL."""

    @abstractmethod
    @raises()
    def fill(self, message: Message, path: Path, packets: PacketQueue, remote_port: u16) -> None:
        """Copies the program's data into packets, and puts header and checksum before it."""


@raises()
def copy_datagram(datagram: Datagram, message: Message) -> usize:
    """Copies as much of a datagram as the program has room for; returns how much."""
    copied: usize = 0
    packet: Packet | None = datagram.packet
    while packet is not None and message.buffer.remaining > 0:
        step = min(packet.length(), message.buffer.remaining)
        message.buffer.push(packet.bytes()[:step])
        copied += step
        packet = packet.more
    return copied


@raises()
def copy_payload(message: Message, packets: PacketQueue, header_size: u32) -> None:
    """Copies a program's data into packets behind the room for a header. EFAULT."""
    skip = header_size
    packet = packets.first
    while packet is not None:
        room = packet.bytes()[skip:]
        if len(room) > 0 and message.buffer.pull(room) < len(room):
            raise OSError(EINVAL)
        skip = 0
        packet = packet.next
