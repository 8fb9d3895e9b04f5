"""Which segment a connection sends next."""

from __future__ import annotations

from bare import u64
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.segment import OutgoingSegment


def plan_segment(connection: TcpConnection, now_ms: u64, outgoing: OutgoingSegment) -> bool:
    """Writes the next segment to be sent, if there is one. Changes nothing in the connection."""
    return False


def commit_segment(connection: TcpConnection, now_ms: u64, outgoing: OutgoingSegment) -> None:
    """Records that the segment that was planned last, or its shortened form, has been sent."""
