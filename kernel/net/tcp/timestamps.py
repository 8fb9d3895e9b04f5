"""The timestamps option: PAWS and the choice of what to echo (RFC 7323, 4.3 and 5)."""

from __future__ import annotations

from bare import u32, u64, wrap_u32, wrapping_add
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.segment import TcpSegment
from kernel.net.tcp.sequence import is_at_or_before, is_before

RECENT_LIFE_MS = 24 * 24 * 3600 * 1000
"""After this long TS.Recent may have wrapped around (RFC 7323, 5.5)."""


def is_too_old(connection: TcpConnection, now_ms: u64, segment: TcpSegment) -> bool:
    """PAWS (RFC 7323, 5.3): a timestamp from before TS.Recent is of an old duplicate."""
    timestamps = connection.timestamps
    if now_ms - timestamps.recent_ms > RECENT_LIFE_MS:
        return False
    return is_before(segment.timestamp, timestamps.recent)


def note_timestamp(connection: TcpConnection, now_ms: u64, segment: TcpSegment) -> None:
    """Takes over a timestamp of a segment that the last ACK was waiting for (RFC 7323, 4.3)."""
    timestamps = connection.timestamps
    if timestamps.is_on and is_at_or_before(segment.sequence, connection.receive.last_acknowledged):
        timestamps.recent = segment.timestamp
        timestamps.recent_ms = now_ms


def clock_value(offset: u32, now_ms: u64) -> u32:
    """Returns TSval: milliseconds, from somewhere (RFC 7323, 5.4)."""
    return wrapping_add(wrap_u32(now_ms), offset)
