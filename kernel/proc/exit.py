"""The end of a process: everything goes back but the number and the status, which wait for the
parent.

All runs on the ending process's own thread, which stops existing at the end.
"""

from __future__ import annotations

from typing import NoReturn

from abi.signal import (
    CLD_EXITED,
    CLD_KILLED,
    SA_NOCLDWAIT,
    SI_KERNEL,
    SIG_IGN,
    SIGCHLD,
    SIGCONT,
    SIGHUP,
)
from bare import i32, release
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts
from kernel.mm.area import destroy_address_space
from kernel.mm.user_copy import write_user_u32
from kernel.proc.family import (
    INIT_PID,
    has_stopped_member,
    has_supervisor,
    is_orphaned,
    leave_orphans,
)
from kernel.proc.process import Process, ProcessState, UserThread
from kernel.proc.signal_send import post_signal, post_to_group
from kernel.proc.signal_state import SignalDetail
from kernel.proc.table import ProcessTable
from kernel.proc.wait import bury
from kernel.sched.scheduler import Scheduler

SIGNAL_MASK: i32 = 0x7F
"""Of a wait status: the signal that ended the process, 0 if it exited."""
EXIT_CODE_SHIFT = 8


def exit_status(code: i32) -> i32:
    """Returns what `wait4` tells of an ordinary end."""
    return (code & 0xFF) << EXIT_CODE_SHIFT


def exit_process(
    table: ProcessTable, scheduler: Scheduler, process: Process, thread: UserThread, status: i32
) -> NoReturn:
    """Ends the running process; `status` is what `wait4` tells."""
    clear_tid(process)
    with table.lock:
        process.is_ending = True
    process.files.put()
    process.working_directory.clear()
    leave_memory(table, process, thread)
    release_parent(table, process)
    ended = become_zombie(table, process, thread, status)
    if ended:
        release(process.allocator, process)
    scheduler.exit_current()


def clear_tid(process: Process) -> None:
    """Zeroes the word that `set_tid_address` named."""
    if process.clear_tid_address == 0:
        return
    try:
        write_user_u32(process.clear_tid_address, 0)
    except OSError:
        process.clear_tid_address = 0


def leave_memory(table: ProcessTable, process: Process, thread: UserThread) -> None:
    """Frees the memory of the running process."""
    space = process.space
    if space is None:
        return
    with table.lock:
        process.space = None
    state = mask_interrupts()
    thread.space = None
    space.deactivate()
    restore_interrupts(state)
    destroy_address_space(space)


def release_parent(table: ProcessTable, process: Process) -> None:
    """Lets a parent go on that waits in `vfork`."""
    with table.lock:
        if process.holds_parent:
            process.holds_parent = False
            parent = process.parent
            if parent is not None:
                parent.child_waiters.wake_all()


def become_zombie(
    table: ProcessTable, process: Process, thread: UserThread, status: i32
) -> bool:
    """Tells everyone that the process has ended; True if nobody will wait for it."""
    if process.pid == INIT_PID:
        table.init_watcher.init_ended(status)
    with table.lock:
        thread.home.account()
        process.own_user_ns = thread.user_ns
        process.own_system_ns = thread.system_ns
        process.thread = None
        thread.process = None
        process.state = ProcessState.ZOMBIE
        process.status = status
        process.has_news = True
        if process.session == process.pid and process.has_terminal:
            hang_up(table, process)
        leave_groups(table, process)
        leave_orphans(table, process)
        return not tell_of_end(table, process)


def tell_of_end(table: ProcessTable, process: Process) -> bool:
    """Sends the parent its signal; False, and off the table, if it does not care. Lock held."""
    parent = process.parent
    if parent is None:
        bury(table, process)
        return False
    action = parent.signals.action(SIGCHLD)
    if action.handler == SIG_IGN or action.flags & SA_NOCLDWAIT != 0:
        bury(table, process)
        parent.child_waiters.wake_all()
        return False
    if process.exit_signal != 0:
        detail = SignalDetail(pid=process.pid, uid=process.credentials.user_number())
        describe_end(process.status, detail)
        post_signal(parent, process.exit_signal, detail)
    parent.child_waiters.wake_all()
    return True


def describe_end(status: i32, detail: SignalDetail) -> None:
    """Fills in what the parent's handler is told of how a child ended."""
    signal = status & SIGNAL_MASK
    if signal == 0:
        detail.code = CLD_EXITED
        detail.status = status >> EXIT_CODE_SHIFT
    else:
        detail.code = CLD_KILLED
        detail.status = signal


def leave_groups(table: ProcessTable, process: Process) -> None:
    """Hangs up the stopped groups that nobody can continue once a process, a zombie already, has
    left its children. Lock held.
    """
    child = process.first_child
    while child is not None:
        if child.session == process.session and child.group != process.group:
            release_orphaned(table, child.group)
        child = child.next_sibling
    if has_supervisor(process):
        release_orphaned(table, process.group)


def release_orphaned(table: ProcessTable, group: i32) -> None:
    """Hangs up and continues a group, if it is orphaned and some of it is stopped. Lock held."""
    if is_orphaned(table, group) and has_stopped_member(table, group):
        post_to_group(table, group, SIGHUP, SignalDetail(code=SI_KERNEL))
        post_to_group(table, group, SIGCONT, SignalDetail(code=SI_KERNEL))


def hang_up(table: ProcessTable, leader: Process) -> None:
    """Tells a session whose leader ends, and takes its terminal. Lock held."""
    process = table.first
    detail = SignalDetail()
    while process is not None:
        if process.session == leader.session:
            process.has_terminal = False
            if process is not leader:
                post_signal(process, SIGHUP, detail)
        process = process.next_process
