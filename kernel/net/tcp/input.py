"""What an arriving segment does to a connection: RFC 9293, 3.10.7."""

from __future__ import annotations

from bare import u64
from kernel.net.tcp.arrival import Arrival
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.segment import TcpSegment


def segment_arrives(
    connection: TcpConnection, now_ms: u64, segment: TcpSegment, arrival: Arrival
) -> None:
    """Processes a segment whose checksum is right and writes what it means for the socket.

    Answers, ACKs and RSTs too, come from `plan_segment` afterwards.
    """
