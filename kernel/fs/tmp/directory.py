"""`TmpDirectory`: a directory of a tmpfs.

The tree lock guards entries, parents and link counts of all directories of a file system, so an
operation on two of them is atomic. Inodes that lose their last name are put after it is released.
"""

from __future__ import annotations

from abi.errno import EBUSY, EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, ERANGE
from abi.file import RENAME_NOREPLACE
from bare import (
    Bytes,
    Span,
    allocate,
    inline,
    invert,
    raises,
    release,
    struct,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from kernel.fs.directory_sink import DirectorySink, add_dot_entries
from kernel.fs.inode import Inode, NewAttributes
from kernel.fs.inode_kind import InodeKind
from kernel.fs.tmp.entries import TmpEntries, TmpEntry
from kernel.fs.tmp.file import make_file
from kernel.fs.tmp.file_system import TmpFileSystem
from kernel.fs.tmp.inode import TmpInode
from kernel.fs.tmp.symlink import make_symlink


@struct
class TmpDirectory(TmpInode):
    """A directory. `up` is the directory that it is in, none once it was removed; the root is in
    itself.
    """

    # under the tree lock
    up: TmpDirectory | None
    entries: TmpEntries = inline()

    def size(self) -> u64:
        return self.entries.count

    @raises()
    def lookup(self, name: Bytes) -> Inode:
        with self.tmp.tree_lock:
            entry = self.entries.find(name)
            if entry is None:
                raise OSError(ENOENT)
            entry.inode.get()
            return entry.inode

    @raises()
    def parent(self) -> Inode:
        with self.tmp.tree_lock:
            up = self.up
            if up is None:
                raise OSError(ENOENT)
            up.get()
            return up

    @raises()
    def name_of(self, child: Inode, into: Span[u8]) -> usize:
        with self.tmp.tree_lock:
            entry = self.entries.first
            while entry is not None:
                if entry.inode is child:
                    return copy_name(entry.name, into)
                entry = entry.next
        raise OSError(ENOENT)

    @raises()
    def create(self, name: Bytes, kind: InodeKind, attributes: NewAttributes) -> Inode:
        if kind == InodeKind.DIRECTORY:
            return self._create_directory(name, attributes)
        if kind != InodeKind.REGULAR:
            raise OSError(EPERM)
        file = make_file(self.tmp, attributes)
        self._add_or_put(name, file)
        return file

    @raises()
    def create_symlink(self, name: Bytes, target: Bytes, attributes: NewAttributes) -> None:
        made = make_symlink(self.tmp, target, attributes)
        self._add_or_put(name, made)
        made.put()

    @raises()
    def link(self, name: Bytes, inode: Inode) -> None:
        if inode.kind == InodeKind.DIRECTORY or not isinstance(inode, TmpInode):
            raise OSError(EPERM)
        self._add(name, inode)
        with self.tmp.tree_lock:
            inode.links += 1

    @raises()
    def unlink(self, name: Bytes) -> None:
        with self.tmp.tree_lock:
            entry = self._entry(name)
            if entry.inode.kind == InodeKind.DIRECTORY:
                raise OSError(EISDIR)
            entry.inode.links -= 1
            self._take_out(entry)
        self._drop(entry)

    @raises()
    def remove_directory(self, name: Bytes) -> None:
        with self.tmp.tree_lock:
            entry = self._entry(name)
            check_removable(entry.inode)
            self._take_out(entry)
            self._orphan(entry.inode)
        self._drop(entry)

    @raises()
    def rename(self, name: Bytes, target: Inode, target_name: Bytes, flags: u32) -> None:
        if flags & invert(RENAME_NOREPLACE) != 0:
            raise OSError(EINVAL)
        if not isinstance(target, TmpDirectory):
            raise OSError(ENOTDIR)
        with self.tmp.tree_lock:
            entry = self._entry(name)
            replaced = target.entries.find(target_name)
            if replaced is not None and flags & RENAME_NOREPLACE != 0:
                raise OSError(EEXIST)
            if replaced is not None and replaced.inode is entry.inode:
                return
            target.check_move_in(entry.inode, replaced)
            moved = target.entries.prepare(target_name, entry.inode)
            if replaced is not None:
                target.take_out_replaced(replaced)
            target.entries.insert(moved)
            self._take_out(entry)
            self._reparent(entry.inode, target)
        self._drop(entry)
        if replaced is not None:
            target._drop(replaced)

    @raises()
    def read_directory(self, cursor: u64, sink: DirectorySink) -> u64:
        up = self.up
        cursor = add_dot_entries(
            sink, cursor, self.number, self.number if up is None else up.number
        )
        if cursor < 2:
            return cursor
        with self.tmp.tree_lock:
            entry = self.entries.at_or_behind(cursor)
            while entry is not None:
                inode = entry.inode
                if not sink.add(entry.name, inode.number, inode.kind, entry.cursor + 1):
                    break
                cursor = entry.cursor + 1
                entry = entry.next
        return cursor

    def forget(self) -> None:
        tmp = self.tmp
        self.entries.free_table()
        release(tmp.allocator, self)
        tmp.give_inode()

    @raises()
    def check_move_in(self, moved: TmpInode, replaced: TmpEntry | None) -> None:
        """Checks that `moved` may come into this directory, over `replaced`. Tree lock held.

        EINVAL: this directory lies inside `moved`; EISDIR, ENOTDIR, ENOTEMPTY, EBUSY; ENOENT: this
        directory was removed.
        """
        if self.up is None:
            raise OSError(ENOENT)
        is_directory = moved.kind == InodeKind.DIRECTORY
        if is_directory and self._is_inside(moved):
            raise OSError(EINVAL)
        if moved.is_mount_point:
            raise OSError(EBUSY)
        if replaced is None:
            return
        if is_directory:
            check_removable(replaced.inode)
        elif replaced.inode.kind == InodeKind.DIRECTORY:
            raise OSError(EISDIR)

    def take_out_replaced(self, entry: TmpEntry) -> None:
        """Takes out an entry that a rename replaces. Tree lock held."""
        self._take_out(entry)
        if entry.inode.kind == InodeKind.DIRECTORY:
            self._orphan(entry.inode)
        else:
            entry.inode.links -= 1

    @raises()
    def _create_directory(self, name: Bytes, attributes: NewAttributes) -> Inode:
        made = make_directory(self.tmp, attributes)
        self._add_or_put(name, made)
        with self.tmp.tree_lock:
            made.up = self
            self.links += 1
        return made

    @raises()
    def _add_or_put(self, name: Bytes, inode: TmpInode) -> None:
        """Gives a new inode its name; puts it where that fails."""
        try:
            self._add(name, inode)
        except OSError:
            inode.put()
            raise

    @raises()
    def _add(self, name: Bytes, inode: TmpInode) -> None:
        """Adds an entry; EEXIST, ENOMEM; ENOENT: this directory was removed."""
        with self.tmp.tree_lock:
            if self.up is None:
                raise OSError(ENOENT)
            if self.entries.find(name) is not None:
                raise OSError(EEXIST)
            self.entries.insert(self.entries.prepare(name, inode))
            self.touch()

    @raises(ENOENT)
    def _entry(self, name: Bytes) -> TmpEntry:
        entry = self.entries.find(name)
        if entry is None:
            raise OSError(ENOENT)
        return entry

    def _take_out(self, entry: TmpEntry) -> None:
        self.entries.remove(entry)
        self.touch()

    def _drop(self, entry: TmpEntry) -> None:
        """Frees an entry that was taken out, and puts its inode. Tree lock not held."""
        inode = entry.inode
        self.entries.discard(entry)
        inode.put()

    def _orphan(self, inode: TmpInode) -> None:
        """Marks a directory as removed from this one."""
        inode.links = 0
        self.links -= 1
        if isinstance(inode, TmpDirectory):
            inode.up = None

    def _reparent(self, inode: TmpInode, target: TmpDirectory) -> None:
        if isinstance(inode, TmpDirectory):
            inode.up = target
            self.links -= 1
            target.links += 1

    def _is_inside(self, ancestor: TmpInode) -> bool:
        """Whether this directory is `ancestor` or lies below it."""
        step: TmpDirectory | None = self
        while step is not None:
            if step is ancestor:
                return True
            up = step.up
            if up is step:
                return False
            step = up
        return False


@raises()
def check_removable(inode: TmpInode) -> None:
    """Checks that an entry is an empty directory that nothing is mounted on. Tree lock held."""
    if not isinstance(inode, TmpDirectory):
        raise OSError(ENOTDIR)
    if inode.is_mount_point:
        raise OSError(EBUSY)
    if inode.entries.count > 0:
        raise OSError(ENOTEMPTY)


@raises(ERANGE)
def copy_name(name: Bytes, into: Span[u8]) -> usize:
    """Copies a name; ERANGE where it does not fit."""
    if len(name) > len(into):
        raise OSError(ERANGE)
    into[: len(name)].copy_from(name)
    return len(name)


@raises()
def make_directory(tmp: TmpFileSystem, attributes: NewAttributes) -> TmpDirectory:
    """Makes an empty directory without a name, with one reference. ENOMEM, ENOSPC."""
    number = tmp.take_inode()
    try:
        directory = allocate(tmp.allocator, TmpDirectory)
    except OSError:
        tmp.give_inode()
        raise
    directory.begin(tmp, number, InodeKind.DIRECTORY, attributes)
    directory.links = 2
    directory.entries.start(tmp.allocator)
    return directory


@raises()
def make_root(tmp: TmpFileSystem, permissions: u16) -> TmpDirectory:
    """Makes the root directory of `tmp`, owned by root, with one reference. ENOMEM."""
    root = make_directory(tmp, NewAttributes(permissions, 0, 0))
    root.up = root
    return root
