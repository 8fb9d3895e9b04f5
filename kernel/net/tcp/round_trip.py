"""`RoundTrip`: the smoothed round trip time and the retransmission timeout (RFC 6298)."""

from __future__ import annotations

from bare import struct, u32


@struct
class RoundTrip:
    """Times in milliseconds; the smoothed ones in eighths and quarters of it."""

    smoothed_8: u32 = 0
    """SRTT times 8."""
    variation_4: u32 = 0
    """RTTVAR times 4."""
    has_sample: bool = False
    timeout_ms: u32 = 1000
    """RTO without backoff."""
