"""What ICMP says about a connection's path: RFC 1191, RFC 1122 4.2.3.9, RFC 5927."""

from __future__ import annotations

from bare import u32, u64
from kernel.net.tcp.connection import TcpConnection


def path_mtu_changed(connection: TcpConnection, now_ms: u64, sequence: u32, mtu: u32) -> None:
    """A router dropped a segment that was larger than `mtu`: sends smaller ones.

    `sequence` is of the segment that the error quotes; a number that is not in flight is a forgery.
    """


def unreachable(connection: TcpConnection, sequence: u32, code: u32) -> bool:
    """An ICMP error, as errno `code`, quotes a segment of the connection.

    It ends an opening (True: the connection has ended), and is remembered otherwise.
    """
    return False
