"""The mount table: which directory continues in which file system.

A `Location` is a place in the tree: an inode and the mount through which it was reached. Processes
keep one as their working directory. There is no cache of names: file systems know the parent of a
directory, so `..` and `getcwd` ask them.
"""

from __future__ import annotations

from bare import Span, inline, raises, struct, u8, usize
from bare.lib.allocator import Allocator
from kernel.fs.inode import Inode
from kernel.sync.spin_lock import SpinLock


@struct
class Mount:
    """A file system in its place; `point` is the directory below it, none for the root."""

    root: Inode
    parent: Mount | None = None
    point: Inode | None = None
    next: Mount | None = None


@struct
class Location:
    """An inode and its mount; holds a reference to the inode. Empty until set."""

    mount: Mount | None = None
    inode: Inode | None = None

    def set(self, mount: Mount, inode: Inode) -> None:
        """Moves here, taking a reference of its own."""
        ...

    def copy_location(self, other: Location) -> None:
        """Moves to where `other` is."""
        ...

    def clear(self) -> None:
        """Becomes empty, giving the reference back."""
        ...


@struct
class Mounts:
    """All mounts. Mounts are never taken away, so a `Mount` reference stays valid."""

    allocator: Allocator
    # under lock
    lock: SpinLock = inline()
    first: Mount | None = None

    @raises()
    def mount_root(self, root: Inode) -> None:
        """Makes `root` the directory `/`; ENOMEM. Takes over the caller's reference."""
        ...

    @raises()
    def mount_at(self, place: Location, root: Inode) -> None:
        """Lets `root` cover the directory at `place`; ENOTDIR, EBUSY: covered already; ENOMEM."""
        ...

    def root(self, into: Location) -> None:
        """Sets `into` to `/`."""
        ...

    @raises()
    def path_of(self, place: Location, into: Span[u8]) -> usize:
        """Writes the absolute path of a directory; returns its length. ERANGE; ENOENT: removed."""
        ...
