"""`Inode`: a file, directory, link or device in a file system, whatever its names.

File systems derive from it and override what they support; the defaults refuse with the right error.
Names given to an inode are single components: no `/`, not empty, not `.` or `..`, at most 255 bytes
(`kernel/fs/path.py` sees to that).

References: who stores an inode holds one. `lookup`, `create` and so on return an inode with a reference
for the caller. An inode without references and links is gone.

Locking: a file system locks itself; callers hold nothing. Everything may block.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EINVAL, EISDIR, ENODEV, ENOTDIR, EPERM, EROFS
from abi.stat import Stat
from bare import Bytes, Span, inline, raises, struct, u8, u16, u32, u64, usize
from bare.atomic import AtomicU32
from kernel.fs.directory_sink import DirectorySink
from kernel.fs.file import File
from kernel.fs.file_system import FileSystem
from kernel.fs.inode_kind import InodeKind
from kernel.mm.page_source import PageSource
from kernel.mm.user_copy import IoBuffer


@struct
class Inode(ABC):
    """One node of a file system."""

    file_system: FileSystem
    number: u64
    kind: InodeKind
    permissions: u16
    is_mount_point: bool = False
    owner: u32 = 0
    group: u32 = 0
    links: u32 = 0
    references: AtomicU32 = inline()
    modified_ns: u64 = 0

    def get(self) -> None:
        """Takes one more reference."""
        self.references.fetch_add(1)

    def put(self) -> None:
        """Gives a reference back."""
        if self.references.fetch_sub(1) == 1:
            self.forget()

    def forget(self) -> None:
        """Called when no reference is left; frees the inode where nothing else needs it."""
        ...

    @abstractmethod
    def size(self) -> u64:
        """Returns the length in bytes."""

    # Directories

    @raises()
    def lookup(self, name: Bytes) -> Inode:
        """Returns the child `name`; ENOENT, ENOTDIR."""
        raise OSError(ENOTDIR)

    @raises()
    def parent(self) -> Inode:
        """Returns the directory that this directory is in; the root of a file system is its own."""
        raise OSError(ENOTDIR)

    @raises()
    def name_of(self, child: Inode, into: Span[u8]) -> usize:
        """Writes the name of a child directory; returns its length. ENOENT; ERANGE: too small."""
        raise OSError(ENOTDIR)

    @raises()
    def create(self, name: Bytes, kind: InodeKind, permissions: u16, owner: u32, group: u32) -> Inode:
        """Makes a regular file or a directory; EEXIST, ENOSPC, ENOMEM, EROFS."""
        raise OSError(EROFS)

    @raises()
    def create_symlink(self, name: Bytes, target: Bytes, owner: u32, group: u32) -> None:
        """Makes a symbolic link."""
        raise OSError(EROFS)

    @raises()
    def link(self, name: Bytes, inode: Inode) -> None:
        """Gives `inode`, of the same file system and no directory, one more name."""
        raise OSError(EROFS)

    @raises()
    def unlink(self, name: Bytes) -> None:
        """Removes a name that is not a directory's; EISDIR, ENOENT."""
        raise OSError(EROFS)

    @raises()
    def remove_directory(self, name: Bytes) -> None:
        """Removes an empty directory; ENOTDIR, ENOTEMPTY, ENOENT, EBUSY."""
        raise OSError(EROFS)

    @raises()
    def rename(self, name: Bytes, target: Inode, target_name: Bytes, flags: u32) -> None:
        """Moves `name` of this directory to `target_name` of `target`, of the same file system.

        `flags`: RENAME_NOREPLACE, RENAME_EXCHANGE. EINVAL: into itself; ENOTEMPTY, EISDIR, ENOTDIR.
        """
        raise OSError(EROFS)

    @raises()
    def read_directory(self, cursor: u64, sink: DirectorySink) -> u64:
        """Gives `sink` the entries behind `cursor` (0: all, `.` and `..` first) until it is full.

        Returns the cursor of the next call.
        """
        raise OSError(ENOTDIR)

    # Data

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        """Reads from `offset` until the buffer is full or the file ends; returns the bytes moved."""
        if self.kind == InodeKind.DIRECTORY:
            raise OSError(EISDIR)
        raise OSError(EINVAL)

    @raises()
    def write_at(self, offset: u64, buffer: IoBuffer) -> usize:
        """Writes from `offset` on, growing the file; EFBIG, ENOSPC, EROFS."""
        raise OSError(EROFS)

    @raises()
    def append(self, buffer: IoBuffer) -> u64:
        """Writes at the end, atomically against other appends; returns the offset behind it."""
        raise OSError(EROFS)

    @raises()
    def truncate(self, length: u64) -> None:
        """Sets the length; grown parts read as zeros."""
        raise OSError(EROFS)

    @raises()
    def read_link(self, into: Span[u8]) -> usize:
        """Writes the target of a symbolic link, cut to `into`; returns the bytes written."""
        raise OSError(EINVAL)

    @raises()
    def page_source(self) -> PageSource:
        """Returns where mappings get this file's pages; ENODEV."""
        raise OSError(ENODEV)

    @raises()
    def open_special(self, flags: u32) -> File | None:
        """Opens a device; none for a node that an ordinary `InodeFile` serves."""
        return None

    # Attributes

    @raises()
    def set_permissions(self, permissions: u16) -> None:
        """Sets the twelve low bits of the mode."""
        raise OSError(EROFS)

    @raises()
    def set_owner(self, owner: u32, group: u32) -> None:
        """Sets owner and group."""
        raise OSError(EPERM)

    @raises()
    def set_modified(self, time_ns: u64) -> None:
        """Sets the time of the last modification (nanoseconds since 1970)."""
        raise OSError(EROFS)

    @raises()
    def stat(self, into: Stat) -> None:
        """Fills in `into`."""
        ...
