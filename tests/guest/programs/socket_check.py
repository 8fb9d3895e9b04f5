"""socket_check - open, connect, use and close sockets over loopback in every way.

Prints `ok NAME` or `FAILED NAME` for each check, and at the end how many failed.
"""

from __future__ import annotations

from abi.capability import CAP_ALL, CAP_NET
from abi.errno import (
    EACCES,
    EADDRINUSE,
    EADDRNOTAVAIL,
    EAFNOSUPPORT,
    EAGAIN,
    EBADF,
    ECONNREFUSED,
    ECONNRESET,
    EINPROGRESS,
    EINVAL,
    EISCONN,
    ENOPROTOOPT,
    ENOTCONN,
    ENOTSOCK,
    EOPNOTSUPP,
    EPIPE,
    EPROTONOSUPPORT,
    ESOCKTNOSUPPORT,
)
from abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT
from abi.socket import (
    AF_INET,
    AF_INET6,
    INADDR_ANY,
    INADDR_LOOPBACK,
    IP_TTL,
    IPPROTO_IP,
    IPPROTO_TCP,
    MSG_DONTWAIT,
    MSG_NOSIGNAL,
    MSG_PEEK,
    MSG_WAITALL,
    SHUT_WR,
    SO_ACCEPTCONN,
    SO_DOMAIN,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_PROTOCOL,
    SO_RCVBUF,
    SO_REUSEADDR,
    SO_REUSEPORT,
    SO_SNDBUF,
    SO_TYPE,
    SOCK_DGRAM,
    SOCK_NONBLOCK,
    SOCK_RAW,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_ESTABLISHED,
    TCP_INFO,
    TCP_KEEPIDLE,
    TCP_LISTEN,
    TCP_MAXSEG,
    TCP_NODELAY,
    SocketInfo,
)
from bare import Array, array, errno_of, i32, raises, struct, u8, u16, u32, usize
from bare.unsafe import static_object
from tests.guest.checks import (
    check,
    error_of_bind,
    error_of_connect,
    error_of_option,
    error_of_receive,
    error_of_send,
    error_of_socket,
    events_of,
    expect,
    finish,
)
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.socket import Endpoint

PORT: u16 = 5550
LARGE = 200_000
RECORDS = 2048


@struct
class Room:
    """Room for data."""

    sent: Array[u8] = array(LARGE)
    received: Array[u8] = array(LARGE)
    records: Array[SocketInfo] = array(RECORDS)


def room() -> Room:
    """Returns the room."""
    # SAFETY: zeroed data of its own.
    return static_object(Room)


@struct
class Pair:
    """Two ends of a connection."""

    client: i32 = -1
    server: i32 = -1

    @raises()
    def close(self) -> None:
        """Closes both."""
        sys.close(self.client)
        sys.close(self.server)


@raises()
def connect_pair(pair: Pair) -> None:
    """Makes a connection to ourselves."""
    listener = socket.listen_tcp(Endpoint(INADDR_LOOPBACK, 0), 4)
    local = Endpoint()
    socket.local_endpoint(listener, local)
    pair.client = socket.connect_tcp(local)
    remote = Endpoint()
    pair.server = socket.accept_connection(listener, remote)
    sys.close(listener)


@raises()
def check_making() -> None:
    """What sockets there are."""
    inet = i32(AF_INET)
    expect("no IPv6", EAFNOSUPPORT, error_of_socket(i32(AF_INET6), SOCK_STREAM, 0))
    expect("no raw sockets", ESOCKTNOSUPPORT, error_of_socket(inet, SOCK_RAW, 1))
    expect("no UDP streams", EPROTONOSUPPORT, error_of_socket(inet, SOCK_STREAM, 17))
    expect("unknown type flag", EINVAL, error_of_socket(inet, SOCK_STREAM | 0x100, 0))
    expect("TCP", 0, error_of_socket(inet, SOCK_STREAM, 6))
    expect("UDP", 0, error_of_socket(inet, SOCK_DGRAM, 17))
    expect("ping", 0, error_of_socket(inet, SOCK_DGRAM, 1))
    expect("not a socket", ENOTSOCK, error_of_send(1, b"x", 0))
    expect("not open", EBADF, error_of_send(99, b"x", 0))


@raises()
def check_stream() -> None:
    """Bytes both ways, peeking, waiting for all, the end."""
    pair = Pair()
    connect_pair(pair)
    buffer: Array[u8] = array(64)
    socket.set_no_delay(pair.client)
    socket.send_all(pair.client, b"hello, ")
    socket.send_all(pair.client, b"world")
    peeked = socket.receive(pair.server, buffer, MSG_PEEK)
    check("peek", peeked == 12 and buffer[:12] == b"hello, world")
    count = socket.receive(pair.server, buffer[:5])
    check("part of what waits", count == 5 and buffer[:5] == b"hello")
    count = socket.receive(pair.server, buffer[:7], MSG_WAITALL)
    check("the rest", count == 7 and buffer[:7] == b", world")
    expect("nothing waits", EAGAIN, error_of_receive(pair.server, MSG_DONTWAIT))
    sys.shutdown(pair.client, SHUT_WR)
    check("end of the stream", socket.receive(pair.server, buffer) == 0)
    expect("sending after shutdown", EPIPE, error_of_send(pair.client, b"x", MSG_NOSIGNAL))
    socket.send_all(pair.server, b"still")
    check("the other way goes on", socket.receive(pair.client, buffer) == 5)
    pair.close()


@raises()
def check_names() -> None:
    """Both ends know each other's names."""
    pair = Pair()
    connect_pair(pair)
    left = Endpoint()
    right = Endpoint()
    socket.local_endpoint(pair.client, left)
    socket.remote_endpoint(pair.server, right)
    check("names", left.port == right.port and left.address == INADDR_LOOPBACK)
    check("ephemeral port", 32768 <= left.port < 61000)
    fd = socket.open_tcp()
    try:
        socket.remote_endpoint(fd, right)
        check("no peer", False)
    except OSError as error:
        expect("no peer", ENOTCONN, errno_of(error))
    sys.close(fd)
    pair.close()


@raises()
def check_refusal() -> None:
    """Connections that are refused or reset, and signals for writers."""
    fd = socket.open_tcp()
    expect("refused", ECONNREFUSED, error_of_connect(fd, Endpoint(INADDR_LOOPBACK, 9)))
    sys.close(fd)
    pair = Pair()
    connect_pair(pair)
    socket.send_all(pair.client, b"unread")
    sys.close(pair.server)
    expect("reset when data was not read", ECONNRESET, error_of_receive(pair.client, 0))
    expect("an error is told once", -1, error_of_receive(pair.client, 0))
    expect("then the pipe is broken", EPIPE, error_of_send(pair.client, b"x", MSG_NOSIGNAL))
    sys.close(pair.client)
    fd = socket.open_tcp()
    expect("receive unconnected", ENOTCONN, error_of_receive(fd, 0))
    sys.close(fd)


@raises()
def check_binding() -> None:
    """Who may have which port."""
    first = socket.open_tcp()
    second = socket.open_tcp()
    local = Endpoint(INADDR_LOOPBACK, PORT)
    expect("bind", 0, error_of_bind(first, local))
    expect("bind twice", EINVAL, error_of_bind(first, local))
    expect("port is taken", EADDRINUSE, error_of_bind(second, local))
    expect("also for all addresses", EADDRINUSE, error_of_bind(second, Endpoint(INADDR_ANY, PORT)))
    expect("foreign address", EADDRNOTAVAIL, error_of_bind(second, Endpoint(0x08080808, PORT)))
    sys.close(first)
    expect("free again", 0, error_of_bind(second, local))
    sys.close(second)
    first = socket.open_tcp()
    second = socket.open_tcp()
    socket.set_option(first, SOL_SOCKET, SO_REUSEPORT, 1)
    socket.set_option(second, SOL_SOCKET, SO_REUSEPORT, 1)
    socket.bind(first, local)
    expect("SO_REUSEPORT", 0, error_of_bind(second, local))
    sys.listen(first, 1)
    sys.listen(second, 1)
    sys.close(first)
    sys.close(second)
    first = socket.open_tcp()
    second = socket.open_tcp()
    socket.set_option(first, SOL_SOCKET, SO_REUSEADDR, 1)
    socket.set_option(second, SOL_SOCKET, SO_REUSEADDR, 1)
    socket.bind(first, local)
    sys.listen(first, 1)
    expect("SO_REUSEADDR not for two listeners", EADDRINUSE, error_of_bind(second, local))
    sys.close(first)
    sys.close(second)


@raises()
def check_accepting() -> None:
    """Backlog, non-blocking accept, listening sockets that do not receive."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    listener = socket.listen_tcp(local, 2, SOCK_NONBLOCK)
    remote = Endpoint()
    try:
        socket.accept_connection(listener, remote)
        check("nobody to accept", False)
    except OSError as error:
        expect("nobody to accept", EAGAIN, errno_of(error))
    check("not readable", events_of(listener, POLLIN) == 0)
    client = socket.connect_tcp(local)
    check("readable", events_of(listener, POLLIN) == POLLIN)
    check("accepting", socket.option(listener, SOL_SOCKET, SO_ACCEPTCONN) == 1)
    expect("receive on a listener", ENOTCONN, error_of_receive(listener, 0))
    served = socket.accept_connection(listener, remote, SOCK_NONBLOCK)
    expect("accepted non-blocking", EAGAIN, error_of_receive(served, 0))
    expect("connect twice", EISCONN, error_of_connect(client, local))
    second = socket.connect_tcp(local)
    reset(second)
    gone = socket.accept_connection(listener, remote)
    expect("accepted although it is gone", ECONNRESET, error_of_receive(gone, 0))
    sys.close(gone)
    second = socket.connect_tcp(local)
    sys.close(listener)
    expect("listener's end resets who waits", ECONNRESET, error_of_receive(second, 0))
    sys.close(second)
    sys.close(served)
    sys.close(client)
    fd = socket.open_udp()
    try:
        sys.listen(fd, 1)
        check("UDP does not listen", False)
    except OSError as error:
        expect("UDP does not listen", EOPNOTSUPP, errno_of(error))
    sys.close(fd)


@raises()
def reset(fd: i32) -> None:
    """Closes a connection with a RST."""
    value: Array[u8] = array(8)
    value[0] = 1
    sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, value)
    sys.close(fd)


@raises()
def check_non_blocking() -> None:
    """Connecting without waiting, and a full send queue."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    listener = socket.listen_tcp(local, 2)
    fd = socket.open_tcp(SOCK_NONBLOCK)
    code = error_of_connect(fd, local)
    check("connect goes on", code in (0, EINPROGRESS))
    check("writable once it stands", events_of(fd, POLLOUT) & POLLOUT != 0)
    check("without error", socket.pending_error(fd) == 0)
    remote = Endpoint()
    served = socket.accept_connection(listener, remote)
    total: usize = 0
    data = room().sent
    while total < 64_000_000:
        try:
            total += socket.send(fd, data)
        except OSError as error:
            expect("full", EAGAIN, errno_of(error))
            break
    check("takes much, but not all", 65536 <= total < 64_000_000)
    check("not writable when full", events_of(fd, POLLOUT) == 0)
    left = total
    while left > 0:
        left -= socket.receive(served, room().received)
    check("writable again", events_of(fd, POLLOUT) & POLLOUT != 0)
    sys.close(served)
    check("hung up", events_of(fd, POLLIN) & POLLIN != 0)
    sys.close(fd)
    sys.close(listener)
    fd = socket.open_tcp(SOCK_NONBLOCK)
    code = error_of_connect(fd, Endpoint(INADDR_LOOPBACK, 9))
    check("refused later", code in (EINPROGRESS, ECONNREFUSED))
    if code == EINPROGRESS:
        events = events_of(fd, POLLOUT)
        check("refusal is an event", events & (POLLERR | POLLHUP) == POLLERR | POLLHUP)
        expect("refusal is the error", ECONNREFUSED, socket.pending_error(fd))
    sys.close(fd)


@raises()
def check_options() -> None:
    """Options that servers set."""
    fd = socket.open_tcp()
    check("type", socket.option(fd, SOL_SOCKET, SO_TYPE) == i32(SOCK_STREAM))
    check("domain", socket.option(fd, SOL_SOCKET, SO_DOMAIN) == i32(AF_INET))
    check("protocol", socket.option(fd, SOL_SOCKET, SO_PROTOCOL) == i32(IPPROTO_TCP))
    socket.set_no_delay(fd)
    check("TCP_NODELAY", socket.option(fd, IPPROTO_TCP, TCP_NODELAY) == 1)
    socket.set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1)
    check("SO_KEEPALIVE", socket.option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1)
    socket.set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30)
    check("TCP_KEEPIDLE", socket.option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 30)
    expect("TCP_KEEPIDLE 0", EINVAL, error_of_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 0))
    socket.set_option(fd, SOL_SOCKET, SO_RCVBUF, 10000)
    check("SO_RCVBUF is doubled", socket.option(fd, SOL_SOCKET, SO_RCVBUF) == 20000)
    socket.set_option(fd, SOL_SOCKET, SO_SNDBUF, 1)
    check("SO_SNDBUF has a least", socket.option(fd, SOL_SOCKET, SO_SNDBUF) >= 2048)
    socket.set_option(fd, IPPROTO_IP, IP_TTL, 9)
    check("IP_TTL", socket.option(fd, IPPROTO_IP, IP_TTL) == 9)
    socket.set_option(fd, IPPROTO_TCP, TCP_MAXSEG, 1000)
    check("TCP_MAXSEG", socket.option(fd, IPPROTO_TCP, TCP_MAXSEG) == 1000)
    expect("unknown option", ENOPROTOOPT, error_of_option(fd, SOL_SOCKET, 77, 1))
    expect("unknown level", ENOPROTOOPT, error_of_option(fd, 77, 1, 1))
    sys.close(fd)
    pair = Pair()
    connect_pair(pair)
    info: Array[u8] = array(104)
    size: Array[u32] = array(1)
    size[0] = 104
    sys.getsockopt(pair.client, IPPROTO_TCP, TCP_INFO, info, size)
    check("TCP_INFO", size[0] == 104 and info[0] == TCP_ESTABLISHED)
    socket.set_receive_timeout(pair.client, 20)
    expect("SO_RCVTIMEO", EAGAIN, error_of_receive(pair.client, 0))
    pair.close()


@raises()
def check_transfer() -> None:
    """Much data between two processes has all its bytes."""
    pair = Pair()
    connect_pair(pair)
    sent = room().sent
    for index in range(len(sent)):
        sent[index] = u8((index * 7 + index // 256) % 256)
    child = sys.clone(17, 0, 0, 0, 0)
    if child == 0:
        sys.close(pair.client)
        for _ in range(10):
            socket.send_all(pair.server, sent)
        sys.exit_group(0)
    sys.close(pair.server)
    is_same = True
    for _ in range(10):
        count = socket.receive(pair.client, room().received, MSG_WAITALL)
        is_same = is_same and count == LARGE and room().received[:] == sent[:]
    check("two megabytes arrive", is_same)
    expect("and then the end", -1, error_of_receive(pair.client, 0))
    status: Array[i32] = array(1)
    sys.wait4(child, status, 0, None)
    sys.close(pair.client)


@raises()
def check_list() -> None:
    """The list of sockets shows what is open."""
    listener = socket.listen_tcp(Endpoint(INADDR_LOOPBACK, PORT), 7)
    client = socket.connect_tcp(Endpoint(INADDR_LOOPBACK, PORT))
    socket.send_all(client, b"12345")
    count = sys.sockstat(room().records)
    is_listed = False
    waiting: u32 = 0
    for info in room().records[: min(count, RECORDS)]:
        if info.local_port == PORT and info.state == TCP_LISTEN:
            is_listed = info.send_queue == 7 and info.receive_queue == 1
        if info.local_port == PORT and info.state == TCP_ESTABLISHED:
            waiting = info.receive_queue
    check("listener is listed", is_listed)
    check("what waits is listed", waiting == 5)
    sys.close(client)
    sys.close(listener)


@raises()
def check_capability() -> None:
    """Without the network capability there are no sockets."""
    child = sys.clone(17, 0, 0, 0, 0)
    if child == 0:
        sys.security_restrict(CAP_ALL ^ CAP_NET)
        code = error_of_socket(i32(AF_INET), SOCK_STREAM, 0)
        sys.exit_group(0 if code == EACCES else 1)
    status: Array[i32] = array(1)
    sys.wait4(child, status, 0, None)
    check("no capability, no socket", status[0] == 0)


def main(arguments: Arguments) -> i32:
    """Runs all checks; 0 if all are right."""
    try:
        check_making()
        check_stream()
        check_names()
        check_refusal()
        check_binding()
        check_accepting()
        check_non_blocking()
        check_options()
        check_transfer()
        check_list()
        check_capability()
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    return finish("socket_check")
