"""How a TCP socket connects: the program's side of an active open.

Errors are told once; behind a connection that has failed another may be tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abi.errno import (
    EADDRNOTAVAIL,
    EAGAIN,
    EALREADY,
    ECONNABORTED,
    EINPROGRESS,
    EINTR,
    EINVAL,
    EISCONN,
)
from abi.file import O_NONBLOCK
from bare import copy_struct, errno_of, i32, raises, u16, u32, u64
from kernel.net.iface.interface import Path
from kernel.net.socket.connection import Connection
from kernel.net.socket.ip_options import mark_path
from kernel.net.socket.socket import find_interface
from kernel.net.socket.tcp_ending import free_unused
from kernel.net.socket.tcp_opening import (
    choose_port,
    make_connection,
    set_opening,
    start_connection,
)
from kernel.net.tcp.segment import Endpoints
from kernel.net.tcp.state import TcpState
from kernel.net.wire.address import ANY_ADDRESS, LOOPBACK_ADDRESS, Ipv4Address

if TYPE_CHECKING:
    from kernel.net.socket.tcp_socket import TcpSocket


@raises()
def connect(socket: TcpSocket, address: Ipv4Address, port: u32) -> None:
    """Opens a connection; waits until it stands unless the socket is in non-blocking mode."""
    may_wait = socket.flags & O_NONBLOCK == 0
    deadline = socket.send_deadline()
    forget_failed(socket)
    with socket.stack.lock:
        if socket.connection is None:
            open_connection(socket, address, port)
            if not may_wait:
                check_connected(socket, EINPROGRESS)
                return
        elif not may_wait:
            check_connected(socket, EALREADY)
            raise OSError(EISCONN)
        elif is_connected(socket):
            raise OSError(EISCONN)
    wait_connected(socket, deadline)


def is_connected(socket: TcpSocket) -> bool:
    """Whether a connection stands. Lock held."""
    connection = socket.connection
    return connection is not None and connection.tcp.is_synchronized()


@raises()
def check_connected(socket: TcpSocket, otherwise: i32) -> None:
    """Returns if the connection stands; raises why it does not, or `otherwise`. Lock held."""
    socket.raise_error()
    if not is_connected(socket):
        raise OSError(otherwise)


def forget_failed(socket: TcpSocket) -> None:
    """Lets go of a connection that has failed, so that another can be tried."""
    if socket.connection is None:
        return
    with socket.receive_mutex, socket.send_mutex, socket.stack.lock:
        connection = socket.connection
        if connection is not None and connection.is_ended() and socket.is_error_told:
            let_go(socket, connection)


def let_go(socket: TcpSocket, connection: Connection) -> None:
    """Drops the reference to a connection that has ended. Mutexes and lock held."""
    socket.connection = None
    socket.is_error_told = False
    connection.waiters = None
    free_unused(socket.tables, connection)


@raises()
def open_connection(socket: TcpSocket, address: Ipv4Address, port: u32) -> None:
    """Sends the SYN. Lock held. EADDRNOTAVAIL, EINVAL, EISCONN, ENETUNREACH, ENOMEM."""
    listener = socket.listener
    if listener is not None and listener.is_listening:
        raise OSError(EISCONN)
    tables = socket.tables
    ends = Endpoints()
    path = Path()
    path.bound = find_interface(socket.stack, socket.options.interface)
    path.destination = LOOPBACK_ADDRESS if address == ANY_ADDRESS else address
    if listener is not None:
        path.source = listener.address
        ends.local_port = listener.port
    socket.stack.find_path(path)
    if path.is_broadcast:
        raise OSError(EINVAL)
    ends.local_low = path.source
    ends.remote_low = path.destination
    ends.remote_port = u16(port)
    if listener is None:
        choose_port(tables, ends)
    elif tables.connections.find(ends) is not None:
        raise OSError(EADDRNOTAVAIL)
    connection = make_connection(tables, ends)
    connection.path.bound = path.bound
    connection.owner = socket.owner
    connection.principal = socket.principal
    prepare(socket, connection)
    set_opening(tables, path.mtu, socket.segment_limit, socket.options.receive_limit)
    socket.connection = connection
    start_connection(tables, connection, socket.waiters, tables.opening)
    socket.stack.flush()


def prepare(socket: TcpSocket, connection: Connection) -> None:
    """Gives a new connection what the program has chosen."""
    copy_struct(connection.tcp.settings, socket.settings)
    mark_path(socket.options, connection.path)
    if socket.options.send_limit != 0:
        connection.send_limit = socket.options.send_limit
        connection.can_grow = False


@raises()
def wait_connected(socket: TcpSocket, deadline_ns: u64) -> None:
    """Waits until the connection stands, or has failed. EINPROGRESS when the time is over."""
    with socket.stack.lock:
        while True:
            socket.raise_error()
            connection = socket.connection
            if connection is None or connection.is_ended():
                raise OSError(ECONNABORTED)
            if connection.tcp.state not in (TcpState.SYN_SENT, TcpState.SYN_RECEIVED):
                return
            try:
                socket.wait(socket.waiters.writers, True, deadline_ns)
            except OSError as error:
                code = EINPROGRESS if errno_of(error) == EAGAIN else EINTR
                raise OSError(i32(code)) from None
