"""Bodies of the calls that read clocks and sleep."""

from __future__ import annotations

from abi.errno import EFAULT, EINTR, EINVAL
from abi.limits import CLOCK_TICKS
from abi.time import (
    CLOCK_BOOTTIME,
    CLOCK_MONOTONIC,
    CLOCK_MONOTONIC_COARSE,
    CLOCK_MONOTONIC_RAW,
    CLOCK_PROCESS_CPUTIME_ID,
    CLOCK_REALTIME,
    CLOCK_REALTIME_COARSE,
    CLOCK_THREAD_CPUTIME_ID,
    NS_PER_SECOND,
    NS_PER_US,
    TIMER_ABSTIME,
    ProcessTimes,
    TimeSpec,
    TimeVal,
    TimeZone,
)
from bare import i32, i64, raises, saturating_sub, size_of, u32, u64
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import copy_in, copy_out, object_bytes
from kernel.proc.usage import CpuTimes, own_times
from kernel.syscall.call import Call
from kernel.time.clock import Clock

NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF
LONGEST_SECONDS: i64 = 9_000_000_000
"""Larger times would not fit 64 bits of nanoseconds; they are as good as for ever."""
TICK_NS: u64 = NS_PER_SECOND // CLOCK_TICKS


@raises(EFAULT, EINVAL)
def clock_gettime(call: Call, clock: i32, time: UserAddr) -> None:
    """Reads a clock."""
    record = TimeSpec()
    set_time(record, read_clock(call, clock))
    copy_out(time, object_bytes(record, size_of(TimeSpec)))


@raises(EINVAL)
def read_clock(call: Call, clock: i32) -> u64:
    """Returns the nanoseconds that a clock shows."""
    if clock in (CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME):
        return call.services.clock.now_ns()
    if clock in (CLOCK_REALTIME, CLOCK_REALTIME_COARSE):
        return u64(max(call.services.clock.wall_ns(), 0))
    if clock in (CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID):
        return cpu_time(call)
    raise OSError(EINVAL)


def cpu_time(call: Call) -> u64:
    """Returns the CPU time that the calling process has used up to now."""
    state = mask_interrupts()
    call.thread.home.account()
    restore_interrupts(state)
    return call.thread.user_ns + call.thread.system_ns


@raises(EFAULT, EINVAL)
def clock_getres(call: Call, clock: i32, resolution: UserAddr) -> None:
    """Tells a clock's resolution: that of the counter, taken as a nanosecond."""
    read_clock(call, clock)
    if resolution != 0:
        record = TimeSpec(0, 1)
        copy_out(resolution, object_bytes(record, size_of(TimeSpec)))


@raises(EFAULT, EINTR, EINVAL)
def clock_nanosleep(
    call: Call, clock: i32, flags: u32, request: UserAddr, remaining: UserAddr
) -> None:
    """Sleeps for or until a time."""
    if clock not in (CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME):
        raise OSError(EINVAL)
    time = TimeSpec()
    read_time(request, time)
    if flags & u32(TIMER_ABSTIME) == 0:
        sleep_for(call, time, remaining)
        return
    until = nanoseconds_of(time)
    if clock == CLOCK_REALTIME:
        left = saturating_sub(until, u64(max(call.services.clock.wall_ns(), 0)))
        until = call.services.clock.now_ns() + min(left, NEVER >> 1)
    call.services.scheduler.sleep_until(until)


@raises(EFAULT, EINTR, EINVAL)
def nanosleep(call: Call, request: UserAddr, remaining: UserAddr) -> None:
    """Sleeps for a time."""
    time = TimeSpec()
    read_time(request, time)
    sleep_for(call, time, remaining)


@raises(EFAULT, EINTR, EINVAL)
def sleep_for(call: Call, time: TimeSpec, remaining: UserAddr) -> None:
    """Sleeps and, when a signal ends it, tells what was left.

    A sleep that starts again after a signal without handler keeps its end.
    """
    clock = call.services.clock
    deadline = call.thread.resumed_deadline(deadline_of(clock, time))
    try:
        call.services.scheduler.sleep_until(deadline)
    except OSError:
        if remaining != 0:
            record = TimeSpec()
            set_time(record, saturating_sub(deadline, clock.now_ns()))
            copy_out(remaining, object_bytes(record, size_of(TimeSpec)))
        call.thread.deadline_ns = deadline
        raise


@raises(EFAULT)
def gettimeofday(call: Call, time: UserAddr, zone: UserAddr) -> None:
    """Reads the time of day."""
    now = u64(max(call.services.clock.wall_ns(), 0))
    if time != 0:
        record = TimeVal(i64(now // NS_PER_SECOND), i64(now % NS_PER_SECOND // NS_PER_US))
        copy_out(time, object_bytes(record, size_of(TimeVal)))
    if zone != 0:
        nowhere = TimeZone()
        copy_out(zone, object_bytes(nowhere, size_of(TimeZone)))


@raises(EFAULT)
def times(call: Call, record: UserAddr) -> i64:
    """Tells CPU times in ticks."""
    if record != 0:
        used = CpuTimes()
        own_times(call.process, used)
        answer = ProcessTimes(
            i64(used.user_ns // TICK_NS),
            i64(used.system_ns // TICK_NS),
            i64(call.process.children_user_ns // TICK_NS),
            i64(call.process.children_system_ns // TICK_NS),
        )
        copy_out(record, object_bytes(answer, size_of(ProcessTimes)))
    return i64(call.services.clock.now_ns() // TICK_NS)


@raises(EFAULT)
def read_time(address: UserAddr, into: TimeSpec) -> None:
    """Reads a time of the program."""
    copy_in(object_bytes(into, size_of(TimeSpec)), address)


@raises(EINVAL)
def deadline_of(clock: Clock, time: TimeSpec) -> u64:
    """Returns when an interval that starts now is over."""
    interval = nanoseconds_of(time)
    now = clock.now_ns()
    return NEVER if interval > NEVER - now else now + interval


@raises(EINVAL)
def nanoseconds_of(time: TimeSpec) -> u64:
    """Returns a time in nanoseconds; EINVAL: not a proper time."""
    if time.seconds < 0 or not 0 <= time.nanoseconds < i64(NS_PER_SECOND):
        raise OSError(EINVAL)
    if time.seconds > LONGEST_SECONDS:
        return NEVER
    return u64(time.seconds) * NS_PER_SECOND + u64(time.nanoseconds)


def set_time(record: TimeSpec, value_ns: u64) -> None:
    """Fills in a time."""
    record.seconds = i64(value_ns // NS_PER_SECOND)
    record.nanoseconds = i64(value_ns % NS_PER_SECOND)
