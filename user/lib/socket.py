"""Sockets as programs use them: endpoints, TCP and UDP, options, epoll.

An `Endpoint` is an IPv4 address and a port, both plain numbers. Descriptors are made with
SOCK_CLOEXEC. Everything raises the kernel's errors; what a call says of blocking is not true for a
descriptor in non-blocking mode (`SOCK_NONBLOCK`), which raises EAGAIN instead.

A server: `listen_tcp`, then `accept_connection` in turn, `receive` and `send_all`, `sys.close`.
Many at once: an `Epoll`: `add` every descriptor with a number of your own, `wait`, read `events`.
"""

from __future__ import annotations

from abi.epoll import EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EpollEvent
from abi.socket import (
    AF_INET,
    AF_UNSPEC,
    IPPROTO_ICMP,
    IPPROTO_TCP,
    SO_ERROR,
    SO_RCVTIMEO,
    SO_REUSEADDR,
    SO_SNDTIMEO,
    SOCK_CLOEXEC,
    SOCK_DGRAM,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_NODELAY,
)
from bare import (
    Array,
    Bytes,
    Span,
    array,
    i32,
    i64,
    load_i32,
    load_u16,
    load_u16_be,
    load_u32_be,
    raises,
    store_i32,
    store_i64,
    store_u16,
    store_u16_be,
    store_u32_be,
    struct,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from user.lib import sys

ADDRESS_SIZE = 16
EVENTS_AT_ONCE = 64
"""Events that one `Epoll.wait` returns at most."""
NO_TIMEOUT: i32 = -1


@struct
class Endpoint:
    """An IPv4 address and a port: `Endpoint(0x7F000001, 80)`."""

    address: u32 = 0
    port: u16 = 0

    def encode(self, into: Span[u8]) -> None:
        """Writes it as ADDRESS_SIZE bytes of `struct sockaddr_in`."""
        into[:ADDRESS_SIZE].fill(0)
        store_u16(into, 0, AF_INET)
        store_u16_be(into, 2, self.port)
        store_u32_be(into, 4, self.address)

    def decode(self, data: Bytes) -> None:
        """Reads what `encode` wrote; zero where it is no IPv4 address."""
        self.address = 0
        self.port = 0
        if len(data) >= 8 and load_u16(data, 0) == AF_INET:
            self.port = load_u16_be(data, 2)
            self.address = load_u32_be(data, 4)


@raises()
def open_tcp(flags: u32 = 0) -> i32:
    """Makes a TCP socket; `flags` may be SOCK_NONBLOCK."""
    return sys.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)


@raises()
def open_udp(flags: u32 = 0) -> i32:
    """Makes a UDP socket without an address of its own."""
    return sys.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | flags, 0)


@raises()
def open_ping(flags: u32 = 0) -> i32:
    """Makes a socket that sends ICMP echo requests (header and data) and receives the replies.

    The kernel chooses the identifier, which is the socket's local port, and the checksum.
    """
    return sys.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | flags, i32(IPPROTO_ICMP))


@raises()
def listen_tcp(local: Endpoint, backlog: i32, flags: u32 = 0) -> i32:
    """Makes a TCP socket that takes connections at `local`, with SO_REUSEADDR."""
    fd = open_tcp(flags)
    try:
        set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1)
        bind(fd, local)
        sys.listen(fd, backlog)
    except OSError:
        sys.close(fd)
        raise
    return fd


@raises()
def bind_udp(local: Endpoint, flags: u32 = 0) -> i32:
    """Makes a UDP socket that receives at `local`."""
    fd = open_udp(flags)
    try:
        bind(fd, local)
    except OSError:
        sys.close(fd)
        raise
    return fd


@raises()
def connect_tcp(remote: Endpoint) -> i32:
    """Opens a connection and waits until it stands: ECONNREFUSED, ETIMEDOUT, ENETUNREACH."""
    fd = open_tcp()
    try:
        connect(fd, remote)
    except OSError:
        sys.close(fd)
        raise
    return fd


@raises()
def bind(fd: i32, local: Endpoint) -> None:
    """Gives a socket its local address; port 0 chooses one."""
    address: Array[u8] = array(ADDRESS_SIZE)
    local.encode(address)
    sys.bind(fd, address)


@raises()
def connect(fd: i32, remote: Endpoint) -> None:
    """Connects a socket. In non-blocking mode TCP raises EINPROGRESS: wait for EPOLLOUT, then ask
    `pending_error`.
    """
    address: Array[u8] = array(ADDRESS_SIZE)
    remote.encode(address)
    sys.connect(fd, address)


@raises()
def disconnect(fd: i32) -> None:
    """Lets a datagram socket receive from everybody again."""
    address: Array[u8] = array(ADDRESS_SIZE)
    store_u16(address, 0, AF_UNSPEC)
    sys.connect(fd, address)


@raises()
def accept_connection(listener: i32, remote: Endpoint, flags: u32 = 0) -> i32:
    """Takes a connection, waiting for one; `remote` becomes the other end.

    `flags` may be SOCK_NONBLOCK.
    """
    address: Array[u8] = array(ADDRESS_SIZE)
    size: Array[u32] = array(1)
    size[0] = ADDRESS_SIZE
    fd = sys.accept4(listener, address, size, SOCK_CLOEXEC | flags)
    remote.decode(address)
    return fd


@raises()
def send(fd: i32, data: Bytes, flags: u32 = 0) -> usize:
    """Sends on a connected socket; returns how much was taken."""
    return sys.sendto(fd, data, flags, b"")


@raises()
def send_all(fd: i32, data: Bytes, flags: u32 = 0) -> None:
    """Sends all of `data` on a blocking stream."""
    rest = data
    while len(rest) > 0:
        rest = rest[sys.sendto(fd, rest, flags, b"") :]


@raises()
def receive(fd: i32, into: Span[u8], flags: u32 = 0) -> usize:
    """Receives from a connected socket, waiting for something; 0: a stream has ended."""
    address: Array[u8] = array(1)
    size: Array[u32] = array(1)
    return sys.recvfrom(fd, into, flags, address[:0], size[:0])


@raises()
def send_to(fd: i32, data: Bytes, remote: Endpoint, flags: u32 = 0) -> usize:
    """Sends a datagram to `remote`."""
    address: Array[u8] = array(ADDRESS_SIZE)
    remote.encode(address)
    return sys.sendto(fd, data, flags, address)


@raises()
def receive_from(fd: i32, into: Span[u8], remote: Endpoint, flags: u32 = 0) -> usize:
    """Receives a datagram, waiting for one; `remote` becomes its sender."""
    address: Array[u8] = array(ADDRESS_SIZE)
    size: Array[u32] = array(1)
    size[0] = ADDRESS_SIZE
    count = sys.recvfrom(fd, into, flags, address, size)
    remote.decode(address)
    return count


@raises()
def local_endpoint(fd: i32, endpoint: Endpoint) -> None:
    """Sets `endpoint` to the socket's own address and port."""
    address: Array[u8] = array(ADDRESS_SIZE)
    size: Array[u32] = array(1)
    size[0] = ADDRESS_SIZE
    sys.getsockname(fd, address, size)
    endpoint.decode(address)


@raises()
def remote_endpoint(fd: i32, endpoint: Endpoint) -> None:
    """Sets `endpoint` to the other end's; ENOTCONN."""
    address: Array[u8] = array(ADDRESS_SIZE)
    size: Array[u32] = array(1)
    size[0] = ADDRESS_SIZE
    sys.getpeername(fd, address, size)
    endpoint.decode(address)


@raises()
def set_option(fd: i32, level: u32, name: u32, value: i32) -> None:
    """Sets an option whose value is an integer."""
    data: Array[u8] = array(4)
    store_i32(data, 0, value)
    sys.setsockopt(fd, level, name, data)


@raises()
def option(fd: i32, level: u32, name: u32) -> i32:
    """Returns an option whose value is an integer."""
    data: Array[u8] = array(4)
    size: Array[u32] = array(1)
    size[0] = 4
    sys.getsockopt(fd, level, name, data, size)
    return load_i32(data, 0)


@raises()
def set_no_delay(fd: i32) -> None:
    """Has TCP send small writes at once."""
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1)


@raises()
def pending_error(fd: i32) -> i32:
    """Returns and clears what went wrong meanwhile; 0: nothing, a connection stands."""
    return option(fd, SOL_SOCKET, SO_ERROR)


@raises()
def set_receive_timeout(fd: i32, milliseconds: u64) -> None:
    """Has receiving and accepting end with EAGAIN after a time; 0: never."""
    set_time(fd, SO_RCVTIMEO, milliseconds)


@raises()
def set_send_timeout(fd: i32, milliseconds: u64) -> None:
    """Has sending and connecting end with EAGAIN after a time; 0: never."""
    set_time(fd, SO_SNDTIMEO, milliseconds)


@raises()
def set_time(fd: i32, name: u32, milliseconds: u64) -> None:
    """Sets an option whose value is a `struct timeval`."""
    data: Array[u8] = array(16)
    store_i64(data, 0, i64(milliseconds // 1000))
    store_i64(data, 8, i64(milliseconds % 1000 * 1000))
    sys.setsockopt(fd, SOL_SOCKET, name, data)


@raises()
def send_file(fd: i32, file: i32, offset: u64, count: usize) -> usize:
    """Sends from `offset` of a regular file, whose own position stays; returns how much.

    Less than `count` at the file's end, and in non-blocking mode.
    """
    position: Array[i64] = array(1)
    position[0] = i64(offset)
    return sys.sendfile(fd, file, position, count)


@struct
class Epoll:
    """Waits for many descriptors. Make it with `open`; end with `close`."""

    descriptor: i32 = -1
    events: Array[EpollEvent] = array(EVENTS_AT_ONCE)
    """What the last `wait` found."""

    @raises()
    def open(self) -> None:
        """Asks the kernel for an epoll descriptor."""
        self.descriptor = sys.epoll_create1(EPOLL_CLOEXEC)

    @raises()
    def close(self) -> None:
        """Gives it back."""
        sys.close(self.descriptor)
        self.descriptor = -1

    @raises()
    def add(self, fd: i32, events: u32, data: u64) -> None:
        """Watches `fd`; its events will carry `data`. A closed descriptor leaves by itself."""
        sys.epoll_ctl(self.descriptor, EPOLL_CTL_ADD, fd, EpollEvent(events, data))

    @raises()
    def change(self, fd: i32, events: u32, data: u64) -> None:
        """Watches `fd` for other events."""
        sys.epoll_ctl(self.descriptor, EPOLL_CTL_MOD, fd, EpollEvent(events, data))

    @raises()
    def remove(self, fd: i32) -> None:
        """Does not watch `fd` any more."""
        sys.epoll_ctl(self.descriptor, EPOLL_CTL_DEL, fd, None)

    @raises()
    def wait(self, timeout_ms: i32) -> usize:
        """Waits for events; returns how many of `events` are filled, 0 when the time is over."""
        return sys.epoll_pwait(self.descriptor, self.events, timeout_ms, None)
