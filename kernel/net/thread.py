"""`NetThread`: goes on with the frames that an interrupt left."""

from __future__ import annotations

from bare import struct, unreachable
from kernel.net.stack import NetStack
from kernel.sched.scheduler import Scheduler
from kernel.sched.thread import Thread


@struct
class NetThread(Thread):
    """The stack's thread. Never ends."""

    stack: NetStack | None = None
    scheduler: Scheduler | None = None

    def run(self) -> None:
        """A round, then everybody else's turn."""
        stack = self.stack
        scheduler = self.scheduler
        assert stack is not None and scheduler is not None, "net thread without its stack"
        while True:
            stack.wait_for_work()
            scheduler.yield_now()

    def released(self) -> None:
        """Not used: the thread never ends."""
        unreachable()
