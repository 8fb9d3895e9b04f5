"""Delivering signals: what happens to a process on its way back to the program.

Runs on the process's own thread, with interrupts unmasked and no lock held.
"""

from __future__ import annotations

from abi.signal import (
    SA_NODEFER,
    SA_RESETHAND,
    SA_RESTART,
    SIG_DFL,
    SIGCONT,
    SIGKILL,
    SIGSEGV,
    SIGSTOP,
    SigAction,
)
from bare import copy_struct, i32, inline, struct, u64
from kernel.arch.aarch64.exceptions import TrapFrame
from kernel.proc.exit import exit_process
from kernel.proc.family import is_orphaned
from kernel.proc.process import Process, ProcessState, UserThread
from kernel.proc.signal_frame import push_signal_frame
from kernel.proc.signal_send import refresh_interrupt, tell_parent
from kernel.proc.signal_state import DefaultAction, default_action, signal_bit
from kernel.proc.table import ProcessTable
from kernel.sched.scheduler import Scheduler

SVC_SIZE: u64 = 4


@struct
class Delivery:
    """What `take_signal` found."""

    signal: i32 = 0
    """0: nothing is left to deliver."""
    action: SigAction = inline()
    saved_mask: u64 = 0
    """The mask that the handler's end restores."""


@struct
class SignalDelivery:
    """Delivers signals. One for the kernel."""

    table: ProcessTable
    scheduler: Scheduler

    def deliver(self, process: Process, thread: UserThread, frame: TrapFrame) -> None:
        """Delivers every signal that is due; ends the process where that is the action.

        Each signal that has a handler adds its frame, so the last one runs first.
        """
        while True:
            delivery = Delivery()
            self.take_signal(process, delivery)
            if delivery.signal == 0:
                break
            self.act(process, thread, frame, delivery)
        if thread.can_restart:
            restart_call(thread, frame)

    def take_signal(self, process: Process, delivery: Delivery) -> None:
        """Takes the next deliverable signal off and blocks what its handler wants blocked."""
        with self.table.lock:
            signals = process.signals
            signal = signals.first_deliverable()
            if signal != 0:
                signals.remove(signal_bit(signal))
                copy_struct(delivery.action, signals.action(signal))
            delivery.saved_mask = signals.blocked
            if signals.is_suspended:
                delivery.saved_mask = signals.suspended_mask
                if signal == 0:
                    signals.blocked = signals.suspended_mask
                    signals.is_suspended = False
            delivery.signal = signal
            if delivery.action.handler > 1:
                note_handler(process, delivery)
            refresh_interrupt(process)

    def act(
        self, process: Process, thread: UserThread, frame: TrapFrame, delivery: Delivery
    ) -> None:
        """Does what the signal's action says."""
        if delivery.action.handler > 1:
            self.call_handler(process, thread, frame, delivery)
            return
        if delivery.action.handler != SIG_DFL:
            return
        match default_action(delivery.signal):
            case DefaultAction.TERMINATE:
                exit_process(self.table, self.scheduler, process, thread, delivery.signal)
            case DefaultAction.STOP:
                self.stop(process, delivery.signal)
            case DefaultAction.IGNORE | DefaultAction.CONTINUE:
                pass

    def call_handler(
        self, process: Process, thread: UserThread, frame: TrapFrame, delivery: Delivery
    ) -> None:
        """Has the program run its handler; ends it by SIGSEGV if there is no stack for that."""
        has_restart = delivery.action.flags & SA_RESTART != 0
        if thread.can_restart and has_restart and not thread.needs_silence:
            restart_call(thread, frame)
        thread.can_restart = False
        thread.deadline_ns = 0
        action = delivery.action
        try:
            push_signal_frame(
                process, thread, frame, delivery.signal, action, delivery.saved_mask
            )
        except OSError:
            exit_process(self.table, self.scheduler, process, thread, SIGSEGV)

    def stop(self, process: Process, signal: i32) -> None:
        """Sleeps until SIGCONT or SIGKILL comes, and tells the parent.

        Nothing but SIGSTOP stops a process that nobody could continue.
        """
        with self.table.lock:
            if signal != SIGSTOP and is_orphaned(self.table, process.group):
                return
            if process.signals.pending & signal_bit(SIGKILL) != 0:
                return
            if process.signals.pending & signal_bit(SIGCONT) != 0:
                return
            process.state = ProcessState.STOPPED
            process.status = signal
            process.has_news = True
            tell_parent(process)
            while process.state == ProcessState.STOPPED:
                process.child_waiters.wait(self.table.lock)


def note_handler(process: Process, delivery: Delivery) -> None:
    """Blocks what the handler must not be interrupted by. Table lock held."""
    signals = process.signals
    action = delivery.action
    mask = signals.blocked | action.mask
    if action.flags & SA_NODEFER == 0:
        mask |= signal_bit(delivery.signal)
    signals.set_blocked(mask)
    signals.is_suspended = False
    if action.flags & SA_RESETHAND != 0:
        signals.action(delivery.signal).handler = SIG_DFL


def restart_call(thread: UserThread, frame: TrapFrame) -> None:
    """Has the program make the interrupted system call again."""
    frame.pc -= SVC_SIZE
    frame.registers[0] = thread.interrupted_x0
    thread.can_restart = False
