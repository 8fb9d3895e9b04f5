"""`TimeWait`: what is left of a connection in TIME-WAIT, in a few words of memory."""

from __future__ import annotations

from bare import Enum8, inline, struct, u8, u32, u64
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, TcpSegment


class TimeWaitAnswer(Enum8):
    """What is to be done about a segment."""

    DROP = 0
    REPLY = 1
    """Send `reply`."""
    REOPEN = 2
    """A new incarnation (RFC 6191): forget the record and give the SYN to the listener, if any."""


@struct
class TimeWait:
    """The record. The socket layer finds it by `endpoints` and drops it after `deadline_ms`."""

    endpoints: Endpoints = inline()
    deadline_ms: u64 = 0
    send_next: u32 = 0
    receive_next: u32 = 0
    window: u32 = 0
    shift: u8 = 0
    has_timestamps: bool = False
    timestamp_offset: u32 = 0
    timestamp_recent: u32 = 0

    def start(self, now_ms: u64, endpoints: Endpoints, connection: TcpConnection) -> None:
        """Takes over from a connection that has reached TIME_WAIT."""

    def segment_arrives(
        self, now_ms: u64, segment: TcpSegment, reply: OutgoingSegment
    ) -> TimeWaitAnswer:
        """A segment for the old connection: RFC 9293, 3.10.7.4; RSTs are ignored (RFC 1337)."""
        return TimeWaitAnswer.DROP
