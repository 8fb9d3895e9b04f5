"""Waiting for children: what `wait4` does below the system call."""

from __future__ import annotations

from abi.errno import ECHILD, EINTR
from abi.process import WCONTINUED, WNOHANG, WUNTRACED
from bare import i32, raises, release, struct, u64
from kernel.proc.family import disown
from kernel.proc.process import Process, ProcessState
from kernel.proc.table import ProcessTable

CONTINUED_STATUS: i32 = 0xFFFF
STOPPED_STATUS: i32 = 0x7F
ANY_CHILD: i32 = -1


@struct
class WaitResult:
    """What a wait found."""

    pid: i32 = 0
    """0: no child has news, and the caller did not want to wait."""
    status: i32 = 0
    user_ns: u64 = 0
    system_ns: u64 = 0


@raises(ECHILD, EINTR)
def wait_for_child(
    table: ProcessTable, process: Process, selector: i32, options: i32, result: WaitResult
) -> None:
    """Waits until a child that `selector` names has news; a zombie is taken off and freed.

    `selector` is as for `wait4`: a pid, -1 for any, 0 for the caller's group, -group.
    """
    ended: Process | None = None
    with table.lock:
        while True:
            child = find_news(process, selector, options)
            if child is not None:
                ended = report(table, process, child, result)
                break
            if not has_child(process, selector):
                raise OSError(ECHILD)
            if options & WNOHANG != 0:
                return
            process.child_waiters.wait_interruptible(table.lock)
    if ended is not None:
        release(ended.allocator, ended)


def report(
    table: ProcessTable, process: Process, child: Process, result: WaitResult
) -> Process | None:
    """Fills in the result; takes a zombie off and returns it. Lock held."""
    result.pid = child.pid
    if child.state == ProcessState.ALIVE:
        result.status = CONTINUED_STATUS
        child.has_news = False
        return None
    if child.state == ProcessState.STOPPED:
        result.status = child.status << 8 | STOPPED_STATUS
        child.has_news = False
        return None
    result.status = child.status
    result.user_ns = child.own_user_ns + child.children_user_ns
    result.system_ns = child.own_system_ns + child.children_system_ns
    process.children_user_ns += result.user_ns
    process.children_system_ns += result.system_ns
    bury(table, child)
    return child


def bury(table: ProcessTable, child: Process) -> None:
    """Takes a zombie out of the table and the tree. Lock held; the caller frees it."""
    disown(child)
    table.remove(child)


def find_news(process: Process, selector: i32, options: i32) -> Process | None:
    """Returns a child that has something to report. Lock held."""
    child = process.first_child
    while child is not None:
        if is_selected(process, child, selector) and has_news(child, options):
            return child
        child = child.next_sibling
    return None


def has_news(child: Process, options: i32) -> bool:
    """Whether a child ended, or did something that `options` ask for."""
    if child.state == ProcessState.ZOMBIE:
        return True
    if not child.has_news:
        return False
    wanted = WCONTINUED if child.state == ProcessState.ALIVE else WUNTRACED
    return options & wanted != 0


def has_child(process: Process, selector: i32) -> bool:
    """Whether there is any child to wait for. Lock held."""
    child = process.first_child
    while child is not None:
        if is_selected(process, child, selector):
            return True
        child = child.next_sibling
    return False


def is_selected(process: Process, child: Process, selector: i32) -> bool:
    """Whether `selector` names `child`."""
    if selector == ANY_CHILD:
        return True
    if selector > 0:
        return child.pid == selector
    if selector == 0:
        return child.group == process.group
    return child.group == -selector
