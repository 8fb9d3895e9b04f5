"""Bodies of the calls that make, end, wait for and group processes."""

from __future__ import annotations

from typing import NoReturn

from abi.errno import (
    EACCES,
    ECHILD,
    EFAULT,
    EINTR,
    EINVAL,
    ENAMETOOLONG,
    EPERM,
    ESRCH,
)
from abi.limits import PATH_MAX
from abi.process import (
    CLONE_PARENT_SETTID,
    PR_GET_NAME,
    PR_SET_NAME,
    RLIM_INFINITY,
    RLIMIT_COUNT,
    RLIMIT_NOFILE,
    RLIMIT_STACK,
    RUSAGE_CHILDREN,
    RUSAGE_SELF,
    RUSAGE_THREAD,
    WAIT_OPTIONS_IGNORED,
    WCONTINUED,
    WNOHANG,
    WUNTRACED,
    ResourceLimit,
    ResourceUsage,
)
from bare import (
    Array,
    Span,
    allocate,
    allocate_span,
    array,
    errno_of,
    i32,
    i64,
    raises,
    release,
    size_of,
    u8,
    u32,
    u64,
    usize,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import (
    copy_in,
    copy_in_string,
    copy_out,
    object_bytes,
    write_user_u32,
)
from kernel.params import STACK_GROWTH_LIMIT
from kernel.proc.arguments import Arguments
from kernel.proc.exit import exit_process, exit_status
from kernel.proc.family import has_group_in_session, parent_pid
from kernel.proc.fork import CloneRequest
from kernel.proc.process import Process
from kernel.proc.usage import CpuTimes, own_times, write_usage
from kernel.proc.wait import WaitResult, wait_for_child
from kernel.syscall.call import Call

THREAD_NAME_BYTES = 16
WAIT_OPTIONS: i32 = WNOHANG | WUNTRACED | WCONTINUED | WAIT_OPTIONS_IGNORED


@raises()
def clone(
    call: Call,
    flags: u64,
    stack: UserAddr,
    parent_tid: UserAddr,
    tls: UserAddr,
    child_tid: UserAddr,
) -> i32:
    """Makes a copy of the calling process."""
    request = CloneRequest(flags, stack, tls, child_tid)
    pid = call.services.factory.fork(call.process, call.frame, request)
    if flags & CLONE_PARENT_SETTID != 0:
        try:
            write_user_u32(parent_tid, u32(pid))
        except OSError:
            # The child exists: like Linux, we do not hide it behind an error.
            return pid
    return pid


@raises()
def execve(call: Call, path: UserAddr, arguments: UserAddr, environment: UserAddr) -> None:
    """Starts another program in the calling process."""
    allocator = call.process.allocator
    text = allocate_span(allocator, u8, PATH_MAX)
    try:
        length = copy_in_string(text, path)
        held = allocate(allocator, Arguments)
        try:
            held.begin(allocator)
            try:
                held.read(arguments, environment)
                call.services.loader.execute(
                    call.process, call.thread, call.frame, text[:length], held
                )
            finally:
                held.finish()
        finally:
            release(allocator, held)
    finally:
        release(allocator, text)


def exit(call: Call, status: i32) -> NoReturn:
    """Ends the calling thread, which is the process's only one."""
    exit_group(call, status)


def exit_group(call: Call, status: i32) -> NoReturn:
    """Ends the calling process."""
    services = call.services
    exit_process(
        services.processes, services.scheduler, call.process, call.thread, exit_status(status)
    )


@raises(ECHILD, EFAULT, EINTR, EINVAL)
def wait4(call: Call, pid: i32, status: UserAddr, options: i32, usage: UserAddr) -> i32:
    """Waits for a child."""
    if options & ~WAIT_OPTIONS != 0 or pid == -0x8000_0000:
        raise OSError(EINVAL)
    result = WaitResult()
    wait_for_child(call.services.processes, call.process, pid, options, result)
    if result.pid != 0 and status != 0:
        write_user_u32(status, u32(result.status))
    if result.pid != 0 and usage != 0:
        record = ResourceUsage()
        write_usage(record, result.user_ns, result.system_ns)
        copy_out(usage, object_bytes(record, size_of(ResourceUsage)))
    return result.pid


def getpid(call: Call) -> i32:
    """Returns the process number."""
    return call.process.pid


def getppid(call: Call) -> i32:
    """Returns the parent's number."""
    with call.services.processes.lock:
        return parent_pid(call.process)


def gettid(call: Call) -> i32:
    """Returns the thread number."""
    return call.thread.number


@raises(ESRCH)
def getpgid(call: Call, pid: i32) -> i32:
    """Returns a process's group."""
    with call.services.processes.lock:
        return find_process(call, pid).group


@raises(ESRCH)
def getsid(call: Call, pid: i32) -> i32:
    """Returns a process's session."""
    with call.services.processes.lock:
        return find_process(call, pid).session


@raises(EACCES, EINVAL, EPERM, ESRCH)
def setpgid(call: Call, pid: i32, group: i32) -> None:
    """Moves the caller or a child into a group."""
    if group < 0:
        raise OSError(EINVAL)
    table = call.services.processes
    with table.lock:
        process = find_process(call, pid)
        if process is not call.process and process.parent is not call.process:
            raise OSError(ESRCH)
        if process.session == process.pid or process.session != call.process.session:
            raise OSError(EPERM)
        if process is not call.process and process.has_executed:
            raise OSError(EACCES)
        wanted = process.pid if group == 0 else group
        if wanted != process.pid and not has_group_in_session(table, wanted, process.session):
            raise OSError(EPERM)
        process.group = wanted


@raises(EPERM)
def setsid(call: Call) -> i32:
    """Starts a session."""
    table = call.services.processes
    process = call.process
    with table.lock:
        other = table.first
        while other is not None:
            if other.group == process.pid:
                raise OSError(EPERM)
            other = other.next_process
        process.session = process.pid
        process.group = process.pid
        process.has_terminal = False
    return process.pid


@raises(ESRCH)
def find_process(call: Call, pid: i32) -> Process:
    """Returns a process by number, the caller for 0. Table lock held."""
    if pid == 0:
        return call.process
    process = call.services.processes.find(pid)
    if process is None:
        raise OSError(ESRCH)
    return process


def set_tid_address(call: Call, address: UserAddr) -> i32:
    """Remembers the word to be zeroed at the end."""
    call.process.clear_tid_address = address
    return call.thread.number


@raises(EINVAL)
def set_robust_list(call: Call, head: UserAddr, size: usize) -> None:
    """Does nothing: there are no locks shared between processes."""
    if size != 24:
        raise OSError(EINVAL)


@raises(EFAULT, EINVAL)
def getrusage(call: Call, who: i32, usage: UserAddr) -> None:
    """Tells what was used."""
    record = ResourceUsage()
    process = call.process
    if who in (RUSAGE_SELF, RUSAGE_THREAD):
        times = CpuTimes()
        own_times(process, times)
        write_usage(record, times.user_ns, times.system_ns)
        record.minor_faults = i64(process.page_faults)
        record.voluntary_switches = i64(call.thread.voluntary_switches)
        record.involuntary_switches = i64(call.thread.involuntary_switches)
    elif who == RUSAGE_CHILDREN:
        write_usage(record, process.children_user_ns, process.children_system_ns)
    else:
        raise OSError(EINVAL)
    copy_out(usage, object_bytes(record, size_of(ResourceUsage)))


@raises(EFAULT, EINVAL, EPERM, ESRCH)
def prlimit64(call: Call, pid: i32, resource: u32, new: UserAddr, old: UserAddr) -> None:
    """Tells the caller's limits."""
    if resource >= RLIMIT_COUNT:
        raise OSError(EINVAL)
    if pid not in (0, call.process.pid):
        raise OSError(ESRCH)
    value: u64 = RLIM_INFINITY
    if resource == RLIMIT_STACK:
        value = STACK_GROWTH_LIMIT
    elif resource == RLIMIT_NOFILE:
        value = u64(call.process.files.limit)
    limit = ResourceLimit()
    if new != 0:
        copy_in(object_bytes(limit, size_of(ResourceLimit)), new)
        if limit.current != value or limit.maximum != value:
            raise OSError(EPERM)
    limit.current = value
    limit.maximum = value
    if old != 0:
        copy_out(old, object_bytes(limit, size_of(ResourceLimit)))


@raises(EFAULT, EINVAL)
def prctl(
    call: Call,
    option: i32,
    argument: UserAddr,
    argument_2: u64,
    argument_3: u64,
    argument_4: u64,
) -> i32:
    """Sets or gets the name that process lists show."""
    name: Array[u8] = array(THREAD_NAME_BYTES)
    if option == PR_SET_NAME:
        copy_in_name(name[: THREAD_NAME_BYTES - 1], argument)
        call.process.path[:THREAD_NAME_BYTES].copy_from(name)
    elif option == PR_GET_NAME:
        name[: THREAD_NAME_BYTES - 1].copy_from(call.process.path[: THREAD_NAME_BYTES - 1])
        copy_out(argument, name)
    else:
        raise OSError(EINVAL)
    return 0


@raises(EFAULT)
def copy_in_name(name: Span[u8], source: UserAddr) -> None:
    """Fills `name` with a string of the program, which may be cut, and zeros."""
    try:
        length = copy_in_string(name, source)
    except OSError as error:
        if errno_of(error) != ENAMETOOLONG:
            raise OSError(EFAULT) from None
        return
    name[length:].fill(0)


def umask(call: Call, mask: u32) -> u32:
    """Exchanges the creation mask."""
    before = call.process.creation_mask
    call.process.creation_mask = mask & 0o777
    return before


def sched_yield(call: Call) -> None:
    """Lets other threads run."""
    call.services.scheduler.yield_now()
