"""`SocketWaiters`: who waits for a socket, and how they are told. Guarded by the stack's lock."""

from __future__ import annotations

from bare import inline, struct
from kernel.sched.poll_queue import PollQueue
from kernel.sched.wait_queue import WaitQueue


@struct
class SocketWaiters:
    """Threads that wait in a call for a socket, and those that watch it. Embed it in the socket."""

    readers: WaitQueue = inline()
    writers: WaitQueue = inline()
    polls: PollQueue = inline()
    wants_room: bool = False
    """A writer or a poller has found no room: worth telling when there is some."""

    def readable(self) -> None:
        """Tells those that want to receive or to accept."""
        if not self.readers.is_empty():
            self.readers.wake_all()
        self.polls.notify()

    def writable(self) -> None:
        """Tells those that want to send, if there are any."""
        if not self.wants_room:
            return
        self.wants_room = False
        self.writers.wake_all()
        self.polls.notify()

    def changed(self) -> None:
        """Tells everybody: the connection stands, has ended, or has an error."""
        self.wants_room = False
        self.readers.wake_all()
        self.writers.wake_all()
        self.polls.notify()
