"""`FdTable`: a process's descriptors. Grows; the lowest free number is given first.

Each used slot holds one reference to its `File`. Files are put outside the lock, since closing may
block. The threads of a process share one table (`references`); fork copies it.
"""

from __future__ import annotations

from abi.errno import EBADF, EMFILE, ENOMEM
from bare import Span, allocate_span, i32, inline, raises, release, struct, u32
from bare.atomic import AtomicU32
from bare.lib.allocator import Allocator
from kernel.fs.file import File
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

FIRST_SLOTS: u32 = 8
"""Slots of a table when it is made; it doubles from there."""


@struct
class FdSlot:
    """One descriptor."""

    file: File | None
    close_on_exec: bool

    def assign(self, other: FdSlot) -> None:
        """Becomes a copy of `other`; the reference is not counted."""
        self.file = other.file
        self.close_on_exec = other.close_on_exec


@struct
class FdTable:
    """Descriptors from 0 to `limit` - 1. Made by `allocate`, then `setup`."""

    allocator: Allocator
    limit: u32
    references: AtomicU32 = inline()
    # under lock
    lock: SpinLock = inline()
    slots: Span[FdSlot]
    first_free: u32
    """No slot below is free."""

    @raises(ENOMEM)
    def setup(self, allocator: Allocator, limit: u32) -> None:
        """Makes an empty table with one reference."""
        self.allocator = allocator
        self.limit = limit
        self.references.store(1)
        self.lock.lock_class = LockClass.FD_TABLE
        self.slots = allocate_span(allocator, FdSlot, min(FIRST_SLOTS, limit))

    @raises(EBADF)
    def get(self, fd: i32) -> File:
        """Returns the file of `fd` with a reference for the caller; EBADF."""
        with self.lock:
            file = self._file(fd)
            file.get()
            return file

    @raises()
    def add(self, file: File, minimum: u32, close_on_exec: bool) -> i32:
        """Puts `file` into the lowest free slot from `minimum` on; returns its number.

        Takes over the caller's reference, on failure too: then the file is put. EMFILE, ENOMEM.
        """
        try:
            return self._add(file, minimum, close_on_exec)
        except OSError:
            file.put()
            raise

    @raises()
    def replace(self, fd: i32, file: File, close_on_exec: bool) -> None:
        """Puts `file` into slot `fd`, closing what is there (`dup3`). References as in `add`.

        EBADF: `fd` is out of range; ENOMEM.
        """
        try:
            old = self._exchange(fd, file, close_on_exec)
        except OSError:
            file.put()
            raise
        if old is not None:
            old.put()

    @raises(EBADF)
    def close(self, fd: i32) -> None:
        """Frees slot `fd` and puts its file; EBADF."""
        with self.lock:
            file = self._file(fd)
            self._clear(u32(fd))
        file.put()

    @raises(EBADF)
    def close_on_exec(self, fd: i32) -> bool:
        """Returns FD_CLOEXEC of `fd`; EBADF."""
        with self.lock:
            self._file(fd)
            return self.slots[fd].close_on_exec

    @raises(EBADF)
    def set_close_on_exec(self, fd: i32, value: bool) -> None:
        """Sets FD_CLOEXEC of `fd`; EBADF."""
        with self.lock:
            self._file(fd)
            self.slots[fd].close_on_exec = value

    @raises(ENOMEM)
    def copy_to(self, other: FdTable) -> None:
        """Fills the table `other`, just set up, with the same files, for fork.

        ENOMEM leaves it empty.
        """
        while True:
            with self.lock:
                if len(other.slots) >= len(self.slots):
                    self._copy_slots(other)
                    return
                wanted = len(self.slots)
            other.reserve(u32(wanted))

    @raises(ENOMEM)
    def reserve(self, count: u32) -> None:
        """Grows the table to at least `count` slots; for a table that nobody else uses yet."""
        while len(self.slots) < count:
            grown = allocate_span(self.allocator, FdSlot, count)
            with self.lock:
                old = self._install(grown)
            release(self.allocator, old)

    def close_for_exec(self) -> None:
        """Closes every descriptor with FD_CLOEXEC."""
        fd: u32 = 0
        while fd < len(self.slots):
            if self.slots[fd].close_on_exec:
                self._close_slot(fd)
            fd += 1

    def close_all(self) -> None:
        """Closes everything."""
        fd: u32 = 0
        while fd < len(self.slots):
            self._close_slot(fd)
            fd += 1

    def put(self) -> None:
        """Gives a reference to the table back; the last one closes all and frees it."""
        if self.references.fetch_sub(1) == 1:
            self.close_all()
            release(self.allocator, self.slots)
            release(self.allocator, self)

    def open_files(self) -> u32:
        """Returns the number of open descriptors."""
        count: u32 = 0
        with self.lock:
            for slot in self.slots:
                if slot.file is not None:
                    count += 1
        return count

    @raises(EBADF)
    def _file(self, fd: i32) -> File:
        """Returns the file of `fd`. Lock held."""
        if fd < 0 or u32(fd) >= len(self.slots):
            raise OSError(EBADF)
        file = self.slots[fd].file
        if file is None:
            raise OSError(EBADF)
        return file

    @raises(EMFILE, ENOMEM)
    def _add(self, file: File, minimum: u32, close_on_exec: bool) -> i32:
        while True:
            with self.lock:
                fd = self._find_free(minimum)
                if fd < len(self.slots):
                    self._fill(fd, file, close_on_exec)
                    return i32(fd)
            self._grow(fd)

    @raises(EBADF, EMFILE, ENOMEM)
    def _exchange(self, fd: i32, file: File, close_on_exec: bool) -> File | None:
        if fd < 0 or u32(fd) >= self.limit:
            raise OSError(EBADF)
        while True:
            with self.lock:
                if u32(fd) < len(self.slots):
                    old = self.slots[fd].file
                    self._fill(u32(fd), file, close_on_exec)
                    return old
            self._grow(u32(fd))

    @raises(EMFILE, ENOMEM)
    def _grow(self, fd: u32) -> None:
        """Makes room for slot `fd`; the memory is allocated without the lock."""
        if fd >= self.limit:
            raise OSError(EMFILE)
        wanted = min(max(fd + 1, 2 * u32(len(self.slots))), self.limit)
        grown = allocate_span(self.allocator, FdSlot, wanted)
        with self.lock:
            replaced = self._install(grown)
        release(self.allocator, replaced)

    def _install(self, grown: Span[FdSlot]) -> Span[FdSlot]:
        """Moves to larger slots, unless another thread was faster; returns what to free."""
        old = self.slots
        if len(grown) <= len(old):
            return grown
        for index, slot in enumerate(old):
            grown[index].assign(slot)
        self.slots = grown
        return old

    def _find_free(self, minimum: u32) -> u32:
        """Returns the lowest free slot from `minimum` on, perhaps behind the end. Lock held."""
        fd = max(minimum, self.first_free)
        while fd < len(self.slots) and self.slots[fd].file is not None:
            fd += 1
        return fd

    def _fill(self, fd: u32, file: File, close_on_exec: bool) -> None:
        slot = self.slots[fd]
        slot.file = file
        slot.close_on_exec = close_on_exec
        if fd == self.first_free:
            self.first_free = fd + 1

    def _clear(self, fd: u32) -> None:
        slot = self.slots[fd]
        slot.file = None
        slot.close_on_exec = False
        self.first_free = min(self.first_free, fd)

    def _close_slot(self, fd: u32) -> None:
        with self.lock:
            file = self.slots[fd].file
            self._clear(fd)
        if file is not None:
            file.put()

    def _copy_slots(self, other: FdTable) -> None:
        """Copies every slot. Lock of this table held; nobody else uses the other."""
        for index, slot in enumerate(self.slots):
            file = slot.file
            if file is not None:
                file.get()
                other.slots[index].assign(slot)
        other.first_free = self.first_free
