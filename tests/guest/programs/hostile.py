"""hostile - make system calls with which a program once could stop or hold up the machine.

usage: hostile ATTACK

One attack a call; `tests/guest/test_hostile.py` lists them. Each ends with `hostile: ok` if the
kernel answered as it should.
"""

from __future__ import annotations

from abi.errno import EAGAIN, ENOMEM
from abi.file import AT_FDCWD, F_GETFL, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, IoVec, PipeEnds
from abi.memory import MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE
from abi.signal import (
    SA_ONSTACK,
    SA_SIGINFO,
    SIG_BLOCK,
    SIG_IGN,
    SIGCHLD,
    SIGHUP,
    SIGKILL,
    SIGNAL_COUNT,
    SIGSTOP,
    SIGUSR1,
    SS_DISABLE,
    SigAction,
    SigInfo,
    SigSet,
    SigStack,
    UContext,
)
from abi.system import CpuInfo, SystemInfo
from abi.time import CLOCK_MONOTONIC, NS_PER_SECOND, TimeSpec
from bare import (
    Array,
    Bytes,
    Span,
    array,
    errno_of,
    i32,
    i64,
    inline,
    raises,
    struct,
    text,
    u8,
    u64,
    wrap_u32,
)
from bare.unsafe import (
    address_of,
    function_address,
    object_at,
    span_at,
    static_array,
    static_object,
)
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.svc import svc

ALL_ONES: u64 = 0xFFFF_FFFF_FFFF_FFFF
FAR_RECORDS: tuple[u64, ...] = (ALL_ONES, ALL_ONES - 1, 1 << 63)
OPENAT: u64 = 56
LOG_READ: u64 = 1028
BUFFER_BYTES: u64 = 1 << 20
VECTORS = 1024
"""As many buffers as a call takes; all are the same one, so a call moves 1 GiB."""
RANDOM_BYTES: u64 = 8 << 20
NAP_NS: i64 = 5_000_000
WORTHWHILE_NS: u64 = 250_000_000
"""A call that is shorter shows nothing about holding up others."""
SCRATCH = b"/tmp/hostile"
PAGE: u64 = 4096
CHUNK: u64 = 1 << 20
FOR_PIPES: u64 = 12 << 20
"""Bytes of memory that are filled by pipes, which say when there is none; the rest is touched."""
GOODBYE = b"hostile: gives back\n"
GREEDY_NS: u64 = 3 * NS_PER_SECOND


@struct
class Failures:
    """What went wrong: the one place that a handler can reach."""

    count: u64 = 0


def failures() -> Failures:
    """Returns the count."""
    # SAFETY: zeroed data of its own.
    return static_object(Failures)


def check(name: str, is_right: bool) -> None:
    """Reports one check that failed."""
    if not is_right:
        failures().count += 1
        print(f"FAILED {name}")


@raises()
def fork() -> i32:
    """Makes a copy of this process."""
    return sys.clone(u64(SIGCHLD), 0, 0, 0, 0)


@raises()
def status_of(pid: i32) -> i32:
    """Waits for a child and returns its status."""
    status: Array[i32] = array(1)
    sys.wait4(pid, status[:], 0, None)
    return status[0]


@raises()
def nap(duration_ns: i64) -> None:
    """Sleeps for less than a second."""
    sys.nanosleep(TimeSpec(0, duration_ns), None)


@raises()
def now_ns() -> u64:
    """Returns the time since boot."""
    time = TimeSpec()
    sys.clock_gettime(CLOCK_MONOTONIC, time)
    return u64(time.seconds) * NS_PER_SECOND + u64(time.nanoseconds)


@raises()
def open_with_unknown_flags() -> None:
    """Opens with every single flag and asks for the flags of the file."""
    name: Array[u8] = array(16)
    name[:9].copy_from(b"/dev/null")
    for bit in range(u64(32)):
        fd = svc(OPENAT, u64(wrap_u32(AT_FDCWD)), address_of(name), 1 << bit, 0)
        if fd < ALL_ONES - PAGE:
            flags = sys.fcntl(i32(fd), F_GETFL, 0)
            check("flags that Linux does not know are dropped", flags & ~0xFF_FFFF == 0)
            sys.close(i32(fd))


def spoil_stack(_signal: i32, _info: u64, context: u64) -> None:
    """A handler that writes an impossible alternate stack into its own frame."""
    # SAFETY: the kernel passes the address of the context in the frame.
    stack = object_at(UContext, context).stack
    stack.base = ALL_ONES
    stack.size = ALL_ONES
    stack.flags = 0


@raises()
def return_to_a_bad_stack() -> None:
    """Returns from a handler with a bad alternate stack, then gets another signal on it."""
    action = SigAction(function_address(spoil_stack), SA_SIGINFO | SA_ONSTACK, 0, 0)
    sys.rt_sigaction(SIGUSR1, action, None)
    for _ in range(2):
        sys.kill(sys.getpid(), SIGUSR1)
        stack = SigStack()
        sys.sigaltstack(None, stack)
        check("no stack comes of a bad one", stack.flags == SS_DISABLE and stack.size == 0)


@raises()
def await_kill() -> None:
    """Waits for SIGKILL as if it could be taken, and for each other signal."""
    everything = SigSet(ALL_ONES)
    for signal in range(i32(1), i32(SIGNAL_COUNT) + 1):
        if signal not in (SIGKILL, SIGSTOP):
            sys.rt_sigprocmask(SIG_BLOCK, everything, None)
            sys.kill(sys.getpid(), signal)
            info = SigInfo()
            check("each signal is taken", sys.rt_sigtimedwait(everything, info, None) == signal)
            check("it says which it is", info.signal == signal)
    pid = fork()
    if pid == 0:
        sys.rt_sigtimedwait(everything, None, None)
        sys.exit_group(0)
    nap(NAP_NS)
    sys.kill(pid, SIGKILL)
    check("SIGKILL ends who waits for it", status_of(pid) == SIGKILL)


@raises()
def fail_far_away() -> None:
    """Asks for the failure of an allocation that never comes."""
    sys.fail_allocation(ALL_ONES)
    check("a failure that is far away waits", sys.fail_allocation(0) == 1)


@raises()
def read_log_from_nowhere() -> None:
    """Reads the log from impossible numbers on."""
    # SAFETY: zeroed storage of its own.
    buffer = static_array(u8, 4096)
    for first in FAR_RECORDS:
        size = svc(LOG_READ, first, address_of(buffer), ALL_ONES)
        check("there is nothing", size == 0)


@raises()
def map_memory(size: u64) -> Span[u8]:
    """Maps zeroed memory."""
    start = sys.mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    # SAFETY: the kernel has just mapped it.
    return span_at(u8, start, size)


@raises()
def read_much(name: Bytes) -> u64:
    """Reads 1 GiB from a file; returns how much it got."""
    buffer = map_memory(BUFFER_BYTES)
    # SAFETY: zeroed storage of its own.
    vectors = static_array(IoVec, VECTORS)
    for vector in vectors:
        vector.base = address_of(buffer)
        vector.length = BUFFER_BYTES
    fd = sys.openat(AT_FDCWD, name, O_RDONLY, 0)
    count = sys.readv(fd, vectors)
    sys.close(fd)
    sys.munmap(address_of(buffer), BUFFER_BYTES)
    return count


@raises()
def move_much(kind: Bytes) -> None:
    """Makes one call that takes long."""
    if kind == b"random":
        buffer = map_memory(RANDOM_BYTES)
        sys.getrandom(buffer, 0)
        sys.munmap(address_of(buffer), RANDOM_BYTES)
    elif kind == b"sparse":
        fd = sys.openat(AT_FDCWD, SCRATCH, O_CREAT | O_RDWR, 0o600)
        sys.ftruncate(fd, 1 << 31)
        sys.close(fd)
        read_much(SCRATCH)
        sys.unlinkat(AT_FDCWD, SCRATCH, 0)
    else:
        read_much(b"/dev/zero")


@raises()
def hold_up(kind: Bytes) -> None:
    """Has a child make a long call; others go on meanwhile, and it can be killed at once."""
    start = now_ns()
    move_much(kind)
    whole = now_ns() - start
    check("the call takes long enough to tell", whole >= WORTHWHILE_NS)
    pid = fork()
    if pid == 0:
        move_much(kind)
        sys.exit_group(0)
    start = now_ns()
    nap(NAP_NS)
    slept = now_ns() - start
    sys.kill(pid, SIGKILL)
    start = now_ns()
    check("the child was still at it", status_of(pid) == SIGKILL)
    died = now_ns() - start
    check("others run meanwhile", slept < whole // 4)
    check("a kill works at once", died < whole // 4)
    if failures().count > 0:
        print(f"{text(kind)}: alone {whole} ns, a nap beside it {slept} ns, a kill {died} ns")
    if kind == b"sparse":
        sys.unlinkat(AT_FDCWD, SCRATCH, 0)


@raises()
def be_interrupted() -> None:
    """Makes long calls until ^C."""
    sys.write(1, b"moving\n")
    while True:
        read_much(b"/dev/zero")


@raises()
def spare_memory() -> u64:
    """Returns the bytes of the machine that are free or can be freed."""
    info = SystemInfo()
    cpus: Array[CpuInfo] = array(1)
    sys.sysinfo(info, cpus[:])
    return info.memory_free + info.page_cache


@struct
class Sink:
    """Takes memory page by page, without being killed for it: pipes that nobody reads."""

    ends: PipeEnds = inline()
    page: Array[u8] = array(PAGE)

    def take_all(self) -> None:
        """Fills pipes until the kernel has no memory for one more page."""
        while self.take_page() != ENOMEM:
            pass

    def take_page(self) -> i32:
        """Writes a page; returns 0 or the error."""
        try:
            if self.ends.write_end == 0:
                sys.pipe2(self.ends, O_NONBLOCK)
            sys.write(self.ends.write_end, self.page)
        except OSError as error:
            if errno_of(error) == EAGAIN:
                self.ends.write_end = 0
                return 0
            return errno_of(error)
        return 0


@raises()
def starve_init() -> None:
    """Takes all memory, kills the shell, and gives the memory back after some seconds.

    Then init must start a shell, for which it needs memory, and must not end because there is none.
    """
    shell = sys.getppid()
    if fork() > 0:
        sys.nanosleep(TimeSpec(1000, 0), None)
        return
    sys.rt_sigaction(SIGHUP, SigAction(SIG_IGN, 0, 0, 0), None)
    sys.setsid()
    # SAFETY: zeroed data of its own.
    sink = static_object(Sink)
    goodbye = sink.page[: len(GOODBYE)]
    # A page that is first touched when there is no memory would end this program.
    goodbye.copy_from(GOODBYE)
    hold_memory(sink, now_ns())
    sys.write(1, b"")
    while spare_memory() > FOR_PIPES:
        touch_all(map_memory(CHUNK))
    sink.take_all()
    sys.kill(shell, SIGKILL)
    hold_memory(sink, now_ns() + GREEDY_NS)
    sys.write(1, goodbye)
    sys.exit_group(0)


@raises()
def hold_memory(sink: Sink, end: u64) -> None:
    """Takes a page, and then all that others give back until a time."""
    sink.take_page()
    while now_ns() < end:
        sink.take_all()
        sys.sched_yield()


def touch_all(memory: Span[u8]) -> None:
    """Has every page of a range backed by memory."""
    for offset in range(u64(0), len(memory), PAGE):
        memory[offset] = 1


@raises()
def attack(name: Bytes) -> None:
    """Makes one attack."""
    if name == b"flags":
        open_with_unknown_flags()
    elif name == b"stack":
        return_to_a_bad_stack()
    elif name == b"wait":
        await_kill()
    elif name == b"failure":
        fail_far_away()
    elif name == b"log":
        read_log_from_nowhere()
    elif name == b"interrupt":
        be_interrupted()
    elif name == b"starve":
        starve_init()
    else:
        hold_up(name)


def main(arguments: Arguments) -> i32:
    """Makes the attack."""
    try:
        attack(arguments.get(1))
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    if failures().count > 0:
        return 1
    print("hostile: ok")
    return 0
