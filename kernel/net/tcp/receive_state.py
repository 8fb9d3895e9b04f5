"""`ReceiveState`: the receiving half of a connection (RFC 9293, 3.3.1)."""

from __future__ import annotations

from bare import Enum8, inline, struct, u8, u32, u64
from kernel.net.tcp.held_ranges import HeldRanges
from kernel.net.tcp.sequence import SequenceRange, distance


class AckNeed(Enum8):
    """Whether the peer is owed an ACK."""

    NONE = 0
    DELAYED = 1
    """With the next segment, or when the delayed-ACK timer runs out."""
    NOW = 2


@struct
class ReceiveState:
    """Sequence numbers, the window that was announced, and what came out of order."""

    initial: u32 = 0
    """IRS."""
    next: u32 = 0
    """RCV.NXT: all before it is delivered; the socket's receive queue ends here."""
    edge: u32 = 0
    """RCV.NXT + RCV.WND as last announced; it never moves to the left (RFC 9293, 3.8.6)."""
    shift: u8 = 0
    """Our window scale."""
    mss: u32 = 0
    """What we announced: the most that the peer puts into a segment."""
    unread: u32 = 0
    """Bytes delivered that the program has not consumed."""
    limit: u32 = 0
    """Bytes that may be unread: SO_RCVBUF, or where it has grown to."""
    limit_max: u32 = 0
    """How far `limit` may grow; equal to it where the program has set it. The socket's to change.
    """
    duplicate: SequenceRange = inline()
    """What arrived twice, for the first block of the next SACK (RFC 2883); empty: nothing."""
    held: HeldRanges = inline()
    """What is behind a gap. The socket holds the bytes."""
    has_fin: bool = False
    """The peer's FIN has been seen; its number is `fin_sequence`."""
    fin_sequence: u32 = 0
    is_shut: bool = False
    """The program will not read any more: data that arrives is answered by RST."""
    ack: AckNeed = AckNeed.NONE
    unacknowledged_bytes: u32 = 0
    """Payload received since the last ACK that was sent."""
    quick_acks: u32 = 0
    """Segments that are still acknowledged at once: the peer is in slow start."""
    largest_segment: u32 = 0
    """The longest payload seen: what counts as a full segment for delayed ACKs."""
    last_acknowledged: u32 = 0
    """Last.ACK.sent (RFC 7323, 4.3)."""
    # Growth of the window: what the program consumed in a round trip.
    round_start_ms: u64 = 0
    round_end: u32 = 0
    """The round is over when this sequence number has been received."""
    round_ms: u32 = 0
    """The round trip time as the receiver sees it; 0: not known."""
    consumed_start_ms: u64 = 0
    consumed: u32 = 0
    """Bytes consumed since `consumed_start_ms`."""

    def window(self) -> u32:
        """Returns RCV.WND as announced: how much more the peer may send."""
        return distance(self.next, self.edge)

    def room(self) -> u32:
        """Returns how many bytes the socket could still take."""
        return self.limit - self.unread if self.unread < self.limit else 0
