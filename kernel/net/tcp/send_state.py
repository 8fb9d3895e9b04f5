"""`SendState`: the sending half of a connection (RFC 9293, 3.3.1; RFC 6675, 2).

The send queue is the socket's: bytes with sequence numbers from the first unacknowledged one up to
`queue_end`. A FIN takes the number `queue_end` itself.
"""

from __future__ import annotations

from bare import Enum8, inline, struct, u8, u32
from kernel.net.tcp.scoreboard import SackScoreboard
from kernel.net.tcp.sequence import advance, distance, is_at_or_before, is_before


class Recovery(Enum8):
    """What the sender does about a loss."""

    NONE = 0
    FAST = 1
    """Since duplicate ACKs or SACK blocks said that a segment is gone."""
    TIMEOUT = 2
    """Since the retransmission timer ran out: everything that was in flight counts as lost."""


@struct
class SendState:
    """Sequence numbers, the peer's window, and what is known about losses."""

    initial: u32 = 0
    """ISS."""
    unacknowledged: u32 = 0
    """SND.UNA."""
    next: u32 = 0
    """SND.NXT; it never goes back: retransmissions are below it."""
    queue_end: u32 = 0
    """Behind the last byte that the socket has queued."""
    is_finishing: bool = False
    """The program will send no more: a FIN follows the queue."""
    shift: u8 = 0
    """The peer's window scale."""
    window: u32 = 0
    """SND.WND in bytes."""
    window_sequence: u32 = 0
    """SND.WL1."""
    window_acknowledgment: u32 = 0
    """SND.WL2."""
    largest_window: u32 = 0
    """MAX.SND.WND."""
    mss: u32 = 0
    """Most bytes of payload and options in a segment: by the peer's option and the path's MTU."""
    recovery: Recovery = Recovery.NONE
    recovery_point: u32 = 0
    """SND.NXT when the loss was noticed; recovery ends when all before it is acknowledged."""
    lost_to: u32 = 0
    """What is below it, and not known to have arrived, counts as lost."""
    retransmitted_to: u32 = 0
    """HighRxt: what is below it has been sent again in this recovery."""
    retransmission_mark: u32 = 0
    """SND.NXT when the first hole was sent again: data behind it that arrives overtook that."""
    overtaken: u32 = 0
    """Bytes that arrived and were sent later than the first hole was sent again."""
    is_first_due: bool = False
    """So many that it is lost once more: the first hole is to be sent another time."""
    is_first_resent: bool = False
    """It has been: holes behind it were sent again before that."""
    has_spurious: bool = False
    """The peer has reported data that came twice: the path changes the order (RFC 2883)."""
    has_rescued: bool = False
    """The last segment has been sent again for its own sake (RFC 6675, NextSeg rule 4)."""
    duplicate_acks: u32 = 0
    """In a row; without SACK each stands for a segment that has left the network."""
    is_hurried: bool = False
    """The next partial segment leaves whatever the window or a cork says: a timer ran out."""
    is_rescue_due: bool = False
    """A tail loss probe is to be sent (RFC 8985, 7)."""
    is_probe_out: bool = False
    """One has been sent, and neither SACK nor ACK has covered `probe_end` since."""
    is_probe_old: bool = False
    """It carried old data: its ACK may hide a loss."""
    probe_start: u32 = 0
    probe_end: u32 = 0
    small_end: u32 = 0
    """Behind the last segment sent that was not a full one: Nagle's algorithm waits for its ACK."""
    scoreboard: SackScoreboard = inline()

    def finish_sequence(self) -> u32:
        """Returns what SND.NXT is once everything that is queued, FIN included, has been sent."""
        return advance(self.queue_end, u32(self.is_finishing))

    def window_end(self) -> u32:
        """Returns the right edge of the peer's window."""
        return advance(self.unacknowledged, self.window)

    def usable(self) -> u32:
        """Returns how many new bytes the peer's window takes."""
        end = self.window_end()
        return distance(self.next, end) if is_before(self.next, end) else 0

    def acceptable_sequence(self) -> u32:
        """Returns the number of a segment without data: SND.NXT. Where the peer has shrunk its
        window below that, it is the window's end, or the peer would not even read our ACKs.
        """
        return self.window_end() if self.in_flight() > self.window else self.next

    def is_finish_unsent(self) -> bool:
        """Says whether a FIN waits to be sent for the first time."""
        return self.is_finishing and is_at_or_before(self.next, self.queue_end)

    def in_flight(self) -> u32:
        """Returns the sequence numbers that were sent and not acknowledged."""
        return distance(self.unacknowledged, self.next)

    def queued(self) -> u32:
        """Returns the bytes in the send queue, sent ones included."""
        if is_before(self.queue_end, self.unacknowledged):
            return 0
        return distance(self.unacknowledged, self.queue_end)

    def unsent(self) -> u32:
        """Returns the bytes in the send queue that were never sent."""
        if is_before(self.queue_end, self.next):
            return 0
        return distance(self.next, self.queue_end)
