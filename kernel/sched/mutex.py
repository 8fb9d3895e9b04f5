"""`Mutex`: mutual exclusion for code that blocks while it holds it."""

from __future__ import annotations

from bare import inline, struct
from kernel.sched.cpu import current_thread
from kernel.sched.thread import Thread
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.spin_lock import SpinLock


@struct
class Mutex:
    """A sleeping lock: `with mutex:`. Not recursive, not for interrupt context. Zeroed is free."""

    lock: SpinLock = inline()
    # Guarded by lock.
    owner: Thread | None = None
    waiters: WaitQueue = inline()

    def __enter__(self) -> None:
        with self.lock:
            while self.owner is not None:
                self.waiters.wait(self.lock)
            self.owner = current_thread()

    def __exit__(self, *exc: object) -> None:
        with self.lock:
            self.owner = None
            self.waiters.wake_one()
