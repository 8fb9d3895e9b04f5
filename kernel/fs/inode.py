"""`Inode`: a file, directory, link or device in a file system, whatever its names.

File systems derive from it and override what they support; the defaults refuse with the right
error. Names given to an inode are single components: no `/`, not empty, not `.` or `..`, at most
255 bytes (`kernel/fs/path.py` sees to that).

References: who stores an inode holds one, the directory entries of a writable file system too.
`lookup`, `create` and so on return an inode with a reference for the caller. Without references it
is gone.

Locking: a file system locks itself; callers hold no spin lock. Everything but `forget` may block.
Permission is checked by callers (`kernel/fs/permission.py`), never here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EINVAL, EISDIR, ENODEV, ENOTDIR, EPERM, EROFS
from abi.file import Stat
from abi.limits import PAGE_SIZE
from abi.time import NS_PER_SECOND, TimeSpec
from bare import Bytes, Span, i32, i64, inline, raises, struct, u8, u16, u32, u64, usize
from bare.atomic import AtomicU32
from kernel.fs.directory_sink import DirectorySink
from kernel.fs.file import File
from kernel.fs.file_system import FileSystem
from kernel.fs.inode_kind import InodeKind, mode_type
from kernel.mm.page_source import PageSource
from kernel.mm.user_copy import IoBuffer

SECTOR_SIZE: u64 = 512
LATEST_TIME_S: u64 = 0x2_0000_0000
"""Seconds since 1970 (the year 2242) up to which times fit a signed number of nanoseconds."""


@struct
class NewAttributes:
    """What a new inode begins with."""

    permissions: u16
    owner: u32
    group: u32


@struct
class Inode(ABC):
    """One node of a file system."""

    file_system: FileSystem
    number: u64
    kind: InodeKind
    is_mount_point: bool
    permissions: u16
    owner: u32
    group: u32
    links: u32
    references: AtomicU32 = inline()
    modified_ns: u64

    def start(
        self, file_system: FileSystem, number: u64, kind: InodeKind, permissions: u16
    ) -> None:
        """Begins the life of an object from `allocate`, with one reference, the caller's."""
        self.file_system = file_system
        self.number = number
        self.kind = kind
        self.permissions = permissions
        self.links = 1
        self.references.store(1)

    def get(self) -> None:
        """Takes one more reference."""
        self.references.fetch_add(1)

    def put(self) -> None:
        """Gives a reference back."""
        if self.references.fetch_sub(1) == 1:
            self.forget()

    @abstractmethod
    def forget(self) -> None:
        """Called when no reference is left; frees the inode. May not block or take inode locks."""

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
    def create(self, name: Bytes, kind: InodeKind, attributes: NewAttributes) -> Inode:
        """Makes a regular file or a directory; EEXIST, ENOSPC, ENOMEM, EROFS."""
        raise OSError(EROFS)

    @raises()
    def create_symlink(self, name: Bytes, target: Bytes, attributes: NewAttributes) -> None:
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
        """Reads from `offset` until the buffer is full or the file ends; returns bytes moved."""
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
        """Fills in `into`; a device adds its number."""
        into.device = self.file_system.device_number
        into.inode = self.number
        into.mode = mode_type(self.kind) | self.permissions
        into.links = self.links
        into.uid = self.owner
        into.gid = self.group
        into.size_bytes = i64(self.size())
        into.block_size = i32(PAGE_SIZE)
        into.blocks = i64(self.blocks())
        set_time(into.accessed, self.modified_ns)
        set_time(into.modified, self.modified_ns)
        set_time(into.changed, self.modified_ns)

    def blocks(self) -> u64:
        """Returns the space that the data takes, in units of 512 bytes."""
        return (self.size() + SECTOR_SIZE - 1) // SECTOR_SIZE


def set_time(into: TimeSpec, time_ns: u64) -> None:
    """Splits nanoseconds since 1970 into seconds and the rest."""
    into.seconds = i64(time_ns // NS_PER_SECOND)
    into.nanoseconds = i64(time_ns % NS_PER_SECOND)
