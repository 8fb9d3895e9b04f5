"""Timers: things to be done once at a time, ordered by deadline.

A pairing heap whose nodes are the timers themselves, so adding one cannot fail. Only the first
deadline is programmed into the clock; with no timer there is no interrupt.

How to use it: derive from `Timer`, embed it, `add(timer, deadline_ns)`; `fire` runs in
interrupt context with no lock of the queue held and may add the timer again. `cancel` is allowed
at any time; after it has returned True, `fire` will not be called. Locks: takes `TIMER`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import inline, struct, u64
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock

NEVER = 0xFFFF_FFFF_FFFF_FFFF
"""A deadline that is not reached."""


@struct
class Timer(ABC):
    """Something to do at a time. Owned by its queue between `add` and `fire` or `cancel`."""

    deadline_ns: u64 = NEVER
    is_queued: bool = False
    child: Timer | None = None
    sibling: Timer | None = None
    previous: Timer | None = None
    """Left sibling, or the parent of a first child."""

    @abstractmethod
    def fire(self) -> None:
        """Does it. Interrupt context: interrupts are masked, nothing may block."""


@struct
class TimerQueue:
    """The timers of one CPU."""

    clock: Clock
    lock: SpinLock = inline()
    # Guarded by lock.
    root: Timer | None = None
    alarm_ns: u64 = NEVER
    """What the clock's alarm is set to."""

    def add(self, timer: Timer, deadline_ns: u64) -> None:
        """Queues a timer, or moves one that is queued."""
        with self.lock:
            if timer.is_queued:
                self.unlink(timer)
            timer.deadline_ns = deadline_ns
            timer.is_queued = True
            self.root = meld(self.root, timer)
            self.program()

    def cancel(self, timer: Timer) -> bool:
        """Takes a timer out; False where it was not queued (any more)."""
        with self.lock:
            if not timer.is_queued:
                return False
            self.unlink(timer)
            self.program()
            return True

    def run_expired(self) -> None:
        """Fires what is due: the handler of the clock's interrupt."""
        with self.lock:
            self.clock.source.clear_alarm()
            self.alarm_ns = NEVER
        while True:
            timer = self.take_expired()
            if timer is None:
                return
            timer.fire()

    def take_expired(self) -> Timer | None:
        """Takes out the first timer if it is due, else sets the alarm for it."""
        with self.lock:
            first = self.root
            if first is None or first.deadline_ns > self.clock.now_ns():
                self.program()
                return None
            self.unlink(first)
            return first

    def program(self) -> None:
        """Sets the alarm to the first deadline if that has changed. Lock held."""
        first = self.root
        wanted = NEVER if first is None else first.deadline_ns
        if wanted == self.alarm_ns:
            return
        self.alarm_ns = wanted
        if wanted == NEVER:
            self.clock.source.clear_alarm()
        else:
            self.clock.source.set_alarm(wanted)

    def unlink(self, timer: Timer) -> None:
        """Takes a timer out of the heap. Lock held."""
        below = merge_siblings(timer.child)
        previous = timer.previous
        sibling = timer.sibling
        if previous is None:
            self.root = below
            if below is not None:
                below.previous = None
        else:
            if previous.child is timer:
                previous.child = sibling
            else:
                previous.sibling = sibling
            if sibling is not None:
                sibling.previous = previous
            self.root = meld(self.root, below)
        timer.child = None
        timer.sibling = None
        timer.previous = None
        timer.is_queued = False


def meld(left: Timer | None, right: Timer | None) -> Timer | None:
    """Joins two heaps whose roots have no siblings."""
    if left is None:
        return right
    if right is None:
        return left
    if right.deadline_ns < left.deadline_ns:
        return attach(right, left)
    return attach(left, right)


def attach(parent: Timer, child: Timer) -> Timer:
    """Makes `child` the first child of `parent` and returns `parent`."""
    first = parent.child
    child.sibling = first
    if first is not None:
        first.previous = child
    child.previous = parent
    parent.child = child
    return parent


def merge_siblings(first: Timer | None) -> Timer | None:
    """Joins a list of siblings to one heap: pairs from left to right, then the pairs from right to
    left.
    """
    pairs: Timer | None = None
    while first is not None:
        second = first.sibling
        rest: Timer | None = None
        detach(first)
        if second is not None:
            rest = second.sibling
            detach(second)
        pair = meld(first, second)
        if pair is not None:
            pair.sibling = pairs
            pairs = pair
        first = rest
    result: Timer | None = None
    while pairs is not None:
        following = pairs.sibling
        detach(pairs)
        result = meld(result, pairs)
        pairs = following
    return result


def detach(timer: Timer) -> None:
    """Makes a timer a root of its own."""
    timer.sibling = None
    timer.previous = None
