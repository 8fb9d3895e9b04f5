"""The clocks, as plain numbers."""

from __future__ import annotations

from abi.time import CLOCK_MONOTONIC, CLOCK_REALTIME, NS_PER_SECOND, TimeSpec
from bare import i32, i64, u64
from user.lib import sys

NS_A_SECOND: i64 = NS_PER_SECOND


def monotonic_ns() -> u64:
    """Returns nanoseconds since boot; they never go back."""
    return u64(read_ns(CLOCK_MONOTONIC))


def wall_seconds() -> i64:
    """Returns seconds since 1970."""
    return read_ns(CLOCK_REALTIME) // NS_A_SECOND


def read_ns(clock: i32) -> i64:
    """Returns a clock in nanoseconds; 0 where there is no such clock."""
    now = TimeSpec()
    try:
        sys.clock_gettime(clock, now)
    except OSError:
        return 0
    return now.seconds * NS_A_SECOND + now.nanoseconds
