"""`TmpFile`: a regular file of a tmpfs. Its pages are the file: there is nothing behind them.

Reads and writes take a reference to a page under the lock, then copy without it, so that a copy may
fault, even on a mapping of the same file.
"""

from __future__ import annotations

from abi.errno import EFBIG, ENOMEM
from abi.limits import PAGE_SIZE
from bare import allocate, inline, raises, release, struct, u64, usize
from kernel.arch.aarch64.layout import PhysAddr
from kernel.fs.inode import NewAttributes
from kernel.fs.inode_kind import InodeKind
from kernel.fs.page_map import PAGE_LIMIT, PageMap
from kernel.fs.tmp.file_system import TmpFileSystem
from kernel.fs.tmp.inode import TmpInode
from kernel.mm.frame_view import frame_bytes
from kernel.mm.page_source import PageSource
from kernel.mm.user_copy import IoBuffer
from kernel.sched.mutex import Mutex
from kernel.sched.switch import breathe, breathe_until_fatal
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

SIZE_LIMIT: u64 = PAGE_LIMIT * PAGE_SIZE
SECTORS_PER_PAGE: u64 = 8
ZEROS: bytes = bytes(512)
"""What a hole is read from, piece by piece."""


@struct
class TmpPages(PageSource):
    """The pages of a file, as mappings see them; embedded in the file."""

    file: TmpFile | None
    # under lock
    lock: SpinLock = inline()
    map: PageMap = inline()
    size: u64
    count: u64

    def owner(self) -> TmpFile:
        """Returns the file that embeds this object."""
        file = self.file
        assert file is not None, "tmpfs pages without a file"
        return file

    def get(self) -> None:
        self.owner().get()

    def put(self) -> None:
        self.owner().put()

    def length(self) -> u64:
        return self.size

    def cached_page(self, index: u64) -> PhysAddr:
        with self.lock:
            frame = self.map.get(index)
            if frame != 0:
                self.owner().tmp.frames.get(frame)
            return frame

    @raises(ENOMEM)
    def get_page(self, index: u64) -> PhysAddr:
        frame = self.cached_page(index)
        if frame != 0:
            return frame
        try:
            return self.take_page(index)
        except OSError:
            pass
        raise OSError(ENOMEM)

    @raises()
    def take_page(self, index: u64) -> PhysAddr:
        """Returns page `index` with a reference for the caller, made where there is a hole.

        ENOSPC, ENOMEM, EFBIG.
        """
        tmp = self.owner().tmp
        made = tmp.take_page()
        try:
            with self.lock:
                self.map.reserve(index)
                present = self.map.get(index)
                if present == 0:
                    self.map.set(index, made)
                    self.count += 1
                    tmp.frames.get(made)
                    return made
                tmp.frames.get(present)
        except OSError:
            tmp.give_page(made)
            raise
        tmp.give_page(made)
        return present

    def drop_next(self, index: u64) -> u64:
        """Takes away the first page from `index` on; returns where it was, else PAGE_LIMIT."""
        with self.lock:
            index = self.map.next_present(index)
            if index == PAGE_LIMIT:
                return index
            frame = self.map.get(index)
            self.map.set(index, 0)
            self.count -= 1
        self.owner().tmp.give_page(frame)
        return index

    def trim(self, first: u64) -> None:
        """Gives back the tables that only pages from `first` on need, if there are none."""
        with self.lock:
            if self.map.next_present(first) == PAGE_LIMIT:
                self.map.trim(first)


@struct
class TmpFile(TmpInode):
    """A regular file."""

    write_lock: Mutex = inline()
    """Held by writes and truncation, which take long: each sees the file as the last one left it.
    """
    pages: TmpPages = inline()

    def size(self) -> u64:
        return self.pages.size

    def blocks(self) -> u64:
        return self.pages.count * SECTORS_PER_PAGE

    @raises()
    def page_source(self) -> PageSource:
        return self.pages

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        start = offset
        while buffer.remaining > 0 and offset < self.pages.size:
            place = offset % PAGE_SIZE
            step = min(min(PAGE_SIZE - place, buffer.remaining), self.pages.size - offset)
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

    @raises()
    def write_at(self, offset: u64, buffer: IoBuffer) -> usize:
        with self.write_lock:
            return self._write(offset, buffer)

    @raises()
    def append(self, buffer: IoBuffer) -> u64:
        with self.write_lock:
            end = self.pages.size
            return end + self._write(end, buffer)

    @raises()
    def truncate(self, length: u64) -> None:
        if length > SIZE_LIMIT:
            raise OSError(EFBIG)
        with self.write_lock:
            with self.pages.lock:
                shrinks = length < self.pages.size
                self.pages.size = length
            if shrinks:
                self._drop_behind(length)
            self.touch()

    def forget(self) -> None:
        tmp = self.tmp
        index: u64 = 0
        while index < PAGE_LIMIT:
            index = self.pages.drop_next(index)
        self.pages.trim(0)
        release(tmp.allocator, self)
        tmp.give_inode()

    @raises()
    def _write(self, offset: u64, buffer: IoBuffer) -> usize:
        """Writes as `write_at` does. The write lock is held."""
        start = offset
        if buffer.remaining > 0 and offset >= SIZE_LIMIT:
            raise OSError(EFBIG)
        while buffer.remaining > 0 and offset < SIZE_LIMIT:
            try:
                offset += self._write_page(offset, buffer)
            except OSError:
                if offset == start:
                    raise
                break
            if breathe_until_fatal():
                break
        if offset > start:
            self._extend(offset)
            self.touch()
        return offset - start

    @raises()
    def _read_page(self, index: u64, place: usize, step: usize, buffer: IoBuffer) -> None:
        frame = self.pages.cached_page(index)
        if frame == 0:
            push_zeros(buffer, step)
            return
        try:
            buffer.push(frame_bytes(frame)[place : place + step])
        finally:
            self.tmp.frames.put(frame)

    @raises()
    def _write_page(self, offset: u64, buffer: IoBuffer) -> usize:
        """Moves what `buffer` has for the page of `offset`; returns the bytes moved."""
        place = offset % PAGE_SIZE
        frame = self.pages.cached_page(offset // PAGE_SIZE)
        if frame == 0:
            frame = self.pages.take_page(offset // PAGE_SIZE)
        try:
            return buffer.pull(frame_bytes(frame)[place:])
        except OSError:
            self._clear_behind_end(offset - place, frame)
            raise
        finally:
            self.tmp.frames.put(frame)

    def _clear_behind_end(self, page_start: u64, frame: PhysAddr) -> None:
        """Zeroes what a copy that failed left behind the end of the file."""
        size = self.pages.size
        if size < page_start + PAGE_SIZE:
            frame_bytes(frame)[max(size, page_start) - page_start :].fill(0)

    def _extend(self, end: u64) -> None:
        with self.pages.lock:
            self.pages.size = max(self.pages.size, end)

    def _drop_behind(self, length: u64) -> None:
        """Takes away what lies behind the new end. The write lock is held."""
        first = (length + PAGE_SIZE - 1) // PAGE_SIZE
        index = first
        while index < PAGE_LIMIT:
            index = self.pages.drop_next(index)
            breathe()
        self.pages.trim(first)
        self._clear_tail(length)

    def _clear_tail(self, length: u64) -> None:
        """Zeroes what the last page holds behind the end."""
        frame = self.pages.cached_page(length // PAGE_SIZE)
        if frame != 0:
            frame_bytes(frame)[length % PAGE_SIZE :].fill(0)
            self.tmp.frames.put(frame)


@raises()
def push_zeros(buffer: IoBuffer, count: usize) -> None:
    """Moves `count` zero bytes into `buffer`."""
    while count > 0:
        step = min(count, len(ZEROS))
        buffer.push(ZEROS[:step])
        count -= step


@raises()
def make_file(tmp: TmpFileSystem, attributes: NewAttributes) -> TmpFile:
    """Makes an empty file without a name, with one reference. ENOMEM, ENOSPC."""
    number = tmp.take_inode()
    try:
        file = allocate(tmp.allocator, TmpFile)
    except OSError:
        tmp.give_inode()
        raise
    file.begin(tmp, number, InodeKind.REGULAR, attributes)
    file.pages.file = file
    file.pages.map.allocator = tmp.allocator
    file.pages.lock.lock_class = LockClass.PAGE_CACHE
    return file
