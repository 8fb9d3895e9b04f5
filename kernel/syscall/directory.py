"""System calls on directories and"""

from __future__ import annotations

from abi.errno import EACCES, EINVAL, ENOTDIR, EPERM, ERANGE, EROFS
from abi.file import (
    AT_EMPTY_PATH,
    AT_FDCWD,
    AT_REMOVEDIR,
    AT_SYMLINK_NOFOLLOW,
    RENAME_NOREPLACE,
    SEEK_CUR,
    SEEK_SET,
    X_OK,
    Stat,
    StatFs,
)
from abi.limits import PAGE_SIZE
from bare import (
    allocate,
    allocate_span,
    i32,
    i64,
    invert,
    raises,
    release,
    size_of,
    u8,
    u16,
    u32,
    usize,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.file import File
from kernel.fs.inode_file import InodeFile
from kernel.fs.inode_kind import InodeKind
from kernel.fs.names import (
    make_directory,
    make_symlink,
    remove_directory,
    remove_file,
    rename,
)
from kernel.fs.path import LastLink, PathBuffer, PathWalk
from kernel.fs.permission import may_access, may_change_attributes
from kernel.mm.user_copy import copy_in_string, copy_out, object_bytes
from kernel.syscall.call import Call
from kernel.syscall.entry_buffer import EntryBuffer
from kernel.syscall.file_times import set_times
from kernel.syscall.path_argument import resolve_at, resolve_parent_at

SMALLEST_LISTING: usize = 24
"""Bytes of the shortest record."""
AT_NO_AUTOMOUNT: u32 = 0x800
"""Accepted: there are no automatic mounts."""
STAT_FLAGS: u32 = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT
PERMISSIONS: u32 = 0o7777
ACCESS_MODES: u32 = 7


@raises()
def getdents64(call: Call, fd: i32, buffer: UserAddr, count: usize) -> usize:
    """Lists a directory from its position on."""
    file = call.process.files.get(fd)
    try:
        return list_entries(call, file, buffer, count)
    finally:
        file.put()


@raises()
def list_entries(call: Call, file: File, buffer: UserAddr, count: usize) -> usize:
    """Copies entries to the program; the position stays where that fails."""
    if not isinstance(file, InodeFile) or file.inode().kind != InodeKind.DIRECTORY:
        raise OSError(ENOTDIR)
    if count < SMALLEST_LISTING:
        raise OSError(EINVAL)
    heap = call.process.allocator
    page = allocate_span(heap, u8, min(count, PAGE_SIZE))
    try:
        sink = EntryBuffer(page)
        before = file.seek(0, SEEK_CUR)
        file.read_directory(sink)
        if sink.used == 0 and sink.is_full:
            raise OSError(EINVAL)
        try:
            copy_out(buffer, page[: sink.used])
        except OSError:
            file.seek(i64(before), SEEK_SET)
            raise
        return sink.used
    finally:
        release(heap, page)


@raises()
def mkdirat(call: Call, directory: i32, path: UserAddr, mode: u32) -> None:
    """Makes a directory."""
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    permissions = mode & PERMISSIONS & invert(call.process.creation_mask)
    try:
        name = resolve_parent_at(call, walk, directory, path)
        make_directory(walk, name, u16(permissions))
    finally:
        walk.finish()


@raises()
def unlinkat(call: Call, directory: i32, path: UserAddr, flags: u32) -> None:
    """Removes a name."""
    if flags & invert(AT_REMOVEDIR) != 0:
        raise OSError(EINVAL)
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    try:
        name = resolve_parent_at(call, walk, directory, path)
        if flags & AT_REMOVEDIR != 0:
            remove_directory(walk, name)
        else:
            remove_file(walk, name)
    finally:
        walk.finish()


@raises()
def symlinkat(call: Call, target: UserAddr, directory: i32, path: UserAddr) -> None:
    """Makes a symbolic link."""
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    text = allocate(call.process.allocator, PathBuffer)
    try:
        length = copy_in_string(text.bytes, target)
        name = resolve_parent_at(call, walk, directory, path)
        make_symlink(walk, name, text.bytes[:length])
    finally:
        walk.finish()
        release(call.process.allocator, text)


@raises()
def renameat2(
    call: Call,
    old_directory: i32,
    old_path: UserAddr,
    new_directory: i32,
    new_path: UserAddr,
    flags: u32,
) -> None:
    """Moves a name."""
    if flags & invert(RENAME_NOREPLACE) != 0:
        raise OSError(EINVAL)
    process = call.process
    source = PathWalk(call.services.mounts, process.credentials, process.allocator)
    target = PathWalk(call.services.mounts, process.credentials, process.allocator)
    try:
        name = resolve_parent_at(call, source, old_directory, old_path)
        target_name = resolve_parent_at(call, target, new_directory, new_path)
        rename(source, name, target, target_name, flags)
    finally:
        source.finish()
        target.finish()


@raises()
def faccessat(call: Call, directory: i32, path: UserAddr, mode: u32) -> None:
    """Asks for access."""
    if mode & invert(ACCESS_MODES) != 0:
        raise OSError(EINVAL)
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    try:
        inode = resolve_at(call, walk, directory, path, LastLink.FOLLOW)
        if not may_access(inode, call.process.credentials, mode):
            raise OSError(EACCES)
    finally:
        walk.finish()


@raises()
def fchmodat(call: Call, directory: i32, path: UserAddr, mode: u32) -> None:
    """Sets mode bits."""
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    try:
        inode = resolve_at(call, walk, directory, path, LastLink.FOLLOW)
        if inode.file_system.is_read_only:
            raise OSError(EROFS)
        if not may_change_attributes(inode, call.process.credentials):
            raise OSError(EPERM)
        inode.set_permissions(u16(mode & PERMISSIONS))
    finally:
        walk.finish()


@raises()
def readlinkat(call: Call, directory: i32, path: UserAddr, buffer: UserAddr, count: usize) -> usize:
    """Reads a symbolic link."""
    if count == 0:
        raise OSError(EINVAL)
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    try:
        inode = resolve_at(call, walk, directory, path, LastLink.KEEP)
        if inode.kind != InodeKind.SYMLINK:
            raise OSError(EINVAL)
        # The path has been walked, so its buffer is free for the target.
        room = walk.buffer()
        length = inode.read_link(room[: min(count, len(room))])
        copy_out(buffer, room[:length])
        return length
    finally:
        walk.finish()


@raises()
def newfstatat(call: Call, directory: i32, path: UserAddr, stat: UserAddr, flags: u32) -> None:
    """Describes a file."""
    if flags & invert(STAT_FLAGS) != 0:
        raise OSError(EINVAL)
    record = Stat()
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    last = LastLink.KEEP if flags & AT_SYMLINK_NOFOLLOW != 0 else LastLink.FOLLOW
    try:
        walk.begin()
        length = copy_in_string(walk.buffer(), path)
        if length == 0 and flags & AT_EMPTY_PATH != 0:
            stat_descriptor(call, directory, record)
        else:
            resolve_at(call, walk, directory, path, last).stat(record)
    finally:
        walk.finish()
    copy_out(stat, object_bytes(record, size_of(Stat)))


@raises()
def stat_descriptor(call: Call, fd: i32, record: Stat) -> None:
    """Describes an open file, or the working directory for AT_FDCWD."""
    if fd == AT_FDCWD:
        inode = call.process.working_directory.inode
        assert inode is not None, "process without a working directory"
        inode.stat(record)
        return
    file = call.process.files.get(fd)
    try:
        file.stat(record)
    finally:
        file.put()


@raises()
def utimensat(call: Call, directory: i32, path: UserAddr, times: UserAddr, flags: u32) -> None:
    """Sets the time of the last modification; that of the last access is not kept."""
    if flags & invert(AT_SYMLINK_NOFOLLOW) != 0:
        raise OSError(EINVAL)
    if path == 0:
        set_descriptor_times(call, directory, times)
        return
    last = LastLink.KEEP if flags & AT_SYMLINK_NOFOLLOW != 0 else LastLink.FOLLOW
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    try:
        set_times(call, resolve_at(call, walk, directory, path, last), times)
    finally:
        walk.finish()


@raises()
def set_descriptor_times(call: Call, fd: i32, times: UserAddr) -> None:
    """Sets the times of an open file. EINVAL: it has none."""
    file = call.process.files.get(fd)
    try:
        if not isinstance(file, InodeFile):
            raise OSError(EINVAL)
        set_times(call, file.inode(), times)
    finally:
        file.put()


@raises()
def getcwd(call: Call, buffer: UserAddr, size: usize) -> usize:
    """Writes the path of the working directory."""
    text = allocate(call.process.allocator, PathBuffer)
    try:
        room = text.bytes[:]
        length = call.services.mounts.path_of(call.process.working_directory, room)
        if length == len(room) or length + 1 > size:
            raise OSError(ERANGE)
        room[length] = 0
        copy_out(buffer, room[: length + 1])
        return length + 1
    finally:
        release(call.process.allocator, text)


@raises()
def chdir(call: Call, path: UserAddr) -> None:
    """Sets the working directory."""
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    try:
        inode = resolve_at(call, walk, AT_FDCWD, path, LastLink.FOLLOW)
        if inode.kind != InodeKind.DIRECTORY:
            raise OSError(ENOTDIR)
        if not may_access(inode, call.process.credentials, X_OK):
            raise OSError(EACCES)
        call.process.working_directory.copy_location(walk.location)
    finally:
        walk.finish()


@raises()
def fchdir(call: Call, fd: i32) -> None:
    """Sets the working directory to an open one."""
    file = call.process.files.get(fd)
    try:
        if not isinstance(file, InodeFile) or file.inode().kind != InodeKind.DIRECTORY:
            raise OSError(ENOTDIR)
        if not may_access(file.inode(), call.process.credentials, X_OK):
            raise OSError(EACCES)
        call.process.working_directory.copy_location(file.location)
    finally:
        file.put()


@raises()
def statfs(call: Call, path: UserAddr, record: UserAddr) -> None:
    """Describes a file system."""
    answer = StatFs()
    walk = PathWalk(call.services.mounts, call.process.credentials, call.process.allocator)
    try:
        inode = resolve_at(call, walk, AT_FDCWD, path, LastLink.FOLLOW)
        inode.file_system.statfs(answer)
    finally:
        walk.finish()
    copy_out(record, object_bytes(answer, size_of(StatFs)))
