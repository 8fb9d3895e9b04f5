"""Times as they cross the border. Linux AArch64, include/uapi/linux/time.h and time_types.h."""

from bare import i32, i64, inline, struct, u64

CLOCK_REALTIME: i32 = 0
CLOCK_MONOTONIC: i32 = 1
"""Counts from the kernel's first instruction."""
CLOCK_PROCESS_CPUTIME_ID: i32 = 2
CLOCK_THREAD_CPUTIME_ID: i32 = 3
CLOCK_MONOTONIC_RAW: i32 = 4
CLOCK_REALTIME_COARSE: i32 = 5
CLOCK_MONOTONIC_COARSE: i32 = 6
CLOCK_BOOTTIME: i32 = 7

TIMER_ABSTIME: i32 = 1

UTIME_NOW: i64 = 0x3FFF_FFFF
UTIME_OMIT: i64 = 0x3FFF_FFFE

NS_PER_SECOND: u64 = 1_000_000_000
NS_PER_US: u64 = 1_000
NS_PER_MS: u64 = 1_000_000


@struct(size=16)
class TimeSpec:
    """`struct timespec`: a time or an interval."""

    seconds: i64 = 0
    nanoseconds: i64 = 0


@struct(size=16)
class TimeVal:
    """`struct timeval`."""

    seconds: i64 = 0
    microseconds: i64 = 0


@struct(size=32)
class FileTimes:
    """What `utimensat` takes; UTIME_NOW and UTIME_OMIT stand for nanoseconds."""

    accessed: TimeSpec = inline()
    modified: TimeSpec = inline()


@struct(size=8)
class TimeZone:
    """`struct timezone`: always zero."""

    minutes_west: i32 = 0
    dst_time: i32 = 0


@struct(size=32)
class ProcessTimes:
    """`struct tms`, in ticks of `CLOCK_TICKS` a second."""

    user: i64 = 0
    system: i64 = 0
    children_user: i64 = 0
    children_system: i64 = 0
