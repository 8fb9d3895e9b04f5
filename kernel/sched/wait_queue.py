"""`WaitQueue`: threads that wait for a condition which a spin lock guards.

How to use it, with no lost wake-up:

    with pipe.lock:
        while pipe.is_empty():
            pipe.readers.wait_interruptible(pipe.lock)

The waiter is on the queue before the lock is given up, and the waker changes the condition with the
lock held and then calls `wake_one` or `wake_all`, with or without it. The condition is looked at
again after every wait. A waiter that a signal or the deadline woke takes itself off the queue; a
wake-up that meets it goes on to the next.

Embed it; zeroed is empty. Locks: the caller's lock, then `lock`, then the run queue's, then the
timers'.
"""

from __future__ import annotations

from abi.errno import EINTR
from bare import inline, raises, struct, u64
from kernel.sched.cpu import current_thread
from kernel.sched.switch import give_up_cpu
from kernel.sched.thread import Thread, WakeReason
from kernel.sync.spin_lock import SpinLock

NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF
"""A deadline that does not come."""


@struct
class WaitQueue:
    """Waiting threads, first come first served."""

    lock: SpinLock = inline()
    # Guarded by lock.
    first: Thread | None = None
    last: Thread | None = None

    def wait(self, lock: SpinLock) -> None:
        """Gives `lock` up, sleeps until woken, and takes it again. Signals do not end it."""
        self.sleep(lock, False, NEVER)

    @raises(EINTR)
    def wait_interruptible(self, lock: SpinLock) -> None:
        """Waits like `wait`; EINTR when a signal for this thread is or gets pending."""
        if self.sleep(lock, True, NEVER) == WakeReason.INTERRUPTED:
            raise OSError(EINTR)

    @raises(EINTR)
    def wait_until(self, lock: SpinLock, deadline_ns: u64) -> bool:
        """Waits like `wait_interruptible`; False when `deadline_ns` (clock since boot) has come."""
        reason = self.sleep(lock, True, deadline_ns)
        if reason == WakeReason.INTERRUPTED:
            raise OSError(EINTR)
        return reason == WakeReason.WOKEN

    def wake_one(self) -> bool:
        """Wakes the thread that waits longest; False if none does. Callable from interrupt context.
        """
        while True:
            thread = self.take_first()
            if thread is None:
                return False
            if thread.wake(WakeReason.WOKEN):
                return True

    def wake_all(self) -> None:
        """Wakes every waiting thread."""
        while self.wake_one():
            pass

    def is_empty(self) -> bool:
        """Whether nobody waits: a hint, unless the condition's lock is held."""
        return self.first is None

    def sleep(self, lock: SpinLock, is_interruptible: bool, deadline_ns: u64) -> WakeReason:
        """Does one wait and says why it ended."""
        thread = current_thread()
        if is_interruptible and thread.must_interrupt:
            return WakeReason.INTERRUPTED
        thread.begin_wait(is_interruptible)
        with self.lock:
            self.append(thread)
        if deadline_ns != NEVER:
            thread.home.timers.add(thread.sleep_timer, deadline_ns)
        # ORDER: a signal that came before `begin_wait` found no wait to end.
        if is_interruptible and thread.must_interrupt:
            thread.wake(WakeReason.INTERRUPTED)
        lock.release()
        give_up_cpu()
        if deadline_ns != NEVER:
            thread.home.timers.cancel(thread.sleep_timer)
        with self.lock:
            if thread.is_queued:
                self.remove(thread)
        lock.acquire()
        return thread.wake_reason

    def take_first(self) -> Thread | None:
        """Takes the first thread off the queue."""
        with self.lock:
            thread = self.first
            if thread is not None:
                self.remove(thread)
            return thread

    def append(self, thread: Thread) -> None:
        """Puts a thread at the end. Lock held."""
        last = self.last
        thread.previous_waiter = last
        thread.next_waiter = None
        thread.is_queued = True
        if last is None:
            self.first = thread
        else:
            last.next_waiter = thread
        self.last = thread

    def remove(self, thread: Thread) -> None:
        """Takes a thread out. Lock held."""
        before = thread.previous_waiter
        after = thread.next_waiter
        if before is None:
            self.first = after
        else:
            before.next_waiter = after
        if after is None:
            self.last = before
        else:
            after.previous_waiter = before
        thread.next_waiter = None
        thread.previous_waiter = None
        thread.is_queued = False
