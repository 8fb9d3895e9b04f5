"""From the wire's `TcpHeader` to `TcpSegment` and back: the one place where the two meet."""

from __future__ import annotations

from bare import u8, u32
from kernel.net.tcp.segment import TcpSegment
from kernel.net.wire.tcp import (
    FLAG_ACK,
    FLAG_FIN,
    FLAG_PSH,
    FLAG_RST,
    FLAG_SYN,
    FLAG_URG,
    TcpHeader,
)


def read_header(header: TcpHeader, payload_length: u32, segment: TcpSegment) -> None:
    """Writes a parsed header, and the length of what follows it, as a segment."""
    segment.source_port = header.source_port
    segment.destination_port = header.destination_port
    segment.sequence = header.sequence
    segment.acknowledgment = header.acknowledgment
    segment.is_syn = header.has(FLAG_SYN)
    segment.is_ack = header.has(FLAG_ACK)
    segment.is_fin = header.has(FLAG_FIN)
    segment.is_rst = header.has(FLAG_RST)
    segment.is_psh = header.has(FLAG_PSH)
    segment.is_urg = header.has(FLAG_URG)
    segment.window = header.window
    segment.urgent_pointer = header.urgent
    segment.payload_length = payload_length
    segment.mss = header.segment_size
    segment.has_window_scale = header.has_window_scale
    segment.window_shift = header.window_scale if header.has_window_scale else 0
    segment.is_sack_permitted = header.is_sack_permitted
    segment.has_timestamps = header.has_timestamps
    segment.timestamp = header.timestamp if header.has_timestamps else 0
    segment.timestamp_echo = header.timestamp_echo if header.has_timestamps else 0
    segment.sack_count = header.sack_count
    for index in range(header.sack_count):
        segment.sack[index].left = header.sack_blocks[index].left
        segment.sack[index].right = header.sack_blocks[index].right


def write_header(segment: TcpSegment, header: TcpHeader) -> None:
    """Writes a segment as a header to be built. Ports are the segment's."""
    header.source_port = segment.source_port
    header.destination_port = segment.destination_port
    header.sequence = segment.sequence
    header.acknowledgment = segment.acknowledgment if segment.is_ack else 0
    header.flags = flags_of(segment)
    header.window = segment.window
    header.urgent = 0
    header.segment_size = segment.mss
    header.has_window_scale = segment.has_window_scale
    header.window_scale = segment.window_shift
    header.is_sack_permitted = segment.is_sack_permitted
    header.has_timestamps = segment.has_timestamps
    header.timestamp = segment.timestamp
    header.timestamp_echo = segment.timestamp_echo
    header.sack_count = segment.sack_count
    for index in range(segment.sack_count):
        header.sack_blocks[index].left = segment.sack[index].left
        header.sack_blocks[index].right = segment.sack[index].right


def flags_of(segment: TcpSegment) -> u8:
    """Returns the flags as they stand in a header."""
    flags: u8 = 0
    if segment.is_syn:
        flags |= FLAG_SYN
    if segment.is_ack:
        flags |= FLAG_ACK
    if segment.is_fin:
        flags |= FLAG_FIN
    if segment.is_rst:
        flags |= FLAG_RST
    if segment.is_psh:
        flags |= FLAG_PSH
    return flags
