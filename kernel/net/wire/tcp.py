"""TCP headers and options. RFC 9293, 3.1; RFC 7323: window scale, timestamps; RFC 2018: SACK.

`TcpHeader` holds a header in numbers, options included, both ways.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    Span,
    array,
    load_u16_be,
    load_u32_be,
    store_u16_be,
    store_u32_be,
    struct,
    u8,
    u16,
    u32,
)
from kernel.net.wire.checksum import Checksum

TCP_HEADER_SIZE: u32 = 20
LARGEST_TCP_HEADER: u32 = 60
MAX_SACK_BLOCKS = 4

FLAG_FIN: u8 = 0x01
FLAG_SYN: u8 = 0x02
FLAG_RST: u8 = 0x04
FLAG_PSH: u8 = 0x08
FLAG_ACK: u8 = 0x10
FLAG_URG: u8 = 0x20
FLAG_ECE: u8 = 0x40
FLAG_CWR: u8 = 0x80

OPTION_END: u8 = 0
OPTION_NOTHING: u8 = 1
OPTION_SEGMENT_SIZE: u8 = 2
OPTION_WINDOW_SCALE: u8 = 3
OPTION_SACK_PERMITTED: u8 = 4
OPTION_SACK: u8 = 5
OPTION_TIMESTAMPS: u8 = 8

TIMESTAMPS_PADDED: u32 = 0x0101_080A
"""Two bytes of nothing and the start of the timestamps option: how all send it (RFC 7323, A)."""
LARGEST_WINDOW_SCALE: u8 = 14


@struct
class SackBlock:
    """Bytes that arrived: sequence numbers from `left` up to `right`."""

    left: u32 = 0
    right: u32 = 0


@struct
class TcpHeader:
    """A header in numbers. `clear` before it is filled in to be sent."""

    source_port: u16 = 0
    destination_port: u16 = 0
    sequence: u32 = 0
    acknowledgment: u32 = 0
    flags: u8 = 0
    window: u16 = 0
    """As it stands in the header, not scaled."""
    urgent: u16 = 0
    length: u32 = 0
    """Bytes of the header with options, after `parse_tcp`."""
    # Options.
    segment_size: u16 = 0
    """MSS; 0: absent."""
    has_window_scale: bool = False
    window_scale: u8 = 0
    is_sack_permitted: bool = False
    has_timestamps: bool = False
    timestamp: u32 = 0
    timestamp_echo: u32 = 0
    sack_count: u32 = 0
    sack_blocks: Array[SackBlock] = array(MAX_SACK_BLOCKS)

    def has(self, flags: u8) -> bool:
        """Whether any of `flags` is set."""
        return self.flags & flags != 0

    def clear_options(self) -> None:
        """Makes it a header without options."""
        self.segment_size = 0
        self.has_window_scale = False
        self.is_sack_permitted = False
        self.has_timestamps = False
        self.sack_count = 0


def parse_tcp(data: Bytes, header: TcpHeader) -> bool:
    """Reads the header at the start of a segment; False where its lengths are wrong.

    An option that is malformed ends the options; what was read before it counts (RFC 9293, 3.1
    leaves that open).
    """
    if len(data) < TCP_HEADER_SIZE:
        return False
    length = u32(data[12] >> 4) * 4
    if length < TCP_HEADER_SIZE or length > len(data):
        return False
    header.source_port = load_u16_be(data, 0)
    header.destination_port = load_u16_be(data, 2)
    header.sequence = load_u32_be(data, 4)
    header.acknowledgment = load_u32_be(data, 8)
    header.flags = data[13]
    header.window = load_u16_be(data, 14)
    header.urgent = load_u16_be(data, 18)
    header.length = length
    header.clear_options()
    if length > TCP_HEADER_SIZE:
        _parse_options(data[TCP_HEADER_SIZE:length], header)
    return True


def _parse_options(options: Bytes, header: TcpHeader) -> None:
    """Reads all options."""
    if len(options) == 12 and load_u32_be(options, 0) == TIMESTAMPS_PADDED:
        _read_timestamps(options[2:], header)
        return
    rest = options
    while len(rest) > 0 and rest[0] != OPTION_END:
        if rest[0] == OPTION_NOTHING:
            rest = rest[1:]
            continue
        if len(rest) < 2 or rest[1] < 2 or rest[1] > len(rest):
            return
        _parse_option(rest[: rest[1]], header)
        rest = rest[rest[1] :]


def _parse_option(option: Bytes, header: TcpHeader) -> None:
    """Reads one option, kind and length first. One of a wrong length is not there."""
    kind = option[0]
    size = len(option)
    if kind == OPTION_SEGMENT_SIZE and size == 4:
        header.segment_size = load_u16_be(option, 2)
    elif kind == OPTION_WINDOW_SCALE and size == 3:
        header.has_window_scale = True
        header.window_scale = min(option[2], LARGEST_WINDOW_SCALE)
    elif kind == OPTION_SACK_PERMITTED and size == 2:
        header.is_sack_permitted = True
    elif kind == OPTION_TIMESTAMPS and size == 10:
        _read_timestamps(option, header)
    elif kind == OPTION_SACK and size % 8 == 2:
        _read_sack_blocks(option[2:], header)


def _read_timestamps(option: Bytes, header: TcpHeader) -> None:
    header.has_timestamps = True
    header.timestamp = load_u32_be(option, 2)
    header.timestamp_echo = load_u32_be(option, 6)


def _read_sack_blocks(data: Bytes, header: TcpHeader) -> None:
    count = min(u32(len(data) // 8), MAX_SACK_BLOCKS)
    header.sack_count = count
    for index in range(count):
        block = header.sack_blocks[index]
        block.left = load_u32_be(data, index * 8)
        block.right = load_u32_be(data, index * 8 + 4)


def tcp_header_length(header: TcpHeader) -> u32:
    """Returns how many bytes `build_tcp` will write, at most LARGEST_TCP_HEADER.

    All options of a SYN fit, and so do timestamps with three SACK blocks.
    """
    length = TCP_HEADER_SIZE
    if header.segment_size != 0:
        length += 4
    if header.has_window_scale:
        length += 4
    if header.has_timestamps:
        length += 12
    elif header.is_sack_permitted:
        length += 4
    if header.sack_count > 0:
        length += 4 + 8 * header.sack_count
    return length


def build_tcp(into: Span[u8], header: TcpHeader) -> u32:
    """Writes the header, with a checksum of 0, at the start of `into`; returns its length."""
    length = tcp_header_length(header)
    store_u16_be(into, 0, header.source_port)
    store_u16_be(into, 2, header.destination_port)
    store_u32_be(into, 4, header.sequence)
    store_u32_be(into, 8, header.acknowledgment)
    store_u16_be(into, 12, u16(length // 4) << 12 | header.flags)
    store_u16_be(into, 14, header.window)
    store_u32_be(into, 16, header.urgent)
    if length > TCP_HEADER_SIZE:
        _build_options(into[TCP_HEADER_SIZE:length], header)
    return length


def _build_options(into: Span[u8], header: TcpHeader) -> None:
    """Writes the options, each padded in front to whole words."""
    at: u32 = 0
    if header.segment_size != 0:
        store_u32_be(into, at, 0x0204_0000 | u32(header.segment_size))
        at += 4
    if header.has_timestamps:
        # RFC 7323, A: SACK permitted takes the place of the padding.
        start: u32 = 0x0402_080A if header.is_sack_permitted else TIMESTAMPS_PADDED
        store_u32_be(into, at, start)
        store_u32_be(into, at + 4, header.timestamp)
        store_u32_be(into, at + 8, header.timestamp_echo)
        at += 12
    elif header.is_sack_permitted:
        store_u32_be(into, at, 0x0101_0402)
        at += 4
    if header.has_window_scale:
        store_u32_be(into, at, 0x0103_0300 | u32(header.window_scale))
        at += 4
    if header.sack_count > 0:
        store_u32_be(into, at, 0x0101_0500 | (2 + 8 * header.sack_count))
        at += 4
    for index in range(header.sack_count):
        store_u32_be(into, at, header.sack_blocks[index].left)
        store_u32_be(into, at + 4, header.sack_blocks[index].right)
        at += 8


def set_tcp_checksum(header: Span[u8], sum: Checksum) -> None:
    """Puts the checksum into a built header. `sum` has the pseudo-header, the header and the
    payload.
    """
    store_u16_be(header, 16, sum.finish())
