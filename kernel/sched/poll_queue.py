"""Waiting for any of several objects: `PollQueue` in the object, `Poller` in the call that waits.

An object that can become ready (pipe, terminal, socket) embeds a `PollQueue` and calls `notify` after
every change that may make it ready; its `File.poll(poller)` first calls `poller.watch(queue)`, then looks
at its state, so that no change is lost. A call that waits makes a `Poller`, asks every file, sleeps with
`wait_until`, asks again, and ends with `finish`.

`notify` may be called from interrupt context and with the object's own lock held. One that finds no
watcher costs a load.
"""

from __future__ import annotations

from bare import allocate, inline, raises, release, struct, u64
from bare.lib.allocator import Allocator
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock


@struct
class PollWatch:
    """One object that one poller watches; in the list of each of them."""

    poller: Poller
    queue: PollQueue
    next_of_poller: PollWatch | None = None
    next_of_queue: PollWatch | None = None
    previous_of_queue: PollWatch | None = None


@struct
class PollQueue:
    """The pollers that watch one object. Embed it; zeroed is empty."""

    # under lock
    lock: SpinLock = inline()
    first: PollWatch | None = None

    def notify(self) -> None:
        """Wakes every poller that watches this object."""
        ...


@struct
class Poller:
    """A call that waits for any of several objects. Lives in the caller's frame or an allocator."""

    allocator: Allocator
    watches: PollWatch | None = None
    # under lock
    lock: SpinLock = inline()
    is_notified: bool = False
    waiters: WaitQueue = inline()

    @raises()
    def watch(self, queue: PollQueue) -> None:
        """Has `queue` wake this poller; ENOMEM. Called by `File.poll`."""
        ...

    @raises()
    def wait_until(self, deadline_ns: u64) -> bool:
        """Sleeps until a notification or the deadline; false at the deadline; EINTR by a signal."""
        ...

    def finish(self) -> None:
        """Leaves all queues and frees the watches; must be called on every path."""
        ...
