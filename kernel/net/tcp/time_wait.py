"""`TimeWait`: what is left of a connection in TIME-WAIT, in a few words of memory."""

from __future__ import annotations

from bare import Enum8, copy_struct, inline, struct, u16, u32, u64
from kernel.net.tcp.announce import window_field
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.reset import begin_reply
from kernel.net.tcp.segment import Endpoints, OutgoingSegment, TcpSegment
from kernel.net.tcp.sequence import is_before
from kernel.net.tcp.settings import TIME_WAIT_MS
from kernel.net.tcp.timestamps import clock_value

ANSWER_MS = 500
"""Empty segments are answered no more often: two such ends would talk for ever."""


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
    window: u16 = 0
    """The last window field."""
    has_timestamps: bool = False
    timestamp_offset: u32 = 0
    timestamp_recent: u32 = 0
    answered_ms: u64 = 0
    """When an ACK was sent last."""

    def start(self, now_ms: u64, endpoints: Endpoints, connection: TcpConnection) -> None:
        """Takes over from a connection that has reached TIME_WAIT, and has sent its last ACK."""
        copy_struct(self.endpoints, endpoints)
        self.deadline_ms = now_ms + TIME_WAIT_MS
        self.send_next = connection.send.next
        self.receive_next = connection.receive.next
        self.window = window_field(connection.receive)
        self.has_timestamps = connection.timestamps.is_on
        self.timestamp_offset = connection.timestamps.offset
        self.timestamp_recent = connection.timestamps.recent

    def segment_arrives(
        self, now_ms: u64, segment: TcpSegment, reply: OutgoingSegment
    ) -> TimeWaitAnswer:
        """A segment for the old connection: RFC 9293, 3.10.7.4; RSTs are ignored (RFC 1337)."""
        if segment.is_rst:
            return TimeWaitAnswer.DROP
        if segment.is_syn and not segment.is_ack and self._is_new(segment):
            return TimeWaitAnswer.REOPEN
        if segment.is_fin:
            # The peer has not seen our last ACK: two more maximum lifetimes (RFC 9293, 3.10.7.4).
            self.deadline_ms = now_ms + TIME_WAIT_MS
        elif segment.length() == 0 and self._is_quiet(now_ms, segment):
            return TimeWaitAnswer.DROP
        self.answered_ms = now_ms
        self._write_ack(now_ms, segment, reply)
        return TimeWaitAnswer.REPLY

    def _is_quiet(self, now_ms: u64, segment: TcpSegment) -> bool:
        """Says whether an empty segment needs no answer: it is right, or one was just given."""
        return segment.sequence == self.receive_next or now_ms < self.answered_ms + ANSWER_MS

    def _is_new(self, segment: TcpSegment) -> bool:
        """Says whether a SYN cannot be an old one (RFC 6191, 2; RFC 9293, 3.10.7.4, fourth)."""
        if self.has_timestamps and segment.has_timestamps:
            if segment.timestamp != self.timestamp_recent:
                return is_before(self.timestamp_recent, segment.timestamp)
        return is_before(self.receive_next, segment.sequence)

    def _write_ack(self, now_ms: u64, segment: TcpSegment, reply: OutgoingSegment) -> None:
        """Writes the last ACK once more."""
        begin_reply(segment, reply)
        header = reply.header
        header.is_ack = True
        header.sequence = self.send_next
        header.acknowledgment = self.receive_next
        header.window = self.window
        if self.has_timestamps:
            header.has_timestamps = True
            header.timestamp = clock_value(self.timestamp_offset, now_ms)
            header.timestamp_echo = self.timestamp_recent
