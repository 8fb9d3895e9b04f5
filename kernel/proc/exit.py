"""The end of a process: everything goes back but the number and the status, which wait for the
parent.

All runs on the ending process's own thread, which stops existing at the end.
"""

from __future__ import annotations

from typing import NoReturn

from abi.signal import SA_NOCLDWAIT, SIG_IGN, SIGCHLD, SIGHUP
from bare import i32, release
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts
from kernel.mm.area import destroy_address_space
from kernel.mm.user_copy import write_user_u32
from kernel.proc.family import INIT_PID, leave_orphans
from kernel.proc.process import Process, ProcessState, UserThread
from kernel.proc.signal_send import post_signal
from kernel.proc.signal_state import SignalDetail
from kernel.proc.table import ProcessTable
from kernel.proc.wait import bury
from kernel.sched.scheduler import Scheduler


def exit_status(code: i32) -> i32:
    """Returns what `wait4` tells of an ordinary end."""
    return (code & 0xFF) << 8


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
        leave_orphans(table, process)
        if process.session == process.pid and process.has_terminal:
            hang_up(table, process)
        thread.home.account()
        process.own_user_ns = thread.user_ns
        process.own_system_ns = thread.system_ns
        process.thread = None
        thread.process = None
        process.state = ProcessState.ZOMBIE
        process.status = status
        process.has_news = True
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
        detail.status = process.status
        post_signal(parent, process.exit_signal, detail)
    parent.child_waiters.wake_all()
    return True


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
