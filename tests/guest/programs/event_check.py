"""event_check - counters and timers as descriptors, in every way.

Prints `ok NAME` or `FAILED NAME` for each check, and at the end how many failed.
"""

from __future__ import annotations

from abi.epoll import EPOLLET, EPOLLIN
from abi.errno import EAGAIN, EINVAL
from abi.eventfd import EFD_NONBLOCK, EFD_SEMAPHORE, TFD_NONBLOCK, TFD_TIMER_ABSTIME, TimerSpec
from abi.file import PipeEnds
from abi.poll import POLLIN, POLLOUT
from abi.signal import SIGCHLD
from abi.time import CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_REALTIME, NS_PER_MS, TimeSpec
from bare import Array, array, errno_of, i32, i64, load_u64, raises, store_u64, u8, u32, u64
from tests.guest.checks import check, events_of, expect, finish
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.clock import monotonic_ns
from user.lib.socket import Epoll

LARGEST: u64 = 0xFFFF_FFFF_FFFF_FFFE
ENDLESS_S: i64 = 1 << 62
LAST_S: i64 = 9_000_000_000
"""The longest time that is counted; beyond it is never."""


@raises()
def add(fd: i32, value: u64) -> None:
    """Adds to a counter."""
    data: Array[u8] = array(8)
    store_u64(data, 0, value)
    sys.write(fd, data)


@raises()
def take(fd: i32) -> u64:
    """Reads a counter or a timer."""
    data: Array[u8] = array(8)
    sys.read(fd, data)
    return load_u64(data, 0)


def error_of_add(fd: i32, value: u64) -> i32:
    """Returns what adding says."""
    try:
        add(fd, value)
    except OSError as error:
        return errno_of(error)
    return 0


def error_of_take(fd: i32) -> i32:
    """Returns what reading says."""
    try:
        take(fd)
    except OSError as error:
        return errno_of(error)
    return 0


@raises()
def check_counter() -> None:
    """A counter that does not block."""
    fd = sys.eventfd2(3, EFD_NONBLOCK)
    check("first value", take(fd) == 3)
    expect("nothing left", EAGAIN, error_of_take(fd))
    check("only writable", events_of(fd, POLLIN | POLLOUT) == POLLOUT)
    add(fd, 5)
    add(fd, 7)
    check("both", events_of(fd, POLLIN | POLLOUT) == POLLIN | POLLOUT)
    check("sum", take(fd) == 12)
    expect("too large", EINVAL, error_of_add(fd, LARGEST + 1))
    add(fd, LARGEST)
    expect("overflow", EAGAIN, error_of_add(fd, 1))
    check("only readable", events_of(fd, POLLIN | POLLOUT) == POLLIN)
    check("largest", take(fd) == LARGEST)
    short: Array[u8] = array(7)
    error: i32 = 0
    try:
        sys.read(fd, short)
    except OSError as failure:
        error = errno_of(failure)
    expect("short read", EINVAL, error)
    sys.close(fd)
    fd = sys.eventfd2(2, EFD_NONBLOCK | EFD_SEMAPHORE)
    check("one", take(fd) == 1)
    check("and one", take(fd) == 1)
    expect("no third", EAGAIN, error_of_take(fd))
    sys.close(fd)


@raises()
def check_waiting() -> None:
    """Two processes that wake each other."""
    there = sys.eventfd2(0, 0)
    back = sys.eventfd2(0, 0)
    child = sys.clone(u64(SIGCHLD), 0, 0, 0, 0)
    if child == 0:
        total: u64 = 0
        for _ in range(100):
            total += take(there)
            add(back, total)
        sys.exit_group(0)
    is_right = True
    wanted: u64 = 0
    for number in range(u64(100)):
        add(there, number + 1)
        wanted += number + 1
        is_right = is_right and take(back) == wanted
    check("ping and pong", is_right)
    status: Array[i32] = array(1)
    sys.wait4(child, status, 0, None)
    sys.close(there)
    sys.close(back)


@raises()
def set_timer(fd: i32, flags: u32, first_ns: u64, interval_ns: u64) -> None:
    """Sets a timer; times of up to a second from 0 on."""
    spec = TimerSpec()
    spec.first.seconds = i64(first_ns // 1_000_000_000)
    spec.first.nanoseconds = i64(first_ns % 1_000_000_000)
    spec.interval.nanoseconds = i64(interval_ns)
    sys.timerfd_settime(fd, flags, spec, None)


@raises()
def check_timer() -> None:
    """A timer that is waited for."""
    fd = sys.timerfd_create(CLOCK_MONOTONIC, 0)
    started_ns = monotonic_ns()
    set_timer(fd, 0, 20 * NS_PER_MS, 0)
    check("not before", events_of(fd, POLLIN) == 0)
    check("once", take(fd) == 1)
    check("not too early", monotonic_ns() - started_ns >= 20 * NS_PER_MS)
    set_timer(fd, 0, 5 * NS_PER_MS, 5 * NS_PER_MS)
    sum_of_three = take(fd) + take(fd) + take(fd)
    check("again and again", sum_of_three >= 3)
    spec = TimerSpec()
    sys.timerfd_gettime(fd, spec)
    check("interval is told", spec.interval.nanoseconds == i64(5 * NS_PER_MS))
    check("rest is told", 0 <= spec.first.nanoseconds <= i64(5 * NS_PER_MS))
    sys.close(fd)


@raises()
def check_late_reader() -> None:
    """Expirations that nobody read are counted, from a time of the clock on."""
    fd = sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
    expect("off", EAGAIN, error_of_take(fd))
    now_ns = monotonic_ns()
    set_timer(fd, TFD_TIMER_ABSTIME, now_ns - 50 * NS_PER_MS, 10 * NS_PER_MS)
    check("late", take(fd) >= 6)
    set_timer(fd, 0, 0, 0)
    sys.nanosleep(TimeSpec(0, i64(20 * NS_PER_MS)), None)
    expect("off again", EAGAIN, error_of_take(fd))
    sys.close(fd)
    fd = sys.timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK)
    set_timer(fd, TFD_TIMER_ABSTIME, 1, 0)
    check("1970 is over", take(fd) == 1)
    error: i32 = 0
    try:
        sys.timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0)
    except OSError as failure:
        error = errno_of(failure)
    expect("no such clock", EINVAL, error)
    ends = PipeEnds()
    sys.pipe2(ends, 0)
    error = 0
    try:
        set_timer(ends.read_end, 0, 1, 0)
    except OSError as failure:
        error = errno_of(failure)
    expect("no timer", EINVAL, error)
    sys.close(ends.read_end)
    sys.close(ends.write_end)
    sys.close(fd)


@raises()
def check_endless_interval() -> None:
    """An interval beyond what the clock can count: it expires once, and never again."""
    fd = sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
    spec = TimerSpec()
    spec.first.nanoseconds = 1
    spec.interval.seconds = ENDLESS_S
    sys.timerfd_settime(fd, 0, spec, None)
    sys.nanosleep(TimeSpec(0, i64(NS_PER_MS)), None)
    check("endless interval", take(fd) == 1)
    expect("never again", EAGAIN, error_of_take(fd))
    sys.timerfd_gettime(fd, spec)
    check("still tells", spec.interval.seconds > 0)
    spec = TimerSpec()
    spec.first.seconds = LAST_S
    spec.interval.seconds = LAST_S
    sys.timerfd_settime(fd, TFD_TIMER_ABSTIME, spec, None)
    expect("far away", EAGAIN, error_of_take(fd))
    sys.close(fd)


@raises()
def check_epoll() -> None:
    """An epoll tells of both, once for each wake-up where it is edge-triggered."""
    epoll = Epoll()
    epoll.open()
    event = sys.eventfd2(0, EFD_NONBLOCK)
    timer = sys.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
    epoll.add(event, EPOLLIN | EPOLLET, 1)
    epoll.add(timer, EPOLLIN, 2)
    check("neither", epoll.wait(0) == 0)
    add(event, 1)
    check("counter", epoll.wait(1000) == 1 and epoll.events[0].data == 1)
    check("told once", epoll.wait(0) == 0)
    add(event, 1)
    check("told again", epoll.wait(1000) == 1)
    set_timer(timer, 0, NS_PER_MS, 0)
    check("timer", epoll.wait(10_000) == 1 and epoll.events[0].data == 2)
    set_timer(timer, 0, 900 * NS_PER_MS, 0)
    sys.close(timer)
    check("closed while it runs", epoll.wait(0) == 0)
    sys.close(event)
    epoll.close()


@raises()
def run() -> None:
    """Checks everything."""
    check_counter()
    check_waiting()
    check_timer()
    check_late_reader()
    check_endless_interval()
    check_epoll()


def main(arguments: Arguments) -> i32:
    """Runs the checks."""
    try:
        run()
    except OSError as error:
        print(f"FAILED with error {errno_of(error)}")
        return 1
    return finish("event_check")
