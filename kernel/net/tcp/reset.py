"""The RST for a segment that belongs to no connection: RFC 9293, 3.10.7.1."""

from __future__ import annotations

from kernel.net.tcp.segment import OutgoingSegment, TcpSegment


def reset_for(segment: TcpSegment, reply: OutgoingSegment) -> bool:
    """Writes the RST that answers a segment for a closed port, ports included; False: none does."""
    if segment.is_rst:
        return False
    begin_reply(segment, reply)
    header = reply.header
    header.is_rst = True
    if segment.is_ack:
        header.sequence = segment.acknowledgment
    else:
        header.is_ack = True
        header.acknowledgment = segment.end()
    return True


def begin_reply(segment: TcpSegment, reply: OutgoingSegment) -> None:
    """Makes `reply` an empty segment to where `segment` came from."""
    reply.clear()
    reply.header.source_port = segment.destination_port
    reply.header.destination_port = segment.source_port
