"""`Scheduler`: starting, ending and idling; what the rest of the kernel asks of `kernel/sched`."""

from __future__ import annotations

from typing import NoReturn

from abi.errno import EINTR
from bare import inline, raises, struct, u64, unreachable
from kernel.arch.aarch64.context import prepare_context
from kernel.arch.aarch64.interrupts import (
    mask_interrupts,
    unmask_interrupts,
    wait_for_interrupt,
)
from kernel.sched.cpu import Cpu, current_cpu, current_thread
from kernel.sched.switch import begin_thread, give_up_cpu
from kernel.sched.thread import Thread, ThreadState
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock
from kernel.time.timer_queue import TimerQueue


@struct
class IdleThread(Thread):
    """What a CPU runs when nothing is ready: the boot code, once it is done."""

    def run(self) -> None:
        """Not used: the idle thread runs already when it is made."""
        unreachable()

    def released(self) -> None:
        """Not used: the idle thread never ends."""
        unreachable()


@struct
class Scheduler:
    """The scheduling of all CPUs."""

    clock: Clock
    timers: TimerQueue
    sleep_lock: SpinLock = inline()
    sleepers: WaitQueue = inline()
    """Threads that only wait for a time."""

    def start_cpu(self, cpu: Cpu, idle: Thread) -> None:
        """Makes the running code the idle thread of `cpu`."""
        cpu.queue.start(self.clock, self.timers, idle)
        cpu.online_since_ns = self.clock.now_ns()

    def settle(self, thread: Thread) -> None:
        """Gives a new thread its run queue, so that it can be interrupted before it is started.

        For a thread that others can find before its `spawn`; that does it, too.
        """
        thread.home = current_cpu().queue
        thread.sleep_timer.thread = thread

    def spawn(self, thread: Thread) -> None:
        """Starts a new thread, whose `stack_top` and `number` are set."""
        self.settle(thread)
        queue = thread.home
        prepare_context(thread.context, thread.stack_top, begin_thread, 0)
        with queue.lock:
            queue.push_new(thread)

    def yield_now(self) -> None:
        """Lets all other ready threads run first."""
        thread = current_thread()
        with thread.home.lock:
            thread.slice_left_ns = 0
        give_up_cpu()

    def preempt(self) -> None:
        """Runs another thread if one is due. For the way back to a program; interrupts masked."""
        if current_cpu().queue.must_reschedule:
            give_up_cpu()

    @raises(EINTR)
    def sleep_until(self, deadline_ns: u64) -> None:
        """Waits until the clock since boot says `deadline_ns`; EINTR when a signal comes."""
        with self.sleep_lock:
            while self.clock.now_ns() < deadline_ns:
                self.sleepers.wait_until(self.sleep_lock, deadline_ns)

    def pause(self, duration_ns: u64) -> None:
        """Waits for a time, whatever signals come."""
        deadline_ns = self.clock.now_ns() + duration_ns
        with self.sleep_lock:
            while self.clock.now_ns() < deadline_ns:
                self.sleepers.sleep(self.sleep_lock, False, deadline_ns)

    def exit_current(self) -> NoReturn:
        """Ends the running thread; its `released` is called when the CPU has left its stack."""
        mask_interrupts()
        thread = current_thread()
        with thread.home.lock:
            thread.state = ThreadState.DEAD
        give_up_cpu()
        unreachable()

    def run_idle(self) -> NoReturn:
        """The idle loop: sleeps until an interrupt makes a thread ready, runs it, and so on."""
        while True:
            mask_interrupts()
            queue = current_cpu().queue
            if not queue.must_reschedule:
                started_ns = self.clock.now_ns()
                wait_for_interrupt()
                queue.idle_ns += self.clock.now_ns() - started_ns
            unmask_interrupts()
            if current_cpu().queue.must_reschedule:
                give_up_cpu()
