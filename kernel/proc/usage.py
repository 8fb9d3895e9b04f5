"""What processes used: the times and counts of `getrusage`, `times` and `wait4`."""

from __future__ import annotations

from abi.process import ResourceUsage
from abi.time import NS_PER_SECOND, NS_PER_US, TimeVal
from bare import i64, struct, u64
from kernel.proc.process import Process


@struct
class CpuTimes:
    """Nanoseconds in the program and in the kernel."""

    user_ns: u64 = 0
    system_ns: u64 = 0


def own_times(process: Process, times: CpuTimes) -> None:
    """Returns what a process used itself. Table lock held, or the process is the running one."""
    thread = process.thread
    if thread is None:
        times.user_ns = process.own_user_ns
        times.system_ns = process.own_system_ns
    else:
        times.user_ns = thread.user_ns
        times.system_ns = thread.system_ns


def write_usage(usage: ResourceUsage, user_ns: u64, system_ns: u64) -> None:
    """Fills in the times of a record."""
    write_time(usage.user_time, user_ns)
    write_time(usage.system_time, system_ns)


def write_time(time: TimeVal, value_ns: u64) -> None:
    """Splits nanoseconds into seconds and microseconds."""
    time.seconds = i64(value_ns // NS_PER_SECOND)
    time.microseconds = i64(value_ns % NS_PER_SECOND // NS_PER_US)
