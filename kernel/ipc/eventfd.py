"""`EventFile`: a counter behind a descriptor, with which threads wake each other. eventfd(2).

Writing adds to it, reading takes what it holds; who would take nothing, or make it overflow, waits.
"""

from __future__ import annotations

from abi.errno import EAGAIN, EINVAL, ENOMEM
from abi.eventfd import EFD_SEMAPHORE
from abi.file import O_NONBLOCK, O_RDWR, Stat
from abi.poll import POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from bare import (
    Allocator,
    Array,
    allocate,
    array,
    i16,
    inline,
    load_u64,
    raises,
    release,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from kernel.fs.file import File
from kernel.ipc.counter import COUNTER_BYTES, describe_unnamed, hand_out, require_counter
from kernel.mm.user_copy import IoBuffer
from kernel.sched.poll_queue import Poller, PollQueue
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

LARGEST: u64 = 0xFFFF_FFFF_FFFF_FFFE


@struct
class EventFile(File):
    """An open counter."""

    is_semaphore: bool
    lock: SpinLock = inline()
    # Guarded by lock.
    count: u64
    readers: WaitQueue = inline()
    writers: WaitQueue = inline()
    polls: PollQueue = inline()

    def close(self) -> None:
        release(self.allocator, self)

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        require_counter(buffer)
        taken: u64 = 1
        with self.lock:
            while self.count == 0:
                self.wait(self.readers)
            if not self.is_semaphore:
                taken = self.count
            self.count -= taken
            self.writers.wake_all()
            self.polls.notify()
        return hand_out(buffer, taken)

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        require_counter(buffer)
        data: Array[u8] = array(COUNTER_BYTES)
        buffer.pull(data)
        added = load_u64(data, 0)
        if added > LARGEST:
            raise OSError(EINVAL)
        with self.lock:
            while self.count > LARGEST - added:
                self.wait(self.writers)
            self.count += added
            self.readers.wake_all()
            self.polls.notify()
        return COUNTER_BYTES

    @raises()
    def wait(self, queue: WaitQueue) -> None:
        """Sleeps until the counter has changed. EAGAIN, EINTR. Lock held."""
        if self.flags & O_NONBLOCK != 0:
            raise OSError(EAGAIN)
        queue.wait_interruptible(self.lock)

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        if poller is not None:
            poller.watch(self.polls)
        events: i16 = 0
        with self.lock:
            if self.count > 0:
                events |= POLLIN | POLLRDNORM
            if self.count < LARGEST:
                events |= POLLOUT | POLLWRNORM
        return events

    @raises()
    def stat(self, into: Stat) -> None:
        describe_unnamed(into)


@raises(ENOMEM)
def make_event(allocator: Allocator, first: u32, flags: u32) -> EventFile:
    """Makes a counter with one reference; `flags` are O_NONBLOCK and EFD_SEMAPHORE."""
    file = allocate(allocator, EventFile)
    file.start(allocator, O_RDWR | flags & O_NONBLOCK)
    file.is_semaphore = flags & EFD_SEMAPHORE != 0
    file.lock.lock_class = LockClass.PIPE
    file.count = first
    return file
