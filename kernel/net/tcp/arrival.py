"""`Arrival`: what a segment means for the socket."""

from __future__ import annotations

from bare import struct, u32


@struct
class Arrival:
    """Written by `segment_arrives`."""

    acknowledged: u32 = 0
    """Bytes that the peer now has: they leave the send queue in front."""
    skip: u32 = 0
    """Bytes of the payload, in front, that are of no use."""
    length: u32 = 0
    """Bytes behind them that the socket must keep; 0: release the packet."""
    sequence: u32 = 0
    """The sequence number of the first byte kept. It may be behind a gap, and the bytes may overlap
    what is held already: everything up to `receive.next` is to be read, each byte once.
    """
    delivered: u32 = 0
    """Bytes that became readable: this segment's and those held behind it."""
    is_established: bool = False
    """The connection is open now."""
    is_peer_finished: bool = False
    """The peer's FIN has its turn now: behind what is unread is the end of the stream."""
    is_ended: bool = False
    """The state is now CLOSED (see `error`) or TIME_WAIT: send what `plan_segment` still gives,
    then take the connection out of the table.
    """

    def clear(self) -> None:
        """Makes it say nothing."""
        self.acknowledged = 0
        self.skip = 0
        self.length = 0
        self.sequence = 0
        self.delivered = 0
        self.is_established = False
        self.is_peer_finished = False
        self.is_ended = False
