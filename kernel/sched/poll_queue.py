"""Waiting for any of several objects: `PollQueue` in the object, `Poller` in the call that waits.

An object that can become ready (pipe, terminal, socket) embeds a `PollQueue` and calls `notify`
after every change that may make it ready; its `File.poll(poller)` first calls
`poller.watch(queue)`, then looks at its state, so that no change is lost. A call that waits makes a
`Poller`, asks every file, sleeps with `wait_until`, asks again (without watching), and ends with
`finish` on every way out.

`notify` may be called from interrupt context and with the object's own lock held. One that finds no
watcher costs a load. Locks: the queue's, then the poller's, then those of a wake-up.
"""

from __future__ import annotations

from abi.errno import EINTR, ENOMEM
from bare import Allocator, allocate, inline, raises, release, struct, u64
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.spin_lock import SpinLock


@struct
class PollWatch:
    """One object that one poller watches; in the list of each of them."""

    poller: Poller
    queue: PollQueue
    next_of_poller: PollWatch | None
    next_of_queue: PollWatch | None
    previous_of_queue: PollWatch | None


@struct
class PollQueue:
    """The pollers that watch one object. Embed it; zeroed is empty."""

    lock: SpinLock = inline()
    # Guarded by lock.
    first: PollWatch | None = None

    def notify(self) -> None:
        """Wakes every poller that watches this object."""
        if self.first is None:
            return
        with self.lock:
            watch: PollWatch | None = self.first
            while watch is not None:
                watch.poller.signal()
                watch = watch.next_of_queue

    def add(self, watch: PollWatch) -> None:
        """Takes in a watch."""
        with self.lock:
            first = self.first
            watch.next_of_queue = first
            if first is not None:
                first.previous_of_queue = watch
            self.first = watch

    def remove(self, watch: PollWatch) -> None:
        """Lets go of a watch; its poller is not woken by this object any more."""
        with self.lock:
            before = watch.previous_of_queue
            after = watch.next_of_queue
            if before is None:
                self.first = after
            else:
                before.next_of_queue = after
            if after is not None:
                after.previous_of_queue = before


@struct
class Poller:
    """A call that waits for any of several objects. Not in a frame: from an allocator."""

    allocator: Allocator
    watches: PollWatch | None
    """Only the waiting thread touches the list."""
    lock: SpinLock = inline()
    # Guarded by lock.
    is_notified: bool
    waiters: WaitQueue = inline()

    @raises(ENOMEM)
    def watch(self, queue: PollQueue) -> None:
        """Has `queue` wake this poller. Called by `File.poll`."""
        watch = allocate(self.allocator, PollWatch)
        watch.poller = self
        watch.queue = queue
        watch.next_of_poller = self.watches
        self.watches = watch
        queue.add(watch)

    def signal(self) -> None:
        """Wakes the waiting thread. Callable from interrupt context."""
        with self.lock:
            self.is_notified = True
            self.waiters.wake_all()

    @raises(EINTR)
    def wait_until(self, deadline_ns: u64) -> bool:
        """Sleeps until a notification since the last call, or the deadline (clock since boot).

        False at the deadline; EINTR by a signal.
        """
        with self.lock:
            while not self.is_notified:
                if not self.waiters.wait_until(self.lock, deadline_ns):
                    return False
            self.is_notified = False
        return True

    def finish(self) -> None:
        """Leaves all queues and frees the watches."""
        watch = self.watches
        while watch is not None:
            following = watch.next_of_poller
            watch.queue.remove(watch)
            release(self.allocator, watch)
            watch = following
        self.watches = None
