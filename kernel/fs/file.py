"""`File`: an open file description, what a descriptor refers to.

Created by an open, a pipe or a device, shared by `dup` and fork, freed when the last reference
goes. Inode files, pipes, the terminal and devices derive from it and override what they can do;
what they leave out fails with the error that Linux gives.

How to use it: who stores a `File` holds a reference (`get`, `put`); `FdTable.get` returns one that
the caller puts back. Calls may block; no spin lock is held over them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EBADF, EINVAL, ENODEV, ENOTDIR, ENOTTY, ESPIPE
from abi.file import O_ACCMODE, O_RDONLY, O_WRONLY, Stat
from abi.poll import POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from bare import i16, i32, i64, inline, raises, struct, u32, u64, usize
from bare.atomic import AtomicU32
from bare.lib.allocator import Allocator
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.directory_sink import DirectorySink
from kernel.mm.page_source import PageSource
from kernel.mm.user_copy import IoBuffer
from kernel.sched.poll_queue import Poller

POLL_ALWAYS_READY: i16 = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM
"""What files that never block answer to `poll`."""


@struct
class FileObserver(ABC):
    """Who must let go of a file when it closes."""

    next_observer: FileObserver | None

    @abstractmethod
    def file_closing(self, file: File) -> None:
        """Removes all observers of a file whose last reference is gone. Without locks; may block.
        """


@struct
class File(ABC):
    """An open file. `flags` are the `O_*` of its open: access mode, O_APPEND, O_NONBLOCK."""

    allocator: Allocator
    flags: u32
    references: AtomicU32 = inline()
    observers: FileObserver | None
    """Their owner's lock guards the list."""

    def start(self, allocator: Allocator, flags: u32) -> None:
        """Begins the life of an object from `allocate`, with one reference, the caller's."""
        self.allocator = allocator
        self.flags = flags
        self.references.store(1)

    def can_read(self) -> bool:
        """Whether it was opened for reading."""
        return self.flags & O_ACCMODE != O_WRONLY

    def can_write(self) -> bool:
        """Whether it was opened for writing."""
        return self.flags & O_ACCMODE != O_RDONLY

    def get(self) -> None:
        """Takes one more reference."""
        self.references.fetch_add(1)

    def put(self) -> None:
        """Gives a reference back; the last one closes the file and frees it. May block."""
        if self.references.fetch_sub(1) == 1:
            observer = self.observers
            if observer is not None:
                observer.file_closing(self)
            self.close()

    def add_observer(self, observer: FileObserver) -> None:
        """Enters who must know when the file closes."""
        observer.next_observer = self.observers
        self.observers = observer

    def remove_observer(self, wanted: FileObserver) -> None:
        """Takes an observer out."""
        observer = self.observers
        if observer is wanted:
            self.observers = wanted.next_observer
            return
        while observer is not None:
            following = observer.next_observer
            if following is wanted:
                observer.next_observer = wanted.next_observer
                return
            observer = following

    @abstractmethod
    def close(self) -> None:
        """Releases what the file holds, then the object; called once, by the last `put`."""

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        """Reads at the file's position into `buffer`; returns the bytes moved, 0 at the end.

        EAGAIN with O_NONBLOCK where it would block, EINTR, EFAULT, EIO, EISDIR.
        """
        raise OSError(EINVAL)

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        """Writes `buffer` at the file's position; returns the bytes moved, perhaps fewer."""
        raise OSError(EINVAL)

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        """Reads at `offset`; the position stays. ESPIPE where there are no positions."""
        raise OSError(ESPIPE)

    @raises()
    def write_at(self, offset: u64, buffer: IoBuffer) -> usize:
        """Writes at `offset`; the position stays."""
        raise OSError(ESPIPE)

    @raises()
    def seek(self, offset: i64, whence: i32) -> u64:
        """Moves the position; returns it."""
        raise OSError(ESPIPE)

    @raises()
    def truncate(self, length: u64) -> None:
        """Sets the length."""
        raise OSError(EINVAL)

    @raises()
    def synchronize(self) -> None:
        """Brings written data to the medium."""
        raise OSError(EINVAL)

    @raises()
    def ioctl(self, request: u32, argument: UserAddr) -> usize:
        """Does a device's own request; ENOTTY where it has none."""
        raise OSError(ENOTTY)

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        """Returns the `POLL*` events that hold now; with a poller, watches for changes first.

        ENOMEM.
        """
        return POLL_ALWAYS_READY

    def can_watch(self) -> bool:
        """Whether an epoll may watch it: what is always ready, like a regular file, may not."""
        return True

    @raises()
    def stat(self, into: Stat) -> None:
        """Fills in what `fstat` returns."""
        raise OSError(EBADF)

    @raises()
    def read_directory(self, sink: DirectorySink) -> None:
        """Adds the entries from the position on to `sink` until it is full; moves the position."""
        raise OSError(ENOTDIR)

    @raises()
    def page_source(self) -> PageSource:
        """Returns where a mapping of this file gets its pages; ENODEV where it cannot be mapped.

        A mapping holds a reference to the source, not to this file.
        """
        raise OSError(ENODEV)
