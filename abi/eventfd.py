"""Counters and timers behind descriptors: eventfd(2), timerfd_create(2).

Linux, include/uapi/linux/{eventfd,timerfd}.h.
"""

from abi.time import TimeSpec
from bare import inline, struct, u32

EFD_SEMAPHORE: u32 = 1
"""A read takes 1 instead of everything."""
EFD_CLOEXEC: u32 = 0x8_0000
EFD_NONBLOCK: u32 = 0x800

TFD_CLOEXEC: u32 = 0x8_0000
TFD_NONBLOCK: u32 = 0x800
TFD_TIMER_ABSTIME: u32 = 1
"""The first expiration is a time of the clock, not an interval from now."""


@struct(size=32)
class TimerSpec:
    """`struct itimerspec`: when a timer expires, and then how often; zero: never, once."""

    interval: TimeSpec = inline()
    first: TimeSpec = inline()
