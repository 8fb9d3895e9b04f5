"""The page cache: pages of files that have a medium behind them, shared by reads and mappings.

`CachedPages` holds the pages of one file; a file system derives from it to say how pages are read
and checked. A page that several threads want at once is read once: the first marks it as being
filled, the others wait. A miss reads on ahead, more the longer a file is read in order: under
emulation a request costs as much as checking several pages, so few large requests pay.

`PageCache` knows all files with pages. When frames run out it takes pages that nobody uses, second
chance first: a page used since the last visit is passed over once.
"""

from __future__ import annotations

from abc import abstractmethod

from abi.errno import EIO, ENOMEM
from abi.limits import PAGE_SIZE
from bare import Array, Span, array, inline, raises, struct, u32, u64, usize
from bare.atomic import AtomicU64
from bare.lib.allocator import Allocator
from kernel.arch.aarch64.layout import PhysAddr
from kernel.fs.page_map import PAGE_LIMIT, PageMap
from kernel.mm.frame import FrameAllocator
from kernel.mm.frame_view import frame_bytes
from kernel.mm.page_source import PageSource
from kernel.mm.reclaim import Reclaimer
from kernel.mm.user_copy import IoBuffer
from kernel.params import READ_AHEAD_FIRST, READ_AHEAD_LIMIT, READ_AHEAD_RESERVE
from kernel.sched.switch import breathe_until_fatal
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

FILLING: u64 = 1
"""Entry of a page that a thread is reading; it has no frame yet."""
ACCESSED: u64 = 2
"""Flag of a page that was used since the reclaimer's last visit."""
FLAGS: u64 = PAGE_SIZE - 1


@struct
class CachedPages(PageSource):
    """The pages of one file. Derived classes give `read_pages`, `is_intact`, `get`, `put`."""

    cache: PageCache
    next_file: CachedPages | None
    is_listed: bool
    # under lock
    lock: SpinLock = inline()
    map: PageMap = inline()
    filled: WaitQueue = inline()
    expected: u64
    """The page behind the last one read: a miss there is reading in order."""
    window: u32
    """Pages that the next miss in order reads."""
    size: u64

    def start(self, cache: PageCache, size: u64) -> None:
        """Makes a zeroed object usable for a file of `size` bytes."""
        self.cache = cache
        self.size = size
        self.map.allocator = cache.allocator
        self.lock.lock_class = LockClass.PAGE_CACHE

    @abstractmethod
    @raises()
    def read_pages(self, first: u64, frames: Span[u64]) -> None:
        """Reads consecutive pages from `first` on into frames. Blocks. EIO, ENOMEM."""

    @abstractmethod
    def is_intact(self, index: u64, frame: PhysAddr) -> bool:
        """Whether the page read into `frame` has the right checksum; says so in the log if not."""

    def length(self) -> u64:
        return self.size

    def cached_page(self, index: u64) -> PhysAddr:
        with self.lock:
            return self._present(index)

    @raises(EIO, ENOMEM)
    def get_page(self, index: u64) -> PhysAddr:
        claimed: u32 = 0
        while claimed == 0:
            with self.lock:
                frame = self._present(index)
                if frame != 0:
                    return frame
                if self.map.get(index) == FILLING:
                    self.filled.wait(self.lock)
                else:
                    claimed = self._claim(index)
        return self._fill(index, claimed)

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        """Copies from the file into `buffer`; returns the bytes moved."""
        start = offset
        while buffer.remaining > 0 and offset < self.size:
            place = offset % PAGE_SIZE
            step = min(min(PAGE_SIZE - place, buffer.remaining), self.size - offset)
            try:
                self._read_page(offset // PAGE_SIZE, place, step, buffer)
            except OSError:
                if offset == start:
                    raise
                break
            offset += step
            if breathe_until_fatal():
                break
        return offset - start

    def evict(self, wanted: u64) -> u64:
        """Frees up to `wanted` unused pages, without waiting; returns how many."""
        if not self.lock.try_acquire():
            return 0
        freed: u64 = 0
        index = self.map.next_present(0)
        while index < PAGE_LIMIT and freed < wanted:
            freed += self._evict_page(index)
            index = self.map.next_present(index + 1)
        self.lock.release_tried()
        return freed

    def _evict_page(self, index: u64) -> u64:
        """Frees a page that only the cache holds, unless it was used lately. Lock held."""
        entry = self.map.get(index)
        if entry == FILLING:
            return 0
        if entry & ACCESSED != 0:
            self.map.set(index, entry ^ ACCESSED)
            return 0
        if self.cache.frames.references(entry) != 1:
            return 0
        self.map.set(index, 0)
        self.cache.frames.put(entry)
        self.cache.pages.fetch_sub(1)
        return 1

    @raises()
    def _read_page(self, index: u64, place: usize, step: usize, buffer: IoBuffer) -> None:
        frame = self.get_page(index)
        try:
            buffer.push(frame_bytes(frame)[place : place + step])
        finally:
            self.cache.frames.put(frame)

    def _present(self, index: u64) -> PhysAddr:
        """Returns the frame of a page with a reference, 0 where it is not there. Lock held."""
        entry = self.map.get(index)
        if entry <= FLAGS:
            return 0
        frame = entry - (entry & FLAGS)
        self.map.set(index, frame | ACCESSED)
        self.cache.frames.get(frame)
        return frame

    @raises(ENOMEM)
    def _claim(self, index: u64) -> u32:
        """Marks the pages of one request as being filled; returns how many. Lock held."""
        limit = self._choose_window(index)
        count: u32 = 0
        while count < limit:
            if self.map.get(index + count) != 0:
                break
            try:
                self.map.reserve(index + count)
            except OSError:
                break
            self.map.set(index + count, FILLING)
            count += 1
        if count == 0:
            raise OSError(ENOMEM)
        self.expected = index + count
        return count

    def _choose_window(self, index: u64) -> u32:
        """Returns how many pages a miss at `index` should read. Lock held."""
        if index == self.expected and self.window != 0:
            self.window = min(2 * self.window, READ_AHEAD_LIMIT)
        else:
            self.window = READ_AHEAD_FIRST
        pages = (self.size + PAGE_SIZE - 1) // PAGE_SIZE
        if self.cache.frames.free_frames() < READ_AHEAD_RESERVE or index >= pages:
            return 1
        return u32(min(self.window, pages - index))

    @raises(EIO, ENOMEM)
    def _fill(self, first: u64, claimed: u32) -> PhysAddr:
        """Reads the claimed pages; returns the first with a reference for the caller."""
        frames: Array[u64] = array(READ_AHEAD_LIMIT)
        count = self._take_frames(frames[:claimed])
        is_read = count > 0 and self._try_read(first, frames[:count])
        if is_read:
            self._drop_damaged(first, frames[:count])
        else:
            self._free_frames(frames[:count])
        wanted = frames[0]
        self._publish(first, frames[:claimed])
        if wanted != 0:
            return wanted
        if count == 0:
            raise OSError(ENOMEM)
        raise OSError(EIO)

    def _take_frames(self, into: Span[u64]) -> u32:
        """Allocates frames from the start of `into` on; returns how many it got."""
        count: u32 = 0
        for index in range(len(into)):
            try:
                into[index] = self.cache.frames.alloc(0)
            except OSError:
                break
            count += 1
        return count

    def _try_read(self, first: u64, frames: Span[u64]) -> bool:
        try:
            self.read_pages(first, frames)
        except OSError:
            return False
        return True

    def _drop_damaged(self, first: u64, frames: Span[u64]) -> None:
        """Frees the frames whose checksums are wrong and sets them to 0."""
        for index in range(len(frames)):
            if not self.is_intact(first + index, frames[index]):
                self.cache.frames.put(frames[index])
                frames[index] = 0

    def _free_frames(self, frames: Span[u64]) -> None:
        for index in range(len(frames)):
            self.cache.frames.put(frames[index])
            frames[index] = 0

    def _publish(self, first: u64, frames: Span[u64]) -> None:
        """Puts the frames into the map and wakes who waits; the first gets one more reference."""
        if frames[0] != 0:
            self.cache.frames.get(frames[0])
        added: u64 = 0
        with self.lock:
            for index, frame in enumerate(frames):
                self.map.set(first + index, frame)
                if frame != 0:
                    added += 1
        self.filled.wake_all()
        self.cache.pages.fetch_add(added)
        if added > 0:
            self.cache.list_file(self)


@struct
class PageCache(Reclaimer):
    """All cached pages. Made by `allocate`, then `setup`."""

    allocator: Allocator
    frames: FrameAllocator
    pages: AtomicU64 = inline()
    """Pages held at the moment."""
    # under lock
    lock: SpinLock = inline()
    first: CachedPages | None
    hand: CachedPages | None
    """Where the next search for unused pages begins; none for the first file."""

    def setup(self, allocator: Allocator, frames: FrameAllocator) -> None:
        """Makes the object usable."""
        self.allocator = allocator
        self.frames = frames

    def list_file(self, file: CachedPages) -> None:
        """Makes the pages of `file` known to `reclaim`; a file stays listed for good."""
        with self.lock:
            if not file.is_listed:
                file.is_listed = True
                file.next_file = self.first
                self.first = file

    def reclaim(self, wanted: u64) -> u64:
        """Frees up to `wanted` unused pages, visiting every file at most twice."""
        if not self.lock.try_acquire():
            return 0
        freed: u64 = 0
        rounds: u32 = 0
        while rounds < 3 and freed < wanted:
            file = self.hand
            if file is None:
                file = self.first
                rounds += 1
            if file is None:
                break
            freed += file.evict(wanted - freed)
            self.hand = file.next_file
        self.lock.release_tried()
        return freed
