"""`TimerFile`: a timer behind a descriptor. timerfd_create(2).

How often it has expired follows from the clock, so that the timer itself only wakes who waits, once
for each read. Locks: the file's, then the timer queue's.
"""

from __future__ import annotations

from abi.errno import EAGAIN, ENOMEM
from abi.file import O_NONBLOCK, O_RDWR, Stat
from abi.poll import POLLIN, POLLRDNORM
from bare import (
    Allocator,
    allocate,
    i16,
    inline,
    raises,
    release,
    saturating_add,
    struct,
    u32,
    u64,
    usize,
)
from kernel.fs.file import File
from kernel.ipc.counter import describe_unnamed, hand_out, require_counter
from kernel.mm.user_copy import IoBuffer
from kernel.sched.cpu import current_thread
from kernel.sched.poll_queue import Poller, PollQueue
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock
from kernel.time.timer_queue import NEVER, Timer, TimerQueue


@struct
class FileTimer(Timer):
    """Wakes who waits for a `TimerFile`."""

    file: TimerFile | None = None

    def fire(self) -> None:
        file = self.file
        assert file is not None, "timer without its file"
        file.expire()


@struct
class TimerFile(File):
    """An open timer."""

    clock: Clock
    timers: TimerQueue
    is_of_wall_clock: bool
    """Whether absolute times are those of CLOCK_REALTIME."""
    lock: SpinLock = inline()
    # Guarded by lock.
    timer: FileTimer = inline()
    is_pending: bool
    """Whether the timer is queued or about to fire."""
    is_closed: bool
    expires_ns: u64
    """When it expires next that nobody has read, by the clock since boot; or NEVER."""
    interval_ns: u64
    readers: WaitQueue = inline()
    polls: PollQueue = inline()

    def close(self) -> None:
        with self.lock:
            if self.is_pending and not self.timers.cancel(self.timer):
                # It is firing on another CPU and waits for the lock: `expire` frees the file.
                self.is_closed = True
                return
        release(self.allocator, self)

    def expire(self) -> None:
        """Wakes who waits. Interrupt context."""
        with self.lock:
            self.is_pending = self.timer.is_queued
            if not self.is_closed:
                self.readers.wake_all()
                self.polls.notify()
                return
        release(self.allocator, self)

    def set(self, expires_ns: u64, interval_ns: u64) -> None:
        """Sets it; NEVER switches it off."""
        with self.lock:
            self.interval_ns = interval_ns
            self.aim(expires_ns)

    def aim(self, expires_ns: u64) -> None:
        """Has it expire at a time. Lock held."""
        self.expires_ns = expires_ns
        if expires_ns != NEVER:
            self.is_pending = True
            self.timers.add(self.timer, expires_ns)
        elif self.is_pending and self.timers.cancel(self.timer):
            self.is_pending = False

    def left_ns(self) -> u64:
        """Returns the time to the next expiration; 0: it is off."""
        with self.lock:
            if self.expires_ns == NEVER:
                return 0
            now_ns = self.clock.now_ns()
            if self.expires_ns > now_ns:
                return self.expires_ns - now_ns
            if self.interval_ns == 0:
                return 0
            return self.interval_ns - (now_ns - self.expires_ns) % self.interval_ns

    def expirations(self) -> u64:
        """Returns how often it has expired since it was read or set. Lock held."""
        now_ns = self.clock.now_ns()
        if self.expires_ns > now_ns:
            return 0
        if self.interval_ns == 0:
            return 1
        return 1 + (now_ns - self.expires_ns) // self.interval_ns

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        require_counter(buffer)
        count: u64 = 0
        with self.lock:
            count = self.expirations()
            while count == 0:
                if self.flags & O_NONBLOCK != 0:
                    raise OSError(EAGAIN)
                self.readers.wait_interruptible(self.lock)
                count = self.expirations()
            is_over = self.interval_ns == 0
            # An interval may be as long as NEVER; `count` is 1 then, so the product still fits.
            following_ns = saturating_add(self.expires_ns, count * self.interval_ns)
            self.aim(NEVER if is_over else following_ns)
        return hand_out(buffer, count)

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        if poller is not None:
            poller.watch(self.polls)
        with self.lock:
            return POLLIN | POLLRDNORM if self.expirations() > 0 else 0

    @raises()
    def stat(self, into: Stat) -> None:
        describe_unnamed(into)


@raises(ENOMEM)
def make_timer(allocator: Allocator, clock: Clock, flags: u32, is_of_wall_clock: bool) -> TimerFile:
    """Makes a timer that is off, with one reference; `flags` may be O_NONBLOCK."""
    file = allocate(allocator, TimerFile)
    file.start(allocator, O_RDWR | flags & O_NONBLOCK)
    file.clock = clock
    file.timers = current_thread().home.timers
    file.is_of_wall_clock = is_of_wall_clock
    file.lock.lock_class = LockClass.PIPE
    file.timer.file = file
    file.expires_ns = NEVER
    return file
