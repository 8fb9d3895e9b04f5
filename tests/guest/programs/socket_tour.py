"""socket_tour - use one socket of each kind once: for runs in which an allocation fails.

Nothing waits longer than two seconds: a packet for which there is no memory is lost, and TCP sends
it again. Exits with 1 where a call fails.
"""

from __future__ import annotations

from abi.epoll import EPOLLIN
from abi.file import AT_FDCWD, O_RDONLY
from abi.socket import INADDR_LOOPBACK, SO_LINGER, SOCK_NONBLOCK, SOL_SOCKET, SocketInfo
from bare import Array, array, i32, raises, store_i32, u8, u16
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.socket import Endpoint, Epoll

PORT: u16 = 5590
PATIENCE_MS = 2000


@raises()
def use_datagrams() -> None:
    """Sends a datagram to ourselves."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    fd = socket.bind_udp(local)
    socket.set_receive_timeout(fd, 50)
    data: Array[u8] = array(1000)
    socket.send_to(fd, data, local)
    socket.receive(fd, data)
    records: Array[SocketInfo] = array(4)
    sys.sockstat(records)


@raises()
def use_streams() -> None:
    """Connects to ourselves, sends a file and bytes both ways, and waits by epoll."""
    local = Endpoint(INADDR_LOOPBACK, PORT)
    listener = socket.listen_tcp(local, 4, SOCK_NONBLOCK)
    epoll = Epoll()
    epoll.open()
    epoll.add(listener, EPOLLIN, 1)
    client = socket.open_tcp()
    socket.set_send_timeout(client, PATIENCE_MS)
    socket.set_receive_timeout(client, PATIENCE_MS)
    socket.connect(client, local)
    epoll.wait(PATIENCE_MS)
    remote = Endpoint()
    served = socket.accept_connection(listener, remote)
    socket.set_receive_timeout(served, PATIENCE_MS)
    reset_on_close(client)
    reset_on_close(served)
    socket.send_all(client, b"request")
    buffer: Array[u8] = array(8192)
    socket.receive(served, buffer)
    file = sys.openat(AT_FDCWD, b"/bin/cat", O_RDONLY, 0)
    socket.send_file(served, file, 100, 8000)
    socket.send_all(served, buffer[:5000])
    left: i32 = 13_000
    while left > 0:
        left -= i32(socket.receive(client, buffer))
    sys.close(client)
    sys.close(served)


@raises()
def reset_on_close(fd: i32) -> None:
    """Has nothing of a connection stay in TIME-WAIT."""
    value: Array[u8] = array(8)
    store_i32(value, 0, 1)
    sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, value)


def main(arguments: Arguments) -> i32:
    """Takes the tour."""
    try:
        use_datagrams()
        use_streams()
    except OSError:
        return 1
    return 0
