"""Giving the CPU from one thread to the next.

Only here does a CPU change threads. Programs are preempted on the way back to EL0
(`Scheduler.preempt`); the kernel itself is not preempted, it gives up the CPU where it waits.
"""

from __future__ import annotations

from bare import u64, unreachable
from kernel.arch.aarch64.context import switch_context
from kernel.arch.aarch64.fp_state import restore_fp_state, save_fp_state
from kernel.arch.aarch64.interrupts import unmask_interrupts
from kernel.arch.aarch64.thread_pointer import read_thread_pointer, write_thread_pointer
from kernel.sched.cpu import Cpu, current_cpu
from kernel.sched.thread import Thread, ThreadState
from kernel.sync.irq_guard import IrqGuard


def give_up_cpu() -> None:
    """Runs the next thread; comes back when this one is chosen again.

    A thread that is RUNNING stays ready, one that is BLOCKED or DEAD does not. No spin lock is
    held.
    """
    with IrqGuard():
        cpu = current_cpu()
        queue = cpu.queue
        previous = queue.running
        with queue.lock:
            queue.account()
            if previous.state == ThreadState.RUNNING:
                previous.involuntary_switches += 1
                if previous is not queue.idle:
                    queue.push_running()
            else:
                previous.voluntary_switches += 1
            following = queue.choose()
            queue.switches += 1
        if following is not previous:
            cpu.left = previous
            exchange_program_state(cpu, previous, following)
            switch_context(previous.context, following.context)
            finish_switch()


def breathe() -> bool:
    """Lets others run where that is due; True where a signal waits, to end a slow call early.

    For loops that may take long, after each piece. No spin lock is held.
    """
    if current_cpu().queue.must_reschedule:
        give_up_cpu()
    return current_cpu().queue.running.must_interrupt


def breathe_until_fatal() -> bool:
    """Breathes; True only where a signal ends the program. For what programs expect to be whole."""
    breathe()
    return current_cpu().queue.running.must_end


def finish_switch() -> None:
    """Releases the thread that this CPU left, if it is dead. First thing that a resumed thread
    does.
    """
    cpu = current_cpu()
    left = cpu.left
    cpu.left = None
    if left is not None and left.state == ThreadState.DEAD:
        left.released()


def exchange_program_state(cpu: Cpu, previous: Thread, following: Thread) -> None:
    """Saves and loads what belongs to programs: address space, floating point, thread pointer.

    Nothing is loaded for kernel threads, and no floating-point state that the registers still hold.
    """
    if previous.has_program:
        if previous.state == ThreadState.DEAD:
            cpu.fp_owner = None
        else:
            save_fp_state(previous.fp_state)
            previous.thread_pointer = read_thread_pointer()
            cpu.fp_owner = previous
    space = following.space
    if space is not None:
        space.activate()
    if following.has_program:
        write_thread_pointer(following.thread_pointer)
        if cpu.fp_owner is not following:
            restore_fp_state(following.fp_state)
            cpu.fp_owner = following


def begin_thread(_argument: u64) -> None:
    """Where every thread starts, with interrupts masked."""
    finish_switch()
    thread = current_cpu().queue.running
    unmask_interrupts()
    thread.run()
    unreachable()
