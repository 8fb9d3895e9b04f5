"""`TcpSegment`: a TCP header in a form to work with; `OutgoingSegment`: a segment to be sent.

The parser (`kernel.net.wire`) fills a `TcpSegment`, the builder reads one; neither computes with
it. Ports and numbers are in the machine's byte order.
"""

from __future__ import annotations

from bare import Array, Enum8, array, inline, struct, u8, u16, u32, u64
from kernel.net.tcp.sequence import SequenceRange, advance

MAX_SACK_BLOCKS = 4
"""What fits into 40 bytes of options; with timestamps it is three (RFC 2018, 3)."""
DEFAULT_MSS: u16 = 536
"""Without the option (RFC 9293, 3.7.1), for IPv4."""
MAX_WINDOW_SHIFT: u8 = 14
"""RFC 7323, 2.3."""


@struct
class Endpoints:
    """Who talks to whom, as this machine sees it. IPv4 addresses stand in the low words."""

    local_high: u64 = 0
    local_low: u64 = 0
    remote_high: u64 = 0
    remote_low: u64 = 0
    local_port: u16 = 0
    remote_port: u16 = 0


@struct
class TcpSegment:
    """A segment's header; what an option that is absent would say is zero."""

    source_port: u16 = 0
    destination_port: u16 = 0
    sequence: u32 = 0
    acknowledgment: u32 = 0
    is_syn: bool = False
    is_ack: bool = False
    is_fin: bool = False
    is_rst: bool = False
    is_psh: bool = False
    is_urg: bool = False
    window: u16 = 0
    """As it stands in the header, not scaled."""
    urgent_pointer: u16 = 0
    payload_length: u32 = 0
    mss: u16 = 0
    """Maximum segment size option; 0: absent."""
    has_window_scale: bool = False
    window_shift: u8 = 0
    is_sack_permitted: bool = False
    has_timestamps: bool = False
    timestamp: u32 = 0
    """TSval."""
    timestamp_echo: u32 = 0
    """TSecr."""
    sack_count: u32 = 0
    sack: Array[SequenceRange] = array(MAX_SACK_BLOCKS)

    def length(self) -> u32:
        """Returns SEG.LEN: the sequence numbers that it takes, SYN and FIN among them."""
        return self.payload_length + u32(self.is_syn) + u32(self.is_fin)

    def end(self) -> u32:
        """Returns the sequence number behind it."""
        return advance(self.sequence, self.length())

    def clear(self) -> None:
        """Makes it an empty segment without flags and options; ports stay."""
        self.sequence = 0
        self.acknowledgment = 0
        self.is_syn = False
        self.is_ack = False
        self.is_fin = False
        self.is_rst = False
        self.is_psh = False
        self.is_urg = False
        self.window = 0
        self.urgent_pointer = 0
        self.payload_length = 0
        self.mss = 0
        self.has_window_scale = False
        self.window_shift = 0
        self.is_sack_permitted = False
        self.has_timestamps = False
        self.timestamp = 0
        self.timestamp_echo = 0
        self.sack_count = 0


class SegmentKind(Enum8):
    """Why a segment is sent."""

    ACK = 0
    """It carries nothing new, and is not sent again when it is lost."""
    SYN = 1
    NEW = 2
    """Data or a FIN for the first time."""
    AGAIN = 3
    """The next piece of what counts as lost."""
    RESCUE = 4
    """The last piece of what is in flight, sent again out of turn: a probe for losses at the end.
    """
    PROBE = 5
    """A keepalive or zero-window probe: an old number, so that the peer must answer."""
    RESET = 6


@struct
class OutgoingSegment:
    """A segment to be sent: its header, and which bytes of the send queue are its payload."""

    header: TcpSegment = inline()
    """Ports are not filled in, except by what answers a segment (`reply`)."""
    payload_offset: u32 = 0
    """Where the payload begins in the send queue, whose first byte is the first that the peer has
    not acknowledged. Its length is `header.payload_length`.
    """
    kind: SegmentKind = SegmentKind.ACK

    def clear(self) -> None:
        """Makes it an empty segment; ports stay."""
        self.header.clear()
        self.payload_offset = 0
        self.kind = SegmentKind.ACK

    def shorten(self, length: u32) -> None:
        """Lets it carry only the first `length` bytes, at least one, of its payload."""
        if length < self.header.payload_length:
            self.header.payload_length = length
            self.header.is_fin = False
            self.header.is_psh = False
