"""What ICMP says about TCP segments: RFC 5927, RFC 1191. Called with the stack's lock held."""

from __future__ import annotations

from abi.errno import EMSGSIZE
from bare import u32
from kernel.net.iface.receiver import IcmpError
from kernel.net.socket.connection import Connection
from kernel.net.socket.tcp_ending import advance
from kernel.net.socket.tcp_tables import TcpTables
from kernel.net.tcp.path import path_mtu_changed, unreachable


def receive_tcp_error(tables: TcpTables, error: IcmpError) -> None:
    """Hands an error to the connection, or the half-open one, that it quotes a segment of."""
    endpoints = tables.endpoints
    endpoints.local_low = error.local
    endpoints.local_port = error.local_port
    endpoints.remote_low = error.remote
    endpoints.remote_port = error.remote_port
    entry = tables.connections.find(endpoints)
    if entry is None:
        tables.half_open.unreachable(endpoints, error.sequence)
        return
    if not isinstance(entry, Connection):
        return
    now_ms = tables.now_ms()
    if error.errno == EMSGSIZE:
        path_mtu_changed(entry.tcp, now_ms, error.sequence, error.mtu)
    elif unreachable(entry.tcp, error.sequence, u32(error.errno)):
        waiters = entry.waiters
        if waiters is not None:
            waiters.changed()
    advance(tables, entry, now_ms)
