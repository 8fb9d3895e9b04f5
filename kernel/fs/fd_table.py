"""`FdTable`: a process's descriptors. Grows; the lowest free number is given first.

Each used slot holds one reference to its `File`. Files are put outside the lock, since closing may
block. Threads of a process share one table (`references`), fork copies it.
"""

from __future__ import annotations

from bare import Span, i32, inline, raises, struct, u32
from bare.atomic import AtomicU32
from bare.lib.allocator import Allocator
from kernel.fs.file import File
from kernel.sync.spin_lock import SpinLock


@struct
class FdSlot:
    """One descriptor."""

    file: File | None = None
    close_on_exec: bool = False


@struct
class FdTable:
    """Descriptors 0 … `limit` - 1. Set `allocator` and `limit` after `allocate`."""

    allocator: Allocator
    limit: u32 = 1024
    references: AtomicU32 = inline()
    # under lock
    lock: SpinLock = inline()
    slots: Span[FdSlot]
    open_count: u32 = 0

    @raises()
    def get(self, fd: i32) -> File:
        """Returns the file of `fd` with a reference for the caller; EBADF."""
        ...

    @raises()
    def add(self, file: File, minimum: u32, close_on_exec: bool) -> i32:
        """Puts `file` into the lowest free slot from `minimum` on; returns its number.

        Takes over the caller's reference, on failure too: then the file is put. EMFILE, ENOMEM.
        """
        ...

    @raises()
    def replace(self, fd: i32, file: File, close_on_exec: bool) -> None:
        """Puts `file` into slot `fd`, closing what is there (`dup3`). References as in `add`. EBADF."""
        ...

    @raises()
    def close(self, fd: i32) -> None:
        """Frees slot `fd` and puts its file; EBADF."""
        ...

    @raises()
    def close_on_exec(self, fd: i32) -> bool:
        """Returns FD_CLOEXEC of `fd`; EBADF."""
        ...

    @raises()
    def set_close_on_exec(self, fd: i32, value: bool) -> None:
        """Sets FD_CLOEXEC of `fd`; EBADF."""
        ...

    @raises()
    def copy_to(self, other: FdTable) -> None:
        """Fills the empty table `other` with the same files, for fork. ENOMEM leaves it empty."""
        ...

    def close_for_exec(self) -> None:
        """Closes every descriptor with FD_CLOEXEC."""
        ...

    def close_all(self) -> None:
        """Closes everything and frees the slots."""
        ...
