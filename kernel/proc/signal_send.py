"""Sending signals: to a process, a group, or everyone that the sender may reach.

The process table's lock is held, except in `SignalGate`'s methods, which take it. All of it may be
called from interrupt context.
"""

from __future__ import annotations

from abi.errno import EPERM, ESRCH
from abi.signal import (
    CLD_CONTINUED,
    CLD_STOPPED,
    SA_NOCLDSTOP,
    SIG_DFL,
    SIGCHLD,
    SIGCONT,
    SIGKILL,
)
from bare import i32, raises, u64
from kernel.proc.family import INIT_PID
from kernel.proc.process import Process, ProcessState
from kernel.proc.signal_state import (
    STOPPING,
    SignalDetail,
    signal_bit,
)
from kernel.proc.table import ProcessTable
from kernel.security.credentials import Credentials


def post_signal(process: Process, signal: i32, detail: SignalDetail) -> None:
    """Makes a signal pending for a process and wakes it where that is due."""
    if process.is_zombie():
        return
    signals = process.signals
    if signal_bit(signal) & STOPPING != 0:
        signals.remove(signal_bit(SIGCONT))
    if signal == SIGCONT:
        signals.remove(STOPPING)
        go_on(process)
    if is_shielded(process, signal):
        return
    is_blocked = signals.blocked & signal_bit(signal) != 0
    if signals.is_ignored(signal) and not is_blocked:
        return
    signals.add(signal, detail)
    if signal == SIGKILL and process.state == ProcessState.STOPPED:
        process.state = ProcessState.ALIVE
    if signals.awaited & signal_bit(signal) != 0:
        process.child_waiters.wake_all()
    if not is_blocked:
        if signals.is_fatal(signal):
            process.child_waiters.wake_all()
        interrupt_thread(process)


def is_shielded(process: Process, signal: i32) -> bool:
    """Whether a process does not get a signal: PID 1 only gets those that it has a handler for."""
    return process.pid == INIT_PID and process.signals.action(signal).handler == SIG_DFL


def interrupt_thread(process: Process) -> None:
    """Ends the interruptible wait of a process."""
    thread = process.thread
    if thread is not None:
        thread.must_end = process.signals.has_fatal()
        thread.interrupt()


def refresh_interrupt(process: Process) -> None:
    """Notes whether signals wait, after the mask or the pending set has changed."""
    thread = process.thread
    if thread is not None:
        thread.must_interrupt = process.signals.deliverable() != 0
        thread.must_end = process.signals.has_fatal()


def go_on(process: Process) -> None:
    """Continues a stopped process and tells its parent."""
    if process.state != ProcessState.STOPPED:
        return
    process.state = ProcessState.ALIVE
    process.has_news = True
    process.child_waiters.wake_all()
    tell_parent(process)


def tell_parent(process: Process) -> None:
    """Tells a parent that a child stopped or goes on: wakes it where it waits for its children, and
    sends it SIGCHLD unless it asked not to (SA_NOCLDSTOP).
    """
    parent = process.parent
    if parent is None:
        return
    if parent.signals.action(SIGCHLD).flags & SA_NOCLDSTOP == 0:
        detail = SignalDetail(pid=process.pid, uid=process.credentials.user_number())
        is_stopped = process.state == ProcessState.STOPPED
        detail.code = CLD_STOPPED if is_stopped else CLD_CONTINUED
        detail.status = process.status if is_stopped else SIGCONT
        post_signal(parent, SIGCHLD, detail)
    parent.child_waiters.wake_all()


@raises(EPERM, ESRCH)
def send_to_one(
    process: Process | None, signal: i32, detail: SignalDetail, sender: Credentials
) -> None:
    """Sends to one process on behalf of `sender`; signal 0 only asks."""
    if process is None:
        raise OSError(ESRCH)
    if not sender.may_signal(process.credentials):
        raise OSError(EPERM)
    if signal != 0:
        post_signal(process, signal, detail)


@raises(EPERM, ESRCH)
def send_to_group(
    table: ProcessTable, group: i32, signal: i32, detail: SignalDetail, sender: Credentials
) -> None:
    """Sends to every process of a group that `sender` may reach."""
    found = False
    sent = False
    process = table.first
    while process is not None:
        if process.group == group and not process.is_zombie():
            found = True
            if sender.may_signal(process.credentials):
                sent = True
                if signal != 0:
                    post_signal(process, signal, detail)
        process = process.next_process
    check_reached(found, sent)


@raises(EPERM, ESRCH)
def send_to_all(
    table: ProcessTable, but: Process, signal: i32, detail: SignalDetail, sender: Credentials
) -> None:
    """Sends to every process that `sender` may reach, but PID 1 and `but`."""
    found = False
    sent = False
    process = table.first
    while process is not None:
        if process.pid != INIT_PID and process is not but:
            found = True
            if sender.may_signal(process.credentials):
                sent = True
                if signal != 0:
                    post_signal(process, signal, detail)
        process = process.next_process
    check_reached(found, sent)


@raises(EPERM, ESRCH)
def check_reached(found: bool, sent: bool) -> None:
    """Raises what tells why nobody was reached."""
    if not found:
        raise OSError(ESRCH)
    if not sent:
        raise OSError(EPERM)


def post_to_group(table: ProcessTable, group: i32, signal: i32, detail: SignalDetail) -> None:
    """Sends to every process of a group on behalf of the kernel."""
    process = table.first
    while process is not None:
        if process.group == group:
            post_signal(process, signal, detail)
        process = process.next_process


def set_blocked(process: Process, mask: u64) -> None:
    """Sets which signals a process blocks."""
    process.signals.set_blocked(mask)
    refresh_interrupt(process)
