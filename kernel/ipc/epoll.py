"""`EpollFile`: a descriptor that tells which of many files are ready. Linux, epoll(7).

Each watched file has an `EpollItem` in its poll queues. What notifies the file puts the item on the
epoll's ready list and wakes who waits; who waits takes items off, asks their files, and puts those
that are still ready, unless they are edge-triggered, back to the end. So a wait costs what is
ready, not what is watched.

A file that closes takes its items with it: `File.put` tells the first of its `observers`. Items are
made, asked and freed under the mutex of `EpollRegistry`, one for all epolls, since a file and an
epoll may close at the same time. Locks: the mutex, then a poll queue's, then `EpollFile.lock`.
"""

from __future__ import annotations

from abi.epoll import EPOLLERR, EPOLLET, EPOLLHUP, EPOLLONESHOT, EpollEvent
from abi.errno import EEXIST, EINTR, ELOOP, ENOENT, ENOMEM, EPERM
from abi.file import O_RDWR, Stat
from abi.poll import POLLIN, POLLRDNORM
from bare import (
    Allocator,
    Span,
    allocate,
    i16,
    i32,
    inline,
    raises,
    release,
    struct,
    u32,
    u64,
    usize,
    wrap_u16,
)
from kernel.fs.file import File, FileObserver
from kernel.ipc.counter import describe_unnamed
from kernel.sched.mutex import Mutex
from kernel.sched.poll_queue import Poller, PollQueue
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.spin_lock import SpinLock

ALWAYS: u32 = EPOLLERR | EPOLLHUP
"""Events that are told even if nobody asked."""
MODES: u32 = 0xF000_0000
"""Bits of a request that are not events."""


@struct
class EpollRegistry:
    """What all epolls share. One, in the kernel."""

    mutex: Mutex = inline()


@struct
class EpollLink(FileObserver):
    """An item in the list of its file."""

    item: EpollItem

    def file_closing(self, file: File) -> None:
        """Removes all items of a file whose last descriptor was closed."""
        with self.item.epoll.registry.mutex:
            while True:
                link = file.observers
                if link is None or not isinstance(link, EpollLink):
                    return
                link.item.epoll.remove(link.item)


@struct
class EpollItem(Poller):
    """A descriptor that an epoll watches."""

    epoll: EpollFile
    file: File
    fd: i32
    link: EpollLink = inline()
    # Guarded by the registry's mutex.
    events: u32
    """What the program wants to know, with the modes; 0: off until EPOLL_CTL_MOD."""
    data: u64
    next_item: EpollItem | None
    previous_item: EpollItem | None
    # Guarded by the epoll's lock.
    is_ready: bool
    next_ready: EpollItem | None
    previous_ready: EpollItem | None

    def signal(self) -> None:
        """Makes the epoll look at the file. Callable from interrupt context."""
        self.epoll.add_ready(self)


@struct
class EpollFile(File):
    """The file behind an epoll descriptor."""

    registry: EpollRegistry
    first_item: EpollItem | None
    """Under the registry's mutex."""
    lock: SpinLock = inline()
    # Guarded by lock.
    first_ready: EpollItem | None
    last_ready: EpollItem | None
    ready_count: u32
    waiters: WaitQueue = inline()
    polls: PollQueue = inline()

    def close(self) -> None:
        with self.registry.mutex:
            while True:
                item = self.first_item
                if item is None:
                    break
                self.remove(item)
        release(self.allocator, self)

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        """POLLIN where something may be ready: a wait may still find nothing."""
        if poller is not None:
            poller.watch(self.polls)
        with self.lock:
            return POLLIN | POLLRDNORM if self.first_ready is not None else 0

    @raises()
    def stat(self, into: Stat) -> None:
        describe_unnamed(into)

    @raises()
    def add(self, fd: i32, file: File, event: EpollEvent) -> None:
        """Watches a file, which the caller has a reference to. EEXIST, ELOOP, ENOMEM, EPERM."""
        if not file.can_watch():
            raise OSError(EPERM)
        if isinstance(file, EpollFile):
            raise OSError(ELOOP)
        with self.registry.mutex:
            if self.find(fd, file) is not None:
                raise OSError(EEXIST)
            item = allocate(self.allocator, EpollItem)
            item.allocator = self.allocator
            item.epoll = self
            item.file = file
            item.fd = fd
            item.link.item = item
            self._link(item)
            try:
                file.poll(item)
            except OSError:
                self.remove(item)
                raise
            self._arm(item, event)

    @raises()
    def change(self, fd: i32, file: File, event: EpollEvent) -> None:
        """Watches a file for other events. ENOENT."""
        with self.registry.mutex:
            item = self.find(fd, file)
            if item is None:
                raise OSError(ENOENT)
            self._arm(item, event)

    @raises(ENOENT)
    def delete(self, fd: i32, file: File) -> None:
        """Does not watch a file any more. ENOENT."""
        with self.registry.mutex:
            item = self.find(fd, file)
            if item is None:
                raise OSError(ENOENT)
            self.remove(item)

    @raises(EINTR)
    def wait(self, into: Span[EpollEvent], deadline_ns: u64) -> usize:
        """Waits for events and writes them; 0 at the deadline (clock since boot)."""
        while True:
            found = self.collect(into)
            if found > 0:
                return found
            with self.lock:
                while self.first_ready is None:
                    if not self.waiters.wait_until(self.lock, deadline_ns):
                        return 0

    def collect(self, into: Span[EpollEvent]) -> usize:
        """Writes what is ready now; returns how many. Looks at each item once."""
        found: usize = 0
        with self.registry.mutex:
            left = self.ready_count
            while left > 0 and found < len(into):
                item = self._take_ready()
                if item is None:
                    break
                left -= 1
                if self._tell(item, into[found]):
                    found += 1
        return found

    def _tell(self, item: EpollItem, event: EpollEvent) -> bool:
        """Asks the file of an item that was on the list; False: nothing that is asked for holds."""
        if item.events == 0:
            return False
        try:
            state = u32(wrap_u16(item.file.poll(None)))
        except OSError:
            state = EPOLLERR
        event.events = state & (item.events | ALWAYS)
        event.data = item.data
        if event.events == 0:
            return False
        if item.events & EPOLLONESHOT != 0:
            item.events = 0
        elif item.events & EPOLLET == 0:
            self.add_ready(item)
        return True

    def _arm(self, item: EpollItem, event: EpollEvent) -> None:
        """Sets what an item waits for, and looks whether it holds already."""
        item.events = event.events | ALWAYS
        item.data = event.data
        self.add_ready(item)

    def find(self, fd: i32, file: File) -> EpollItem | None:
        """Returns the item of a descriptor. The mutex is held."""
        link = file.observers
        while link is not None:
            if isinstance(link, EpollLink) and link.item.epoll is self and link.item.fd == fd:
                return link.item
            link = link.next_observer
        return None

    def remove(self, item: EpollItem) -> None:
        """Takes an item out of everything and frees it. The mutex is held."""
        item.finish()
        item.file.remove_observer(item.link)
        with self.lock:
            if item.is_ready:
                self._unlink_ready(item)
        after = item.next_item
        before = item.previous_item
        if before is None:
            self.first_item = after
        else:
            before.next_item = after
        if after is not None:
            after.previous_item = before
        release(self.allocator, item)

    def add_ready(self, item: EpollItem) -> None:
        """Puts an item on the ready list and wakes. Callable from interrupt context."""
        with self.lock:
            if item.is_ready or item.events == 0:
                return
            item.is_ready = True
            last = self.last_ready
            item.previous_ready = last
            item.next_ready = None
            if last is None:
                self.first_ready = item
            else:
                last.next_ready = item
            self.last_ready = item
            self.ready_count += 1
            self.waiters.wake_all()
        self.polls.notify()

    def _link(self, item: EpollItem) -> None:
        """Enters a new item. The mutex is held."""
        first = self.first_item
        item.next_item = first
        if first is not None:
            first.previous_item = item
        self.first_item = item
        item.file.add_observer(item.link)

    def _take_ready(self) -> EpollItem | None:
        """Takes the first item off the ready list."""
        with self.lock:
            item = self.first_ready
            if item is not None:
                self._unlink_ready(item)
            return item

    def _unlink_ready(self, item: EpollItem) -> None:
        """Takes an item off the ready list. Lock held."""
        before = item.previous_ready
        after = item.next_ready
        if before is None:
            self.first_ready = after
        else:
            before.next_ready = after
        if after is None:
            self.last_ready = before
        else:
            after.previous_ready = before
        item.next_ready = None
        item.previous_ready = None
        item.is_ready = False
        self.ready_count -= 1


@raises(ENOMEM)
def make_epoll(allocator: Allocator, registry: EpollRegistry) -> EpollFile:
    """Makes an epoll with one reference, the caller's."""
    file = allocate(allocator, EpollFile)
    file.start(allocator, O_RDWR)
    file.registry = registry
    return file
