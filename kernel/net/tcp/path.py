"""What ICMP says about a connection's path: RFC 1191, RFC 9293 3.9.2.2, RFC 5927.

An error quotes the sequence number of the segment that caused it. One that is not in flight was
sent by somebody who guesses (RFC 5927, 4.1).
"""

from __future__ import annotations

from bare import u32, u64
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.loss import begin_resending
from kernel.net.tcp.sequence import is_at_or_before, is_before
from kernel.net.tcp.settings import MINIMUM_MSS
from kernel.net.tcp.state import TcpState

HEADERS = 40
"""IPv4 and TCP without options."""


def is_in_flight(connection: TcpConnection, sequence: u32) -> bool:
    """Says whether a quoted segment can be ours."""
    send = connection.send
    return is_at_or_before(send.unacknowledged, sequence) and is_before(sequence, send.next)


def path_mtu_changed(connection: TcpConnection, now_ms: u64, sequence: u32, mtu: u32) -> None:
    """A router dropped a segment that was larger than `mtu`: sends smaller ones, and at once what
    was dropped. The path only ever gets narrower this way.

    `sequence` is of the segment that the error quotes.
    """
    if connection.state == TcpState.CLOSED or not is_in_flight(connection, sequence):
        return
    send = connection.send
    wanted = max(mtu, HEADERS + MINIMUM_MSS) - HEADERS
    if wanted >= send.mss or connection.congestion is None:
        return
    send.mss = wanted
    if connection.is_synchronized():
        connection.control().resize(connection.segment_size())
        begin_resending(connection, sequence)


def unreachable(connection: TcpConnection, sequence: u32, code: u32) -> bool:
    """An ICMP error, as errno `code`, quotes a segment of the connection.

    It ends an opening (True: the connection has ended), and is remembered otherwise, for the case
    that nothing else comes (RFC 9293, 3.9.2.2).
    """
    if connection.state == TcpState.CLOSED or not is_in_flight(connection, sequence):
        return False
    if connection.state in (TcpState.SYN_SENT, TcpState.SYN_RECEIVED):
        connection.end(code)
        return True
    connection.soft_error = code
    return False
