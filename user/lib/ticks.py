"""A monotonic clock without a system call: the CPU's counter, which the kernel lets programs read.

Good for timeouts and intervals. What the time is, `sys.clock_gettime` knows.
"""

from __future__ import annotations

from bare import i64, u64
from bare.unsafe import read_system_register

MS_PER_SECOND: u64 = 1000
NS_PER_SECOND: u64 = 1_000_000_000


def monotonic_ms() -> i64:
    """Returns milliseconds since some moment before the program began."""
    frequency = read_system_register("CNTFRQ_EL0")
    ticks = read_system_register("CNTVCT_EL0")
    seconds = ticks // frequency
    return i64(seconds * MS_PER_SECOND + ticks % frequency * MS_PER_SECOND // frequency)


def counter_ticks() -> u64:
    """Returns the counter itself: the least that a look at the time can cost."""
    return read_system_register("CNTVCT_EL0")


def interval_ns(ticks: u64) -> u64:
    """Returns an interval of the counter in nanoseconds; it is shorter than ten seconds."""
    return ticks * NS_PER_SECOND // read_system_register("CNTFRQ_EL0")
