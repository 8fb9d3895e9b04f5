"""linux_edges - what Linux does at the edges of calls, one case a call.

usage: linux_edges CASE

`tests/guest/test_linux_edges.py` lists the cases. Each ends with `linux_edges: ok`.
"""

from __future__ import annotations

from abi.errno import EFAULT, EIO, ESRCH
from abi.file import PipeEnds
from abi.limits import PAGE_SIZE
from abi.memory import MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE
from abi.poll import PollFd
from abi.process import CLONE_PARENT_SETTID, CLONE_VFORK, PR_GET_NAME, PR_SET_NAME, WUNTRACED
from abi.signal import SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGTERM
from abi.time import CLOCK_MONOTONIC, NS_PER_SECOND, TimeSpec
from bare import Array, Bytes, array, errno_of, i32, i64, raises, text, u8, u64
from bare.unsafe import address_of, span_at
from user.lib import sys
from user.lib.arguments import Arguments

BAD_ADDRESS: u64 = 8
NAP_NS: i64 = 5_000_000
POLL_NS: i64 = 500_000_000
LONG_S: i64 = 1000
NAME_BYTES = 16


@raises()
def now_ns() -> i64:
    """Returns the time since boot."""
    time = TimeSpec()
    sys.clock_gettime(CLOCK_MONOTONIC, time)
    return time.seconds * i64(NS_PER_SECOND) + time.nanoseconds


@raises()
def fork() -> i32:
    """Makes a copy of this process."""
    return sys.clone(u64(SIGCHLD), 0, 0, 0, 0)


@raises()
def nap() -> None:
    """Sleeps a moment."""
    sys.nanosleep(TimeSpec(0, NAP_NS), None)


@raises()
def wait_status(pid: i32, options: i32) -> i32:
    """Waits for a child; returns its status."""
    status: Array[i32] = array(1)
    sys.wait4(pid, status[:], options, None)
    return status[0]


@raises()
def check_parent_tid() -> bool:
    """A bad address for the child's number does not hide the child."""
    pid = sys.clone(u64(SIGCHLD) | CLONE_PARENT_SETTID, 0, BAD_ADDRESS, 0, 0)
    if pid == 0:
        sys.exit_group(5)
    return pid > 0 and wait_status(pid, 0) == 5 << 8


@raises()
def set_name_at_end_of_page(name: Bytes) -> None:
    """Sets the name from the last bytes of a page that no page follows."""
    protection = PROT_READ | PROT_WRITE
    page = sys.mmap(0, 2 * PAGE_SIZE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    sys.munmap(page + PAGE_SIZE, PAGE_SIZE)
    place = page + PAGE_SIZE - len(name)
    # SAFETY: the end of a page that was just mapped.
    span_at(u8, place, len(name)).copy_from(name)
    try:
        sys.prctl(PR_SET_NAME, place, 0, 0, 0)
    finally:
        sys.munmap(page, PAGE_SIZE)


@raises()
def has_name(wanted: Bytes) -> bool:
    """Whether that is the name of this thread."""
    name: Array[u8] = array(NAME_BYTES)
    sys.prctl(PR_GET_NAME, address_of(name), 0, 0, 0)
    return name[: len(wanted)] == wanted and name[len(wanted)] == 0


@raises()
def check_name() -> bool:
    """A name ends at its zero byte or after 15 bytes, and nothing behind that is read."""
    set_name_at_end_of_page(b"ab\0")
    is_right = has_name(b"ab")
    set_name_at_end_of_page(b"fifteen letters")
    is_right = is_right and has_name(b"fifteen letters")
    try:
        set_name_at_end_of_page(b"abc")
        return False
    except OSError as error:
        return is_right and errno_of(error) == EFAULT


@raises()
def check_poll() -> bool:
    """A wait that goes on after a stop ends when it would have ended without."""
    pid = fork()
    if pid == 0:
        nothing: Array[PollFd] = array(1)
        sys.ppoll(nothing[:0], TimeSpec(0, POLL_NS), None)
        sys.exit_group(3)
    nap()
    sys.kill(pid, SIGSTOP)
    wait_status(pid, WUNTRACED)
    sys.nanosleep(TimeSpec(0, POLL_NS), None)
    start = now_ns()
    sys.kill(pid, SIGCONT)
    return wait_status(pid, 0) == 3 << 8 and now_ns() - start < POLL_NS


@raises()
def check_vfork() -> bool:
    """A signal ends a process whose `vfork` child does neither end nor execute."""
    pid = fork()
    if pid == 0:
        sys.setpgid(0, 0)
        if sys.clone(u64(SIGCHLD) | CLONE_VFORK, 0, 0, 0, 0) == 0:
            sys.nanosleep(TimeSpec(LONG_S, 0), None)
        sys.exit_group(0)
    nap()
    sys.kill(pid, SIGTERM)
    is_right = wait_status(pid, 0) == SIGTERM
    end_group(pid)
    return is_right


@raises()
def end_group(group: i32) -> None:
    """Kills a group and waits until nothing of it is left."""
    while True:
        try:
            sys.kill(-group, SIGKILL)
        except OSError as error:
            if errno_of(error) != ESRCH:
                raise
            return
        nap()


@raises()
def check_orphan() -> bool:
    """A read from the terminal by a background group that nobody could continue fails."""
    ends = PipeEnds()
    sys.pipe2(ends, 0)
    parent = fork()
    if parent == 0:
        become_orphan(ends.write_end)
        sys.exit_group(0)
    wait_status(parent, 0)
    sys.close(ends.write_end)
    code: Array[u8] = array(1)
    count = sys.read(ends.read_end, code[:])
    sys.close(ends.read_end)
    return count == 1 and i32(code[0]) == EIO


@raises()
def become_orphan(report: i32) -> None:
    """Has a child wait until this process has ended, and report what a read gives then."""
    starter = sys.getpid()
    if fork() > 0:
        return
    sys.setpgid(0, 0)
    while sys.getppid() == starter:
        nap()
    code: Array[u8] = array(1)
    try:
        sys.read(0, code[:])
    except OSError as error:
        code[0] = u8(errno_of(error))
    sys.write(report, code)


@raises()
def run(case: Bytes) -> bool:
    """Runs a case; whether all was as on Linux."""
    if case == b"parent-tid":
        return check_parent_tid()
    if case == b"name":
        return check_name()
    if case == b"poll":
        return check_poll()
    if case == b"vfork":
        return check_vfork()
    if case == b"orphan":
        return check_orphan()
    print(f"linux_edges: no case {text(case)}")
    return False


def main(arguments: Arguments) -> i32:
    """Runs the case that is named."""
    if arguments.count != 2:
        print("usage: linux_edges CASE")
        return 2
    try:
        is_right = run(arguments.get(1))
    except OSError as error:
        print(f"linux_edges: error {errno_of(error)}")
        return 1
    print("linux_edges: ok" if is_right else "linux_edges: WRONG")
    return 0 if is_right else 1
