"""`RateLimit`: at most so many of something in a second, and a burst at once."""

from __future__ import annotations

from bare import saturating_sub, struct, u64


@struct
class RateLimit:
    """A bucket of `burst` tokens, one more every `interval_ns`, kept as the time at which it would
    be full again (the generic cell rate algorithm of ITU-T I.371).
    """

    interval_ns: u64 = 0
    burst: u64 = 0
    full_ns: u64 = 0

    def set_rate(self, per_second: u64, burst: u64) -> None:
        """Sets how much is allowed."""
        self.interval_ns = 1_000_000_000 // per_second
        self.burst = burst

    def allows(self, now_ns: u64) -> bool:
        """Takes a token; False where there is none."""
        if saturating_sub(self.full_ns, now_ns) > self.interval_ns * (self.burst - 1):
            return False
        self.full_ns = max(self.full_ns, now_ns) + self.interval_ns
        return True
