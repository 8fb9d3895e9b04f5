"""Between headers as the wire formats have them and segments as the protocol works with them."""

from __future__ import annotations

from bare import u8, u32
from kernel.net.tcp.segment import MAX_SACK_BLOCKS, TcpSegment
from kernel.net.wire.tcp import (
    FLAG_ACK,
    FLAG_FIN,
    FLAG_PSH,
    FLAG_RST,
    FLAG_SYN,
    FLAG_URG,
    TcpHeader,
)


def read_segment(header: TcpHeader, payload_length: u32, segment: TcpSegment) -> None:
    """Fills in a segment that has arrived."""
    flags = header.flags
    segment.source_port = header.source_port
    segment.destination_port = header.destination_port
    segment.sequence = header.sequence
    segment.acknowledgment = header.acknowledgment
    segment.is_syn = flags & FLAG_SYN != 0
    segment.is_ack = flags & FLAG_ACK != 0
    segment.is_fin = flags & FLAG_FIN != 0
    segment.is_rst = flags & FLAG_RST != 0
    segment.is_psh = flags & FLAG_PSH != 0
    segment.is_urg = flags & FLAG_URG != 0
    segment.window = header.window
    segment.urgent_pointer = header.urgent
    segment.payload_length = payload_length
    segment.mss = header.segment_size
    segment.has_window_scale = header.has_window_scale
    segment.window_shift = header.window_scale
    segment.is_sack_permitted = header.is_sack_permitted
    segment.has_timestamps = header.has_timestamps
    segment.timestamp = header.timestamp
    segment.timestamp_echo = header.timestamp_echo
    segment.sack_count = min(header.sack_count, MAX_SACK_BLOCKS)
    for index in range(segment.sack_count):
        block = header.sack_blocks[index]
        segment.sack[index].left = block.left
        segment.sack[index].right = block.right


def write_header(segment: TcpSegment, header: TcpHeader) -> None:
    """Fills in the header of a segment that is to be sent."""
    header.source_port = segment.source_port
    header.destination_port = segment.destination_port
    header.sequence = segment.sequence
    header.acknowledgment = segment.acknowledgment
    header.flags = flags_of(segment)
    header.window = segment.window
    header.urgent = segment.urgent_pointer
    header.segment_size = segment.mss
    header.has_window_scale = segment.has_window_scale
    header.window_scale = segment.window_shift
    header.is_sack_permitted = segment.is_sack_permitted
    header.has_timestamps = segment.has_timestamps
    header.timestamp = segment.timestamp
    header.timestamp_echo = segment.timestamp_echo
    header.sack_count = segment.sack_count
    for index in range(segment.sack_count):
        block = header.sack_blocks[index]
        block.left = segment.sack[index].left
        block.right = segment.sack[index].right


def flags_of(segment: TcpSegment) -> u8:
    """Returns the flags as they stand in the header."""
    flags: u8 = 0
    if segment.is_ack:
        flags |= FLAG_ACK
    if segment.is_psh:
        flags |= FLAG_PSH
    if segment.is_syn:
        flags |= FLAG_SYN
    if segment.is_fin:
        flags |= FLAG_FIN
    if segment.is_rst:
        flags |= FLAG_RST
    return flags
