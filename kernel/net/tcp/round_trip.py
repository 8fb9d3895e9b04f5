"""`RoundTrip`: the smoothed round trip time and the retransmission timeout (RFC 6298).

A sample is taken about once a round trip. With timestamps it is the age of what the peer echoes;
without, one segment at a time is timed, and none that was sent twice (Karn's algorithm).
"""

from __future__ import annotations

from bare import struct, u32, u64
from kernel.net.tcp.sequence import is_at_or_before
from kernel.net.tcp.settings import INITIAL_TIMEOUT_MS, MAXIMUM_TIMEOUT_MS, MINIMUM_TIMEOUT_MS

LARGEST_SAMPLE_MS = 60_000
"""What is measured above it says nothing: an echo that is older is a wrong one."""


@struct
class RoundTrip:
    """Times in milliseconds; the smoothed ones in eighths and quarters of it."""

    smoothed_8: u32 = 0
    """SRTT times 8."""
    variation_4: u32 = 0
    """RTTVAR times 4."""
    has_sample: bool = False
    timeout_ms: u32 = INITIAL_TIMEOUT_MS
    """RTO without backoff."""
    is_timing: bool = False
    """A segment that ends before `timed_end` was sent at `timed_ms` and is being timed. With
    timestamps these only say when the next sample may be taken.
    """
    timed_end: u32 = 0
    timed_ms: u64 = 0
    resent_ms: u64 = 0
    """When something was sent again last."""

    def begin_timing(self, end: u32, now_ms: u64) -> None:
        """Times a new segment, unless one is being timed."""
        if not self.is_timing:
            self.is_timing = True
            self.timed_end = end
            self.timed_ms = now_ms

    def note_resent(self, now_ms: u64) -> None:
        """Something was sent again: the ACK of what is timed may now wait for it (Karn)."""
        self.resent_ms = now_ms
        self.is_timing = False

    def is_timed(self, acknowledgment: u32) -> bool:
        """Says whether the segment that is being timed is acknowledged now."""
        return self.is_timing and is_at_or_before(self.timed_end, acknowledgment)

    def sample(self, measured_ms: u32) -> None:
        """Takes a measurement (RFC 6298, 2.2 and 2.3). Zero means less than a tick."""
        if measured_ms > LARGEST_SAMPLE_MS:
            return
        if not self.has_sample:
            self.has_sample = True
            self.smoothed_8 = measured_ms * 8
            self.variation_4 = measured_ms * 2
        else:
            smoothed = self.smoothed_8 // 8
            is_longer = measured_ms > smoothed
            error = measured_ms - smoothed if is_longer else smoothed - measured_ms
            self.variation_4 = self.variation_4 - self.variation_4 // 4 + error
            self.smoothed_8 = self.smoothed_8 - smoothed + measured_ms
        # The minimum is one of the variation, as Linux has it: a steady long path keeps a margin.
        timeout = self.smoothed_8 // 8 + max(self.variation_4, MINIMUM_TIMEOUT_MS)
        self.timeout_ms = min(timeout, MAXIMUM_TIMEOUT_MS)

    def timeout_after(self, backoff: u32) -> u32:
        """Returns the timeout after it ran out `backoff` times (RFC 6298, 5.5)."""
        return min(self.timeout_ms << min(backoff, 9), MAXIMUM_TIMEOUT_MS)
