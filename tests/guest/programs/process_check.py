"""process_check - make, signal, wait for and end processes in every way, and count the memory."""

from __future__ import annotations

from abi.errno import EACCES, ECHILD, EINTR, EINVAL, ENOENT, ENOEXEC, ESRCH
from abi.file import PipeEnds
from abi.process import WCONTINUED, WNOHANG, WUNTRACED
from abi.signal import (
    SA_RESTART,
    SIG_BLOCK,
    SIG_DFL,
    SIG_IGN,
    SIG_UNBLOCK,
    SIGCHLD,
    SIGCONT,
    SIGINT,
    SIGKILL,
    SIGPIPE,
    SIGSTOP,
    SIGTERM,
    SIGTRAP,
    SIGUSR1,
    SigAction,
    SigSet,
)
from abi.system import CpuInfo, SystemInfo
from abi.time import CLOCK_MONOTONIC, TimeSpec
from bare import (
    Array,
    Bytes,
    Span,
    array,
    encode,
    errno_of,
    i32,
    i64,
    raises,
    struct,
    u8,
    u64,
    usize,
)
from bare.unsafe import Pointer, function_address, static_object
from user.lib import sys
from user.lib.arguments import Arguments

MANY = 100
ALIVE = 40
MILLISECOND = 1_000_000


@struct
class Counters:
    """What handlers count: the one place that they can reach."""

    handled: u64 = 0
    last: i32 = 0
    failures: u64 = 0


def counters() -> Counters:
    """Returns the counters."""
    # SAFETY: zeroed data of its own.
    return static_object(Counters)


def check(name: str, is_right: bool) -> None:
    """Reports one check."""
    if is_right:
        print(f"ok {name}")
    else:
        counters().failures += 1
        print(f"FAILED {name}")


def on_signal(signal: i32) -> None:
    """Counts a signal: the handler of all that are caught."""
    counters().handled += 1
    counters().last = signal


@raises()
def catch_signal(signal: i32, flags: u64) -> None:
    """Installs the counting handler."""
    action = SigAction(function_address(on_signal), flags, 0, 0)
    sys.rt_sigaction(signal, action, None)


@raises()
def reset_signal(signal: i32, handler: u64) -> None:
    """Sets a signal to ignored or default."""
    sys.rt_sigaction(signal, SigAction(handler, 0, 0, 0), None)


@raises()
def fork() -> i32:
    """Makes a copy of this process."""
    return sys.clone(u64(SIGCHLD), 0, 0, 0, 0)


@raises()
def wait_status(pid: i32, options: i32) -> i32:
    """Waits for a child; returns its status, -1 if it had none."""
    status: Array[i32] = array(1)
    if sys.wait4(pid, status[:], options, None) == 0:
        return -1
    return status[0]


@raises()
def pause_ms(milliseconds: i64) -> None:
    """Sleeps."""
    sys.nanosleep(TimeSpec(0, milliseconds * MILLISECOND), None)


@raises()
def free_memory() -> u64:
    """Returns the free bytes of the machine."""
    info = SystemInfo()
    cpus: Array[CpuInfo] = array(1)
    sys.sysinfo(info, cpus[:])
    return info.memory_free


@raises()
def check_exit() -> None:
    """Ends a child and asks for children that are not there."""
    pid = fork()
    if pid == 0:
        sys.exit_group(7)
    check("exit status", wait_status(pid, 0) == 7 << 8)
    try:
        wait_status(-1, 0)
        check("no child", False)
    except OSError as error:
        check("no child", errno_of(error) == ECHILD)


@raises()
def check_copy_on_write() -> None:
    """Writes on both sides of a fork."""
    shared = counters()
    shared.last = 1
    pid = fork()
    if pid == 0:
        shared.last = 2
        sys.exit_group(shared.last)
    shared.last = 3
    check("child sees its own", wait_status(pid, 0) == 2 << 8)
    check("parent sees its own", shared.last == 3)


@raises()
def check_kill() -> None:
    """Ends children by signals."""
    pid = fork()
    if pid == 0:
        pause_ms(900)
        sys.exit_group(1)
    check("still running", wait_status(pid, WNOHANG) == -1)
    sys.kill(pid, 0)
    sys.kill(pid, SIGTERM)
    check("killed by SIGTERM", wait_status(pid, 0) == SIGTERM)
    try:
        sys.kill(pid, SIGTERM)
        check("dead is gone", False)
    except OSError as error:
        check("dead is gone", errno_of(error) == ESRCH)
    try:
        sys.kill(sys.getpid(), 65)
        check("no such signal", False)
    except OSError as error:
        check("no such signal", errno_of(error) == EINVAL)


@raises()
def check_pipe() -> None:
    """Sends bytes between processes, and writes where nobody reads."""
    ends = PipeEnds()
    sys.pipe2(ends, 0)
    pid = fork()
    if pid == 0:
        sys.close(ends.read_end)
        sys.write(ends.write_end, b"from the child")
        sys.exit_group(0)
    sys.close(ends.write_end)
    buffer: Array[u8] = array(32)
    count = sys.read(ends.read_end, buffer[:])
    check("bytes from a child", buffer[:count] == b"from the child")
    check("end of file", sys.read(ends.read_end, buffer[:]) == 0)
    wait_status(pid, 0)
    sys.close(ends.read_end)
    sys.pipe2(ends, 0)
    sys.close(ends.read_end)
    pid = fork()
    if pid == 0:
        sys.write(ends.write_end, b"x")
        sys.exit_group(0)
    check("killed by SIGPIPE", wait_status(pid, 0) == SIGPIPE)
    sys.close(ends.write_end)


@raises()
def check_handler() -> None:
    """Runs handlers, blocked and not."""
    catch_signal(SIGUSR1, 0)
    sys.kill(sys.getpid(), SIGUSR1)
    check("handler ran", counters().handled == 1 and counters().last == SIGUSR1)
    mask = SigSet(1 << (SIGUSR1 - 1))
    sys.rt_sigprocmask(SIG_BLOCK, mask, None)
    sys.kill(sys.getpid(), SIGUSR1)
    check("blocked", counters().handled == 1)
    sys.rt_sigprocmask(SIG_UNBLOCK, mask, None)
    check("delivered when unblocked", counters().handled == 2)
    reset_signal(SIGUSR1, SIG_IGN)
    sys.kill(sys.getpid(), SIGUSR1)
    check("ignored", counters().handled == 2)
    reset_signal(SIGUSR1, SIG_DFL)


@raises()
def interrupt_read(flags: u64) -> i32:
    """Reads from an empty pipe while a child sends a signal and then a byte; returns the error."""
    catch_signal(SIGUSR1, flags)
    ends = PipeEnds()
    sys.pipe2(ends, 0)
    parent = sys.getpid()
    pid = fork()
    if pid == 0:
        pause_ms(200)
        sys.kill(parent, SIGUSR1)
        pause_ms(100)
        sys.write(ends.write_end, b"!")
        sys.exit_group(0)
    buffer: Array[u8] = array(4)
    code: i32 = 0
    try:
        sys.read(ends.read_end, buffer[:])
    except OSError as error:
        code = errno_of(error)
    while wait_any(pid) < 0:
        pass
    sys.close(ends.read_end)
    sys.close(ends.write_end)
    return code


def wait_any(pid: i32) -> i32:
    """Waits for a child; -1 when a signal came."""
    try:
        return wait_status(pid, 0)
    except OSError:
        return -1


@raises()
def check_interruption() -> None:
    """Interrupts a blocked call with and without SA_RESTART."""
    check("interrupted call", interrupt_read(0) == EINTR)
    check("restarted call", interrupt_read(SA_RESTART) == 0)
    reset_signal(SIGUSR1, SIG_DFL)


@raises()
def check_stop() -> None:
    """Stops a child and lets it go on."""
    pid = fork()
    if pid == 0:
        pause_ms(200)
        sys.exit_group(3)
    sys.kill(pid, SIGSTOP)
    check("stopped", wait_status(pid, WUNTRACED) == SIGSTOP << 8 | 0x7F)
    pause_ms(20)
    check("stays stopped", wait_status(pid, WNOHANG) == -1)
    sys.kill(pid, SIGCONT)
    check("continued", wait_status(pid, WCONTINUED) == 0xFFFF)
    check("ends after all", wait_status(pid, 0) == 3 << 8)
    pid = fork()
    if pid == 0:
        pause_ms(900)
        sys.exit_group(3)
    sys.kill(pid, SIGSTOP)
    wait_status(pid, WUNTRACED)
    sys.kill(pid, SIGKILL)
    check("killed while stopped", wait_status(pid, 0) == SIGKILL)
    pid = fork()
    if pid == 0:
        start = now_ns()
        pause_ms(300)
        sys.exit_group(0 if now_ns() - start >= 300 * MILLISECOND else 1)
    pause_ms(10)
    sys.kill(pid, SIGSTOP)
    wait_status(pid, WUNTRACED)
    sys.kill(pid, SIGCONT)
    check("sleep goes on after a stop", wait_status(pid, 0) == 0)


@raises()
def now_ns() -> i64:
    """Returns the time since boot."""
    time = TimeSpec()
    sys.clock_gettime(CLOCK_MONOTONIC, time)
    return time.seconds * 1000 * MILLISECOND + time.nanoseconds


def spin() -> None:
    """Computes for ever."""
    while counters().failures < 1 << 40:
        counters().last = counters().last ^ 1


@raises()
def check_preemption() -> None:
    """Goes on although two processes compute without end."""
    first = fork()
    if first == 0:
        spin()
    second = fork()
    if second == 0:
        spin()
    start = now_ns()
    for _ in range(5):
        pause_ms(4)
    check("sleeper is not held up", now_ns() - start < 5000 * MILLISECOND)
    sys.kill(first, SIGKILL)
    sys.kill(second, SIGKILL)
    check("killed while computing", wait_status(first, 0) == SIGKILL)
    wait_status(second, 0)


@raises()
def check_groups() -> None:
    """Signals a group of three."""
    leader: i32 = 0
    for _ in range(3):
        pid = fork()
        if pid == 0:
            pause_ms(900)
            sys.exit_group(0)
        if leader == 0:
            leader = pid
        sys.setpgid(pid, leader)
    check("group", sys.getpgid(leader) == leader)
    sys.kill(-leader, SIGINT)
    for _ in range(3):
        check("killed with its group", wait_status(-leader, 0) == SIGINT)
    pid = fork()
    if pid == 0:
        session = sys.setsid()
        is_leader = session == sys.getpid() and sys.getpgid(0) == session
        sys.exit_group(0 if is_leader else 1)
    check("session", wait_status(pid, 0) == 0)


@raises()
def run_program(path: str, into: Span[i32]) -> None:
    """Executes a program in a child without arguments; status or, on failure, the error."""
    pid = fork()
    if pid == 0:
        code: i32 = 0
        try:
            sys.execve(encoded(path), 0, 0)
        except OSError as error:
            code = errno_of(error)
        sys.exit_group(code)
    into[0] = wait_status(pid, 0)


@raises()
def check_exec() -> None:
    """Starts what is a program and what is none."""
    status: Array[i32] = array(1)
    run_program("/bin/true", status[:])
    check("exec /bin/true", status[0] == 0)
    run_program("/bin/false", status[:])
    check("exec /bin/false", status[0] == 1 << 8)
    run_program("/bin/nothing", status[:])
    check("exec of nothing", status[0] == ENOENT << 8)
    run_program("/bin", status[:])
    check("exec of a directory", status[0] == EACCES << 8)
    run_program("/hello.txt", status[:])
    check("exec of text", status[0] == EACCES << 8 or status[0] == ENOEXEC << 8)


@raises()
def check_trap() -> None:
    """Dies by a trap without trap entry."""
    pid = fork()
    if pid == 0:
        sys.trap_entry(0, 0)
        nothing: Array[u8] = array(1)
        sys.exit_group(nothing[usize(sys.getpid())])
    check("trap is SIGTRAP", wait_status(pid, 0) == SIGTRAP)
    pid = fork()
    if pid == 0:
        sys.trap_entry(0, 0)
        # SAFETY: there is none: the access must fault.
        Pointer[u64](8).store(1)
        sys.exit_group(0)
    check("null access is SIGSEGV", wait_status(pid, 0) == 11)


@raises()
def make_many(alive: u64) -> None:
    """Makes processes that live at the same time, and ends them as one group."""
    leader: i32 = 0
    for _ in range(alive):
        pid = fork()
        if pid == 0:
            sys.nanosleep(TimeSpec(1000, 0), None)
            sys.exit_group(0)
        if leader == 0:
            leader = pid
        sys.setpgid(pid, leader)
    sys.kill(-leader, SIGKILL)
    for _ in range(alive):
        wait_status(-1, 0)


@raises()
def check_leaks() -> None:
    """Counts memory around many processes."""
    make_many(ALIVE)
    before = free_memory()
    for _ in range(MANY):
        pid = fork()
        if pid == 0:
            counters().last = 9
            sys.exit_group(0)
        wait_status(pid, 0)
    make_many(ALIVE)
    after = free_memory()
    check("no memory lost", after + 16384 >= before)
    if after != before:
        print(f"free before {before} after {after}")


def encoded(path: str) -> Bytes:
    """Returns a path as bytes."""
    return encode(path)


def main(arguments: Arguments) -> i32:
    """Runs all checks; 0 if all are right."""
    try:
        check_exit()
        check_copy_on_write()
        check_kill()
        check_pipe()
        check_handler()
        check_interruption()
        check_stop()
        check_preemption()
        check_groups()
        check_exec()
        check_trap()
        check_leaks()
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    failures = counters().failures
    print(f"process_check: {failures} failures")
    return 1 if failures > 0 else 0
