"""The mount table: which directory continues in which file system.

A `Location` is a place in the tree: an inode and the mount through which it was reached. Processes
keep one as their working directory. There is no cache of names: file systems know the parent of a
directory, so `..` and `getcwd` ask them.

Mounts are never taken away, so a `Mount` stays valid and the list only grows.
"""

from __future__ import annotations

from abi.errno import EBUSY, ENOTDIR, ERANGE
from bare import Span, allocate, inline, raises, struct, u8, usize
from bare.lib.allocator import Allocator
from kernel.fs.inode import Inode
from kernel.fs.inode_kind import InodeKind
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

SLASH: u8 = 0x2F


@struct
class Mount:
    """A file system in its place; `point` is the directory that it covers, none for the root."""

    root: Inode
    parent: Mount | None
    point: Inode | None
    next: Mount | None


@struct
class Location:
    """An inode and its mount; holds a reference to the inode. Empty until set."""

    mount: Mount | None = None
    inode: Inode | None = None

    def set(self, mount: Mount, inode: Inode) -> None:
        """Moves here, taking a reference of its own."""
        inode.get()
        self.take(mount, inode)

    def take(self, mount: Mount, inode: Inode) -> None:
        """Moves here with the caller's reference."""
        self.clear()
        self.mount = mount
        self.inode = inode

    def copy_location(self, other: Location) -> None:
        """Moves to where `other` is."""
        mount = other.mount
        inode = other.inode
        if mount is None or inode is None:
            self.clear()
        else:
            self.set(mount, inode)

    def clear(self) -> None:
        """Becomes empty, giving the reference back."""
        inode = self.inode
        self.mount = None
        self.inode = None
        if inode is not None:
            inode.put()


@struct
class Mounts:
    """All mounts."""

    allocator: Allocator
    # under lock
    lock: SpinLock = inline()
    first: Mount | None

    def setup(self) -> None:
        """Makes the object usable after `allocate`."""
        self.lock.lock_class = LockClass.MOUNT

    @raises()
    def mount_root(self, root: Inode) -> None:
        """Makes `root` the directory `/`; ENOMEM. Takes over the caller's reference."""
        mount = allocate(self.allocator, Mount)
        mount.root = root
        with self.lock:
            assert self.first is None, "the root is mounted already"
            self.first = mount

    @raises()
    def mount_at(self, place: Location, root: Inode) -> None:
        """Lets `root` cover the directory at `place`; ENOTDIR, EBUSY: covered already; ENOMEM.

        Takes over the caller's reference to `root`, if it succeeds.
        """
        point = place.inode
        assert point is not None, "mount at an empty location"
        if point.kind != InodeKind.DIRECTORY:
            raise OSError(ENOTDIR)
        if point.is_mount_point:
            raise OSError(EBUSY)
        mount = allocate(self.allocator, Mount)
        mount.root = root
        mount.parent = place.mount
        mount.point = point
        point.get()
        with self.lock:
            first = self.first
            assert first is not None, "mount before the root"
            mount.next = first.next
            first.next = mount
            point.is_mount_point = True

    def root(self, into: Location) -> None:
        """Sets `into` to `/`."""
        first = self.first
        assert first is not None, "no root is mounted"
        into.set(first, first.root)

    def descend(self, place: Location) -> None:
        """Goes from a covered directory to the root of what covers it, again and again."""
        while True:
            inode = place.inode
            if inode is None or not inode.is_mount_point:
                return
            mount = self._covering(inode)
            if mount is None:
                return
            place.set(mount, mount.root)

    @raises()
    def ascend(self, place: Location) -> None:
        """Goes to the parent directory; `/` is its own."""
        leave_mounts(place)
        mount = place.mount
        inode = place.inode
        assert mount is not None and inode is not None, "ascent from an empty location"
        place.take(mount, inode.parent())
        self.descend(place)

    @raises()
    def path_of(self, place: Location, into: Span[u8]) -> usize:
        """Writes the absolute path of a directory; returns its length. ERANGE; ENOENT: removed."""
        step = Location()
        step.copy_location(place)
        try:
            return self._write_path(step, into)
        finally:
            step.clear()

    @raises()
    def _write_path(self, step: Location, into: Span[u8]) -> usize:
        """Writes names from the end of `into` backwards, then moves them to its start."""
        start = len(into)
        while True:
            leave_mounts(step)
            mount = step.mount
            inode = step.inode
            assert mount is not None and inode is not None, "path of an empty location"
            if inode is mount.root:
                break
            parent = inode.parent()
            try:
                start = write_name_before(parent, inode, into, start)
            except OSError:
                parent.put()
                raise
            step.take(mount, parent)
        if start == len(into):
            start = write_slash_before(into, start)
        length = len(into) - start
        into[:length].copy_from(into[start:])
        return length

    def _covering(self, point: Inode) -> Mount | None:
        with self.lock:
            mount = self.first
            while mount is not None:
                if mount.point is point:
                    return mount
                mount = mount.next
        return None


def leave_mounts(place: Location) -> None:
    """Goes from the root of a mount to the directory that it covers, as often as needed."""
    while True:
        mount = place.mount
        if mount is None or place.inode is not mount.root:
            return
        parent = mount.parent
        point = mount.point
        if parent is None or point is None:
            return
        place.set(parent, point)


@raises()
def write_name_before(parent: Inode, child: Inode, into: Span[u8], end: usize) -> usize:
    """Writes `/` and the name of `child` so that they end at `end`; returns where they start."""
    length = parent.name_of(child, into[:end])
    start = end - length
    into[start:end].copy_from(into[:length])
    return write_slash_before(into, start)


@raises(ERANGE)
def write_slash_before(into: Span[u8], end: usize) -> usize:
    """Writes `/` before `end`; returns where it stands. ERANGE: no room."""
    if end == 0:
        raise OSError(ERANGE)
    into[end - 1] = SLASH
    return end - 1
