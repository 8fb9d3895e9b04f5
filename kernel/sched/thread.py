"""`Thread`: what a CPU runs, and `RunQueue`: the threads of one CPU that are ready.

A thread's state changes under the lock of its run queue. A thread waits by marking itself BLOCKED,
putting itself on a `WaitQueue` and giving up the CPU; whoever wakes it moves it to READY, exactly
once, and says why.

A run queue is two round-robin lists. A thread has a time slice; one that uses it up goes to the end
of `used` with a new one. A thread that waited keeps what is left of its slice and is queued in
`fresh`, which goes first and preempts a `used` thread; so whoever waits much answers fast, and
nobody is passed by more than one slice of each other thread. `docs/decisions/scheduler.md` says
more.

Memory: a thread belongs to its creator; after its last switch the scheduler calls `released`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Allocator, Enum8, i32, inline, saturating_sub, struct, u32, u64
from kernel.arch.aarch64.context import Context
from kernel.arch.aarch64.fp_state import FpState
from kernel.arch.aarch64.layout import VirtAddr
from kernel.mm.address_space import AddressSpace
from kernel.mm.kernel_space import KernelSpace
from kernel.params import TIME_SLICE_NS
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock
from kernel.time.timer_queue import Timer, TimerQueue


class ThreadState(Enum8):
    """Where a thread is."""

    NEW = 0
    """Not started."""
    READY = 1
    """On a run queue."""
    RUNNING = 2
    BLOCKED = 3
    """Waiting, or about to give up the CPU in order to wait."""
    DEAD = 4
    """Never runs again."""


class WakeReason(Enum8):
    """Why a wait ended."""

    WOKEN = 0
    TIMED_OUT = 1
    INTERRUPTED = 2


class Progress(Enum8):
    """Which time a thread uses at the moment."""

    SYSTEM = 0
    USER = 1


@struct
class SleepTimer(Timer):
    """Ends the timed wait of a thread."""

    thread: Thread | None = None

    def fire(self) -> None:
        """Wakes the thread, unless something else did."""
        thread = self.thread
        if thread is not None:
            thread.wake(WakeReason.TIMED_OUT)


@struct
class Thread(ABC):
    """A schedulable entity, of the kernel or, in a derived class, of a program."""

    # Set by its creator, `home` by `Scheduler.settle`.
    allocator: Allocator
    stacks: KernelSpace
    home: RunQueue
    number: i32 = 0
    """Thread number; the process number for a process's first thread. 0 for kernel threads."""
    stack_top: VirtAddr = 0
    sleep_timer: SleepTimer = inline()

    # Changed by the thread itself only.
    space: AddressSpace | None = None
    """What TTBR0 must hold while it runs; None for kernel threads."""
    has_program: bool = False
    """Whether it has floating-point state and a thread pointer."""

    # Guarded by home.lock.
    state: ThreadState = ThreadState.NEW
    wake_reason: WakeReason = WakeReason.WOKEN
    is_interruptible: bool = False
    is_fresh: bool = False
    """Whether it goes first: it waited since its slice began."""
    next_ready: Thread | None = None
    slice_left_ns: u64 = 0

    # Guarded by the lock of the wait queue.
    next_waiter: Thread | None = None
    previous_waiter: Thread | None = None
    is_queued: bool = False

    # Written by anyone, read by the thread.
    must_interrupt: bool = False
    """A signal waits: interruptible waits fail with EINTR until `kernel/proc` has seen to it."""
    must_end: bool = False
    """A signal waits that ends the program."""

    # Owned by the running thread, or by the scheduler while it does not run.
    context: Context = inline()
    fp_state: FpState = inline()
    thread_pointer: u64 = 0
    """TPIDR_EL0 of the program."""

    # Accounting, written by the CPU that runs it.
    progress: Progress = Progress.SYSTEM
    user_ns: u64 = 0
    system_ns: u64 = 0
    voluntary_switches: u64 = 0
    involuntary_switches: u64 = 0

    @abstractmethod
    def run(self) -> None:
        """The thread's work. Does not return: ends with `exit_current` or as a program."""

    @abstractmethod
    def released(self) -> None:
        """Called after the last switch away, with interrupts masked: gives memory back."""

    def begin_wait(self, is_interruptible: bool) -> None:
        """Marks the running thread as waiting; it then queues itself and gives up the CPU."""
        with self.home.lock:
            self.state = ThreadState.BLOCKED
            self.wake_reason = WakeReason.WOKEN
            self.is_interruptible = is_interruptible

    def wake(self, reason: WakeReason) -> bool:
        """Ends a wait; False if the thread does not wait or was woken already.

        Callable from interrupt context.
        """
        with self.home.lock:
            if self.state != ThreadState.BLOCKED:
                return False
            if reason == WakeReason.INTERRUPTED and not self.is_interruptible:
                return False
            self.wake_reason = reason
            self.home.push_woken(self)
            return True

    def interrupt(self) -> None:
        """Makes an interruptible wait, of now or later, fail with EINTR."""
        self.must_interrupt = True
        self.wake(WakeReason.INTERRUPTED)

    def charge(self, elapsed_ns: u64) -> None:
        """Counts time that the thread used."""
        if self.progress == Progress.USER:
            self.user_ns += elapsed_ns
        else:
            self.system_ns += elapsed_ns


@struct
class ReadyList:
    """A first-in, first-out list of threads, linked through `next_ready`."""

    first: Thread | None = None
    last: Thread | None = None

    def push(self, thread: Thread) -> None:
        """Appends a thread."""
        thread.next_ready = None
        last = self.last
        if last is None:
            self.first = thread
        else:
            last.next_ready = thread
        self.last = thread

    def push_front(self, thread: Thread) -> None:
        """Puts a thread before all others."""
        thread.next_ready = self.first
        self.first = thread
        if self.last is None:
            self.last = thread

    def pop(self) -> Thread | None:
        """Takes the first thread out."""
        thread = self.first
        if thread is None:
            return None
        self.first = thread.next_ready
        if self.first is None:
            self.last = None
        thread.next_ready = None
        return thread


@struct
class SliceTimer(Timer):
    """Ends time slices on one CPU."""

    queue: RunQueue | None = None

    def fire(self) -> None:
        """Has the CPU choose again, if the slice is over and others wait."""
        queue = self.queue
        if queue is not None:
            queue.end_slice()


@struct
class RunQueue:
    """The ready threads of one CPU and the one that it runs."""

    # Set once at boot.
    clock: Clock
    timers: TimerQueue
    idle: Thread
    # Guarded by lock.
    running: Thread
    lock: SpinLock = inline()
    slice_timer: SliceTimer = inline()
    fresh: ReadyList = inline()
    used: ReadyList = inline()
    ready_count: u32 = 0
    must_reschedule: bool = False
    """Whether the CPU must choose again before it goes on in a program or in the idle loop."""
    charged_until_ns: u64 = 0
    """Up to when the time of the running thread is accounted."""
    switches: u64 = 0
    idle_ns: u64 = 0
    """How long the CPU stood still; interrupts that ended a wait are not part of it."""

    def start(self, clock: Clock, timers: TimerQueue, idle: Thread) -> None:
        """Begins with the idle thread running."""
        self.lock.lock_class = LockClass.RUN_QUEUE
        self.clock = clock
        self.timers = timers
        self.idle = idle
        self.running = idle
        self.slice_timer.queue = self
        idle.home = self
        idle.state = ThreadState.RUNNING
        self.charged_until_ns = clock.now_ns()

    def push_new(self, thread: Thread) -> None:
        """Queues a thread that never ran. Lock held."""
        thread.slice_left_ns = 0
        self.push_woken(thread)

    def push_woken(self, thread: Thread) -> None:
        """Queues a thread whose wait ended and notes whether it goes before the running one. Lock
        held.
        """
        thread.state = ThreadState.READY
        thread.is_fresh = thread.slice_left_ns > 0
        if thread.is_fresh:
            self.fresh.push(thread)
        else:
            thread.slice_left_ns = TIME_SLICE_NS
            self.used.push(thread)
        self.ready_count += 1
        if self.running is self.idle or (thread.is_fresh and not self.running.is_fresh):
            self.must_reschedule = True
        elif self.ready_count == 1:
            self.arm_slice()

    def push_running(self) -> None:
        """Queues the running thread, which could go on: at the front, or behind when its slice is
        over.

        Lock held.
        """
        thread = self.running
        thread.state = ThreadState.READY
        self.ready_count += 1
        if thread.slice_left_ns == 0:
            thread.is_fresh = False
            thread.slice_left_ns = TIME_SLICE_NS
            self.used.push(thread)
        elif thread.is_fresh:
            self.fresh.push_front(thread)
        else:
            self.used.push_front(thread)

    def choose(self) -> Thread:
        """Takes the next thread to run, the idle thread if there is none, and makes it the running
        one.

        Lock held.
        """
        thread = self.fresh.pop()
        if thread is None:
            thread = self.used.pop()
        if thread is None:
            thread = self.idle
        else:
            self.ready_count -= 1
        thread.state = ThreadState.RUNNING
        self.running = thread
        self.must_reschedule = False
        if self.ready_count > 0:
            self.arm_slice()
        return thread

    def account(self) -> None:
        """Charges the running thread for the time since the last call. Interrupts masked."""
        now = self.clock.now_ns()
        elapsed = saturating_sub(now, self.charged_until_ns)
        self.charged_until_ns = now
        self.running.charge(elapsed)
        self.running.slice_left_ns = saturating_sub(self.running.slice_left_ns, elapsed)

    def arm_slice(self) -> None:
        """Sets the timer to the end of the running thread's slice."""
        self.timers.add(self.slice_timer, self.charged_until_ns + self.running.slice_left_ns)

    def end_slice(self) -> None:
        """Ends the slice of the running thread, if others wait. A late timer does no harm."""
        with self.lock:
            self.account()
            if self.ready_count == 0:
                return
            if self.running.slice_left_ns == 0 or self.running is self.idle:
                self.must_reschedule = True
            else:
                self.arm_slice()
