"""The tree of processes: children, orphans, groups and sessions. The process table's lock is held.
"""

from __future__ import annotations

from abi.signal import SIGCHLD
from bare import i32
from kernel.proc.process import Process, ProcessState
from kernel.proc.table import ProcessTable

INIT_PID: i32 = 1


def adopt(parent: Process, child: Process) -> None:
    """Makes `child`, which has no parent, the last child of `parent`."""
    child.parent = parent
    child.previous_sibling = None
    child.next_sibling = parent.first_child
    first = parent.first_child
    if first is not None:
        first.previous_sibling = child
    parent.first_child = child


def disown(child: Process) -> None:
    """Takes a child from its parent."""
    parent = child.parent
    before = child.previous_sibling
    after = child.next_sibling
    if before is not None:
        before.next_sibling = after
    elif parent is not None:
        parent.first_child = after
    if after is not None:
        after.previous_sibling = before
    child.parent = None
    child.next_sibling = None
    child.previous_sibling = None


def leave_orphans(table: ProcessTable, process: Process) -> None:
    """Gives the children of an ending process to PID 1, which reaps them."""
    init = table.find(INIT_PID)
    child = process.first_child
    while child is not None:
        disown(child)
        if init is not None and init is not process:
            adopt(init, child)
            child.exit_signal = SIGCHLD
            if child.is_zombie():
                init.child_waiters.wake_all()
        child = process.first_child


def has_group_in_session(table: ProcessTable, group: i32, session: i32) -> bool:
    """Whether some live process of `session` belongs to `group`."""
    process = table.first
    while process is not None:
        if process.group == group and process.session == session and not process.is_zombie():
            return True
        process = process.next_process
    return False


def is_orphaned(table: ProcessTable, group: i32) -> bool:
    """Whether nobody would continue a group that stops: no parent of a live member is of the same
    session and another group.
    """
    process = table.first
    while process is not None:
        if process.group == group and not process.is_zombie() and has_supervisor(process):
            return False
        process = process.next_process
    return True


def has_supervisor(process: Process) -> bool:
    """Whether the parent may do job control for a process. PID 1 does not."""
    parent = process.parent
    if parent is None or parent.pid == INIT_PID or parent.is_zombie():
        return False
    return parent.session == process.session and parent.group != process.group


def has_stopped_member(table: ProcessTable, group: i32) -> bool:
    """Whether a process of a group is stopped."""
    process = table.first
    while process is not None:
        if process.group == group and process.state == ProcessState.STOPPED:
            return True
        process = process.next_process
    return False


def parent_pid(process: Process) -> i32:
    """Returns the number of the parent, 0 for PID 1."""
    parent = process.parent
    return 0 if parent is None else parent.pid
