"""`InodeFile`: an open regular file or directory of any file system."""

from __future__ import annotations

from abi.errno import EINVAL, EISDIR, EOVERFLOW
from abi.file import O_APPEND, SEEK_CUR, SEEK_END, SEEK_SET, Stat
from bare import allocate, i32, i64, inline, raises, release, struct, u32, u64, usize
from bare.lib.allocator import Allocator
from kernel.fs.directory_sink import DirectorySink
from kernel.fs.file import File
from kernel.fs.inode import Inode
from kernel.fs.inode_kind import InodeKind
from kernel.fs.mounts import Location
from kernel.mm.page_source import PageSource
from kernel.mm.user_copy import IoBuffer
from kernel.sched.mutex import Mutex

LARGEST_OFFSET: u64 = 0x7FFF_FFFF_FFFF_FFFF


@struct
class InodeFile(File):
    """An inode with a position; directories count theirs in cursors."""

    location: Location = inline()
    # under lock
    lock: Mutex = inline()
    position: u64

    def inode(self) -> Inode:
        """Returns the inode, which lives as long as the file."""
        inode = self.location.inode
        assert inode is not None, "file without an inode"
        return inode

    def close(self) -> None:
        self.location.clear()
        release(self.allocator, self)

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        with self.lock:
            moved = self.inode().read_at(self.position, buffer)
            self.position += moved
            return moved

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        with self.lock:
            if self.flags & O_APPEND != 0:
                before = buffer.remaining
                self.position = self.inode().append(buffer)
                return before - buffer.remaining
            moved = self.inode().write_at(self.position, buffer)
            self.position += moved
            return moved

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        return self.inode().read_at(offset, buffer)

    @raises()
    def write_at(self, offset: u64, buffer: IoBuffer) -> usize:
        return self.inode().write_at(offset, buffer)

    @raises()
    def seek(self, offset: i64, whence: i32) -> u64:
        with self.lock:
            self.position = moved_position(self._origin(whence), offset)
            return self.position

    @raises()
    def truncate(self, length: u64) -> None:
        if self.inode().kind == InodeKind.DIRECTORY:
            raise OSError(EISDIR)
        self.inode().truncate(length)

    @raises()
    def synchronize(self) -> None:
        """There is nothing to do: no file system here holds back writes to a medium."""

    def can_watch(self) -> bool:
        return False

    @raises()
    def stat(self, into: Stat) -> None:
        self.inode().stat(into)

    @raises()
    def read_directory(self, sink: DirectorySink) -> None:
        with self.lock:
            self.position = self.inode().read_directory(self.position, sink)

    @raises()
    def page_source(self) -> PageSource:
        return self.inode().page_source()

    @raises(EINVAL)
    def _origin(self, whence: i32) -> u64:
        """Returns the position that a seek counts from."""
        if whence == SEEK_SET:
            return 0
        if whence == SEEK_CUR:
            return self.position
        if whence == SEEK_END:
            return self.inode().size()
        raise OSError(EINVAL)


@raises(EINVAL, EOVERFLOW)
def moved_position(origin: u64, offset: i64) -> u64:
    """Returns `origin` moved by `offset`; EINVAL: before the start, EOVERFLOW: too far."""
    if offset >= 0:
        if u64(offset) > LARGEST_OFFSET - origin:
            raise OSError(EOVERFLOW)
        return origin + u64(offset)
    back = u64(-(offset + 1)) + 1
    if back > origin:
        raise OSError(EINVAL)
    return origin - back


@raises()
def open_inode(allocator: Allocator, location: Location, flags: u32) -> InodeFile:
    """Makes an open file of what is at `location`, with one reference, the caller's. ENOMEM."""
    file = allocate(allocator, InodeFile)
    file.start(allocator, flags)
    file.location.copy_location(location)
    return file
