"""Bodies of the calls that send, block, catch and wait for signals, and of the trap calls."""

from __future__ import annotations

from typing import NoReturn

from abi.errno import EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ESRCH
from abi.signal import (
    SI_TKILL,
    SI_USER,
    SIG_BLOCK,
    SIG_SETMASK,
    SIG_UNBLOCK,
    SIGKILL,
    SIGSTOP,
    SigAction,
    SigInfo,
    SigStack,
)
from abi.time import TimeSpec
from bare import copy_struct, i32, invert, raises, size_of, trailing_zeros, u64, usize
from kernel.arch.aarch64.layout import USER_END, UserAddr
from kernel.mm.user_copy import copy_in, copy_out, object_bytes, read_user_u64, write_user_u64
from kernel.proc.exit import exit_process
from kernel.proc.signal_frame import fill_info, pop_signal_frame
from kernel.proc.signal_send import (
    refresh_interrupt,
    send_to_all,
    send_to_group,
    send_to_one,
    set_blocked,
)
from kernel.proc.signal_stack import set_stack, stack_flags
from kernel.proc.signal_state import UNBLOCKABLE, SignalDetail, is_signal, signal_bit
from kernel.syscall.call import Call
from kernel.syscall.time import NEVER, deadline_of

SET_SIZE: usize = 8


@raises(EINVAL, EPERM, ESRCH)
def kill(call: Call, pid: i32, signal: i32) -> None:
    """Sends a signal to a process or several."""
    check_signal(signal)
    table = call.services.processes
    sender = call.process.credentials
    detail = SignalDetail(SI_USER, call.process.pid, sender.user_number())
    with table.lock:
        if pid > 0:
            send_to_one(table.find(pid), signal, detail, sender)
        elif pid == 0:
            send_to_group(table, call.process.group, signal, detail, sender)
        elif pid == -1:
            send_to_all(table, call.process, signal, detail, sender)
        elif pid == -0x8000_0000:
            raise OSError(ESRCH)
        else:
            send_to_group(table, -pid, signal, detail, sender)


@raises(EINVAL, EPERM, ESRCH)
def tkill(call: Call, tid: i32, signal: i32) -> None:
    """Sends a signal to a thread, which is a process's only one."""
    send_to_thread(call, tid, signal)


@raises(EINVAL, EPERM, ESRCH)
def tgkill(call: Call, pid: i32, tid: i32, signal: i32) -> None:
    """Sends a signal to a thread of a process."""
    if pid != tid:
        raise OSError(ESRCH if pid > 0 and tid > 0 else EINVAL)
    send_to_thread(call, tid, signal)


@raises(EINVAL, EPERM, ESRCH)
def send_to_thread(call: Call, tid: i32, signal: i32) -> None:
    """Sends a signal to the process whose thread has a number."""
    check_signal(signal)
    if tid <= 0:
        raise OSError(EINVAL)
    table = call.services.processes
    sender = call.process.credentials
    detail = SignalDetail(SI_TKILL, call.process.pid, sender.user_number())
    with table.lock:
        send_to_one(table.find(tid), signal, detail, sender)


@raises(EINVAL)
def check_signal(signal: i32) -> None:
    """Refuses what is no signal; 0 asks only."""
    if signal != 0 and not is_signal(signal):
        raise OSError(EINVAL)


@raises(EFAULT, EINVAL)
def rt_sigaction(call: Call, signal: i32, new: UserAddr, old: UserAddr, set_size: usize) -> None:
    """Sets or gets an action."""
    if set_size != SET_SIZE or not is_signal(signal):
        raise OSError(EINVAL)
    if new != 0 and signal in (SIGKILL, SIGSTOP):
        raise OSError(EINVAL)
    wanted = SigAction()
    before = SigAction()
    if new != 0:
        copy_in(object_bytes(wanted, size_of(SigAction)), new)
    with call.services.processes.lock:
        signals = call.process.signals
        action = signals.action(signal)
        copy_struct(before, action)
        if new != 0:
            copy_struct(action, wanted)
            if signals.is_ignored(signal):
                signals.remove(signal_bit(signal))
                refresh_interrupt(call.process)
    if old != 0:
        copy_out(old, object_bytes(before, size_of(SigAction)))


@raises(EFAULT, EINVAL)
def rt_sigprocmask(call: Call, how: i32, new: UserAddr, old: UserAddr, set_size: usize) -> None:
    """Changes the set of blocked signals."""
    if set_size != SET_SIZE:
        raise OSError(EINVAL)
    before = call.process.signals.blocked
    if new != 0:
        mask = changed_mask(before, read_user_u64(new), how)
        with call.services.processes.lock:
            set_blocked(call.process, mask)
    if old != 0:
        write_user_u64(old, before)


@raises(EINVAL)
def changed_mask(before: u64, change: u64, how: i32) -> u64:
    """Returns a mask changed as `how` says."""
    if how == SIG_BLOCK:
        return before | change
    if how == SIG_UNBLOCK:
        return before & invert(change)
    if how == SIG_SETMASK:
        return change
    raise OSError(EINVAL)


@raises(EFAULT, EINVAL)
def rt_sigpending(call: Call, pending: UserAddr, set_size: usize) -> None:
    """Tells which blocked signals wait."""
    if set_size != SET_SIZE:
        raise OSError(EINVAL)
    signals = call.process.signals
    write_user_u64(pending, signals.pending & signals.blocked)


@raises(EFAULT, EINTR, EINVAL)
def rt_sigsuspend(call: Call, mask: UserAddr, set_size: usize) -> None:
    """Waits for a signal with another mask."""
    if set_size != SET_SIZE:
        raise OSError(EINVAL)
    suspend_mask(call, read_user_u64(mask))
    table = call.services.processes
    with table.lock:
        while True:
            call.process.child_waiters.wait_interruptible(table.lock)


def suspend_mask(call: Call, mask: u64) -> None:
    """Sets a mask that lasts until the call has returned to the program."""
    with call.services.processes.lock:
        signals = call.process.signals
        signals.suspended_mask = signals.blocked
        signals.is_suspended = True
        set_blocked(call.process, mask)


@raises(EAGAIN, EFAULT, EINTR, EINVAL)
def rt_sigtimedwait(
    call: Call, signals: UserAddr, info: UserAddr, timeout: UserAddr, set_size: usize
) -> i32:
    """Takes a blocked signal, waiting for it."""
    if set_size != SET_SIZE:
        raise OSError(EINVAL)
    wanted = read_user_u64(signals) & invert(UNBLOCKABLE)
    deadline = NEVER
    if timeout != 0:
        time = TimeSpec()
        copy_in(object_bytes(time, size_of(TimeSpec)), timeout)
        deadline = deadline_of(call.services.clock, time)
    record = SigInfo()
    signal = wait_for_signal(call, wanted, deadline, record)
    if info != 0:
        copy_out(info, object_bytes(record, size_of(SigInfo)))
    return signal


@raises(EAGAIN, EINTR)
def wait_for_signal(call: Call, wanted: u64, deadline: u64, record: SigInfo) -> i32:
    """Waits until one of `wanted` is pending and takes it."""
    table = call.services.processes
    signals = call.process.signals
    with table.lock:
        signals.awaited = wanted
        try:
            while signals.pending & wanted == 0:
                if not call.process.child_waiters.wait_until(table.lock, deadline):
                    raise OSError(EAGAIN)
        finally:
            signals.awaited = 0
        signal = i32(trailing_zeros(signals.pending & wanted)) + 1
        signals.remove(signal_bit(signal))
        fill_info(record, signals, signal)
        refresh_interrupt(call.process)
        return signal


def rt_sigreturn(call: Call) -> u64:
    """Ends a handler; a frame that cannot be read ends the process."""
    call.thread.can_restart = False
    try:
        mask = pop_signal_frame(call.process, call.thread, call.frame)
    except OSError:
        services = call.services
        exit_process(services.processes, services.scheduler, call.process, call.thread, 11)
    with call.services.processes.lock:
        set_blocked(call.process, mask)
    return call.frame.registers[0]


@raises(EFAULT, EINVAL, ENOMEM, EPERM)
def sigaltstack(call: Call, new: UserAddr, old: UserAddr) -> None:
    """Sets or gets the alternate stack."""
    current = call.process.signals.alternate
    stack_pointer = call.frame.stack_pointer
    before = SigStack(current.base, stack_flags(current, stack_pointer), 0, current.size)
    if new != 0:
        wanted = SigStack()
        copy_in(object_bytes(wanted, size_of(SigStack)), new)
        set_stack(current, wanted, stack_pointer)
    if old != 0:
        copy_out(old, object_bytes(before, size_of(SigStack)))


@raises(EINVAL)
def trap_entry(call: Call, entry: UserAddr, stack_top: UserAddr) -> None:
    """Registers where traps continue."""
    if entry % 4 != 0 or stack_top % 16 != 0 or entry >= USER_END or stack_top > USER_END:
        raise OSError(EINVAL)
    call.process.trap.entry = entry
    call.process.trap.stack_top = stack_top


@raises(EINVAL)
def trap_exit(call: Call) -> NoReturn:
    """Ends the process by the signal of the trap that it reports."""
    signal = call.process.trap.signal
    if signal == 0:
        raise OSError(EINVAL)
    services = call.services
    exit_process(services.processes, services.scheduler, call.process, call.thread, signal)
