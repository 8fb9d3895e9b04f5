"""`CongestionControl`: how much may be in flight; algorithms implement it (RFC 5681).

Loss recovery asks only for `window`; what it tells is enough for algorithms that grow with time
(CUBIC, RFC 9438) and not only with ACKs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import struct, u32, u64

INITIAL_WINDOW_SEGMENTS: u32 = 10
INITIAL_WINDOW_BYTES: u32 = 14600


@struct
class CongestionControl(ABC):
    """The congestion window of a connection. Bytes everywhere."""

    window: u32 = 0
    """cwnd."""
    threshold: u32 = 0xFFFF_FFFF
    """ssthresh."""
    segment: u32 = 0
    """SMSS."""

    @abstractmethod
    def start(self, segment: u32) -> None:
        """Begins with the initial window for segments of this size."""

    @abstractmethod
    def acknowledged(self, count: u32, now_ms: u64, round_trip_ms: u32) -> None:
        """New data was acknowledged while the window was in use, outside of fast recovery."""

    @abstractmethod
    def loss_noticed(self, in_flight: u32, now_ms: u64) -> None:
        """Fast recovery begins: reduces `threshold` and `window`."""

    @abstractmethod
    def timed_out(self, in_flight: u32, now_ms: u64) -> None:
        """The retransmission timer ran out for the first time: reduces, and starts slowly."""

    @abstractmethod
    def idle(self, now_ms: u64) -> None:
        """Nothing was sent for a retransmission timeout (RFC 5681, 4.1)."""

    def resize(self, segment: u32) -> None:
        """Segments have another size now: the path's MTU has changed (RFC 1191, 6.4)."""
        self.segment = segment
        self.window = max(self.window, segment)


def initial_window(segment: u32) -> u32:
    """Returns IW (RFC 6928, 2)."""
    return min(INITIAL_WINDOW_SEGMENTS * segment, max(2 * segment, INITIAL_WINDOW_BYTES))
