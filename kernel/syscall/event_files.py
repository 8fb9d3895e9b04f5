"""Counters and timers behind descriptors."""

from __future__ import annotations

from abi.errno import EINVAL
from abi.eventfd import (
    EFD_CLOEXEC,
    EFD_NONBLOCK,
    EFD_SEMAPHORE,
    TFD_CLOEXEC,
    TFD_NONBLOCK,
    TFD_TIMER_ABSTIME,
    TimerSpec,
)
from abi.time import CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME
from bare import i32, invert, raises, saturating_add, saturating_sub, size_of, u32, u64
from kernel.arch.aarch64.layout import UserAddr
from kernel.ipc.eventfd import make_event
from kernel.ipc.timerfd import TimerFile, make_timer
from kernel.mm.user_copy import copy_in, copy_out, object_bytes
from kernel.syscall.call import Call
from kernel.syscall.time import nanoseconds_of, set_time
from kernel.time.timer_queue import NEVER


@raises()
def eventfd2(call: Call, first: u32, flags: u32) -> i32:
    """Makes a counter."""
    if flags & invert(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE) != 0:
        raise OSError(EINVAL)
    file = make_event(call.process.allocator, first, flags)
    return call.process.files.add(file, 0, flags & EFD_CLOEXEC != 0)


@raises()
def timerfd_create(call: Call, clock: i32, flags: u32) -> i32:
    """Makes a timer that is off."""
    is_known = clock in (CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME)
    if not is_known or flags & invert(TFD_CLOEXEC | TFD_NONBLOCK) != 0:
        raise OSError(EINVAL)
    process = call.process
    file = make_timer(process.allocator, call.services.clock, flags, clock == CLOCK_REALTIME)
    return process.files.add(file, 0, flags & TFD_CLOEXEC != 0)


@raises()
def timerfd_settime(call: Call, fd: i32, flags: u32, wanted: UserAddr, before: UserAddr) -> None:
    """Sets a timer."""
    if flags & invert(TFD_TIMER_ABSTIME) != 0:
        raise OSError(EINVAL)
    spec = TimerSpec()
    copy_in(object_bytes(spec, size_of(TimerSpec)), wanted)
    first_ns = nanoseconds_of(spec.first)
    interval_ns = nanoseconds_of(spec.interval)
    file = timer_of(call, fd)
    try:
        if before != 0:
            tell_timer(file, before)
        if first_ns == 0:
            file.set(NEVER, 0)
        else:
            file.set(expiration(call, file, first_ns, flags), interval_ns)
    finally:
        file.put()


@raises()
def timerfd_gettime(call: Call, fd: i32, current: UserAddr) -> None:
    """Tells when a timer expires."""
    file = timer_of(call, fd)
    try:
        tell_timer(file, current)
    finally:
        file.put()


def expiration(call: Call, file: TimerFile, first_ns: u64, flags: u32) -> u64:
    """Returns the first expiration by the clock since boot."""
    clock = call.services.clock
    left_ns = first_ns
    if flags & TFD_TIMER_ABSTIME != 0:
        if not file.is_of_wall_clock:
            return first_ns
        left_ns = saturating_sub(first_ns, u64(max(clock.wall_ns(), 0)))
    return saturating_add(clock.now_ns(), left_ns)


@raises()
def tell_timer(file: TimerFile, target: UserAddr) -> None:
    """Writes what is left of a timer, and its interval."""
    spec = TimerSpec()
    set_time(spec.first, file.left_ns())
    set_time(spec.interval, file.interval_ns)
    copy_out(target, object_bytes(spec, size_of(TimerSpec)))


@raises()
def timer_of(call: Call, fd: i32) -> TimerFile:
    """Returns the timer of a descriptor, with a reference. EBADF, EINVAL: it is none."""
    file = call.process.files.get(fd)
    if not isinstance(file, TimerFile):
        file.put()
        raise OSError(EINVAL)
    return file
