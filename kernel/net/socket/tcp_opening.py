"""How TCP connections begin: local ports, active opens, and what a listener's handshake becomes.

Called with the stack's lock held.
"""

from __future__ import annotations

from abi.errno import EADDRINUSE, EADDRNOTAVAIL, ENOMEM
from bare import allocate, copy_struct, raises, u16, u32
from kernel.net.socket.binding import EPHEMERAL_COUNT
from kernel.net.socket.connection import Connection
from kernel.net.socket.listener import Listener
from kernel.net.socket.tcp_ending import advance
from kernel.net.socket.tcp_output import aim_path, has_path
from kernel.net.socket.tcp_tables import (
    FIRST_RECEIVE_LIMIT,
    FIRST_SEND_LIMIT,
    HEADERS_SIZE,
    TcpTables,
)
from kernel.net.socket.waiters import SocketWaiters
from kernel.net.tcp.opening import Opening, establish, open_active
from kernel.net.tcp.segment import DEFAULT_MSS, Endpoints


@raises(ENOMEM)
def make_connection(tables: TcpTables, endpoints: Endpoints) -> Connection:
    """Makes a connection between two ends that is not in the table yet."""
    connection = allocate(tables.allocator, Connection)
    copy_struct(connection.endpoints, endpoints)
    connection.send_limit = FIRST_SEND_LIMIT
    aim_path(connection.path, endpoints)
    tables.live_count += 1
    return connection


def announce(tables: TcpTables, listener: Listener) -> None:
    """Fills in `tables.opening` for a handshake between `tables.endpoints`."""
    path = tables.reply_path
    aim_path(path, tables.endpoints)
    mtu: u32 = 0
    if has_path(tables, path):
        mtu = path.mtu
    set_opening(tables, mtu, listener.segment_limit, listener.receive_limit)


def set_opening(tables: TcpTables, mtu: u32, segment_limit: u16, receive_limit: u32) -> None:
    """Fills in what a connection announces; a limit of 0 was not set by the program."""
    opening = tables.opening
    mss = u32(DEFAULT_MSS)
    if mtu > HEADERS_SIZE:
        mss = min(mtu - HEADERS_SIZE, 0xFFFF)
    if segment_limit != 0:
        mss = min(mss, u32(segment_limit))
    opening.mss = u16(mss)
    opening.receive_limit = FIRST_RECEIVE_LIMIT if receive_limit == 0 else receive_limit
    opening.receive_limit_max = tables.growth_limit if receive_limit == 0 else receive_limit


def make_passive(tables: TcpTables, listener: Listener) -> Connection | None:
    """Makes the connection of the handshake in `tables.handshake` and enters it; None: no room."""
    if listener.is_full():
        listener.dropped += 1
        return None
    try:
        connection = make_connection(tables, tables.endpoints)
    except OSError:
        tables.refused_for_memory += 1
        return None
    settings = listener.settings
    assert settings is not None, "listener without settings"
    establish(connection.tcp, tables.now_ms(), tables.handshake, tables.opening)
    copy_struct(connection.tcp.settings, settings)
    if listener.send_limit != 0:
        connection.send_limit = listener.send_limit
        connection.can_grow = False
    connection.owner = listener.owner
    connection.principal = listener.principal
    tables.connections.add(connection)
    connection.is_in_table = True
    return connection


def start_connection(
    tables: TcpTables, connection: Connection, waiters: SocketWaiters, opening: Opening
) -> None:
    """Enters a connection whose path and settings are there, and sends its SYN."""
    endpoints = connection.endpoints
    opening.initial_sequence = tables.numbers.initial_sequence(endpoints, tables.now_us())
    opening.timestamp_offset = tables.numbers.timestamp_offset(endpoints)
    connection.waiters = waiters
    tables.connections.add(connection)
    connection.is_in_table = True
    now_ms = tables.now_ms()
    open_active(connection.tcp, now_ms, opening)
    advance(tables, connection, now_ms)


@raises(EADDRNOTAVAIL)
def choose_port(tables: TcpTables, endpoints: Endpoints) -> None:
    """Sets the local port of a connection that is to be opened: one that leads nowhere yet."""
    random = tables.random_number()
    for attempt in range(EPHEMERAL_COUNT):
        endpoints.local_port = tables.numbers.port(random, attempt)
        if not tables.ports.has_port(endpoints.local_port):
            if tables.connections.find(endpoints) is None:
                return
    raise OSError(EADDRNOTAVAIL)


@raises(EADDRINUSE)
def claim_port(tables: TcpTables, listener: Listener, wanted: u16) -> None:
    """Enters a claim to a port, 0 for any free one."""
    if wanted != 0:
        listener.port = wanted
        try:
            check_claim(tables, listener)
        except OSError:
            listener.port = 0
            raise
        tables.ports.add(listener)
        return
    random = tables.random_number()
    for attempt in range(EPHEMERAL_COUNT):
        port = tables.numbers.port(random, attempt)
        if not tables.ports.has_port(port) and not tables.connections.has_local_port(port):
            listener.port = port
            tables.ports.add(listener)
            return
    raise OSError(EADDRINUSE)


@raises(EADDRINUSE)
def check_claim(tables: TcpTables, listener: Listener) -> None:
    """Refuses a port that another socket has, or without SO_REUSEADDR a connection."""
    tables.ports.check(listener)
    if not listener.can_reuse_address and tables.connections.has_local_port(listener.port):
        raise OSError(EADDRINUSE)
