"""`NewReno`: slow start, congestion avoidance and halving, by RFC 5681 and RFC 6582."""

from __future__ import annotations

from bare import struct, u32, u64
from kernel.net.tcp.congestion import CongestionControl, initial_window

LARGEST_WINDOW: u32 = 1 << 30
"""No window of a peer is larger (RFC 7323, 2.3)."""


@struct
class NewReno(CongestionControl):
    """Additive increase, multiplicative decrease. Counts bytes (RFC 3465)."""

    pending: u32 = 0
    """Bytes acknowledged towards the next increase in congestion avoidance."""
    has_timed_out: bool = False
    """In the slow start after a timeout an ACK may stand for segments from before it: one segment
    of growth each, not two (RFC 3465, 2.3).
    """

    def start(self, segment: u32) -> None:
        """See the base."""
        self.segment = segment
        self.window = initial_window(segment)

    def acknowledged(self, count: u32, now_ms: u64, round_trip_ms: u32) -> None:
        """See the base; RFC 5681, 3.1."""
        if self.window >= LARGEST_WINDOW:
            return
        if self.window < self.threshold:
            self.window += min(count, self.segment if self.has_timed_out else 2 * self.segment)
            return
        self.has_timed_out = False
        self.pending += count
        if self.pending >= self.window:
            self.pending -= self.window
            self.window += self.segment
            self.pending = min(self.pending, self.window)

    def loss_noticed(self, in_flight: u32, now_ms: u64) -> None:
        """See the base; RFC 5681, 3.2."""
        self._reduce(in_flight)
        self.window = self.threshold

    def timed_out(self, in_flight: u32, now_ms: u64) -> None:
        """See the base; RFC 5681, 3.1, equations 4 and the loss window."""
        self._reduce(in_flight)
        self.window = self.segment
        self.has_timed_out = True

    def idle(self, now_ms: u64) -> None:
        """See the base; RFC 5681, 4.1."""
        self.window = min(self.window, initial_window(self.segment))

    def _reduce(self, in_flight: u32) -> None:
        """Halves what was in flight (RFC 5681, equation 4)."""
        self.threshold = max(in_flight // 2, 2 * self.segment)
        self.pending = 0
