"""System calls on files and descriptors."""

from __future__ import annotations

from abi.errno import EBADF, EINVAL
from abi.file import (
    F_DUPFD,
    F_DUPFD_CLOEXEC,
    F_GETFD,
    F_GETFL,
    F_SETFD,
    F_SETFL,
    FD_CLOEXEC,
    O_APPEND,
    O_CLOEXEC,
    O_CREAT,
    O_EXCL,
    O_NOCTTY,
    O_NONBLOCK,
    O_TRUNC,
    PipeEnds,
    Stat,
    StatFs,
)
from abi.limits import MAX_TRANSFER, PAGE_SIZE
from bare import i32, i64, invert, raises, size_of, u16, u32, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.file import File
from kernel.fs.inode_file import InodeFile
from kernel.fs.mounts import Location
from kernel.fs.open import open_path
from kernel.fs.path import PathWalk
from kernel.ipc.pipe import PipeFiles, make_pipe
from kernel.mm.user_copy import UserBuffer, copy_out, object_bytes
from kernel.net.socket.socket import Socket
from kernel.syscall.call import Call
from kernel.syscall.network import is_network_request, network_ioctl
from kernel.syscall.path_argument import begin_walk, set_start
from kernel.syscall.vector_buffer import VectorBuffer

KNOWN_FLAGS: u32 = 0x00FF_FFFF
"""Every flag that Linux has defined; programs may set others, which mean nothing."""
OPEN_ONLY: u32 = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC
"""Flags that matter to the open alone and are not kept."""
CHANGEABLE: u32 = O_APPEND | O_NONBLOCK
"""Flags that F_SETFL sets."""
PERMISSIONS: u32 = 0o7777


@raises()
def openat(call: Call, directory: i32, path: UserAddr, flags: u32, mode: u32) -> i32:
    """Opens a file."""
    flags &= KNOWN_FLAGS
    process = call.process
    walk = PathWalk(call.services.mounts, process.credentials, process.allocator)
    try:
        begin_walk(walk, path)
        file = open_from(call, walk, directory, flags, mode)
    finally:
        walk.finish()
    return process.files.add(file, 0, flags & O_CLOEXEC != 0)


@raises()
def open_from(call: Call, walk: PathWalk, directory: i32, flags: u32, mode: u32) -> File:
    """Opens the path in `walk`, which begins at the descriptor `directory`."""
    start = Location()
    permissions = mode & PERMISSIONS & invert(call.process.creation_mask)
    try:
        set_start(call, directory, walk, start)
        file = open_path(walk, start, flags, u16(permissions))
    finally:
        start.clear()
    file.flags &= invert(OPEN_ONLY)
    return file


@raises()
def close(call: Call, fd: i32) -> None:
    """Closes a descriptor."""
    call.process.files.close(fd)


@raises()
def read(call: Call, fd: i32, buffer: UserAddr, count: usize) -> usize:
    """Reads at the position."""
    file = readable(call, fd)
    try:
        return file.read(UserBuffer(remaining=min(count, MAX_TRANSFER), address=buffer))
    finally:
        file.put()


@raises()
def write(call: Call, fd: i32, buffer: UserAddr, count: usize) -> usize:
    """Writes at the position."""
    file = writable(call, fd)
    try:
        return file.write(UserBuffer(remaining=min(count, MAX_TRANSFER), address=buffer))
    finally:
        file.put()


@raises()
def readv(call: Call, fd: i32, buffers: UserAddr, count: usize) -> usize:
    """Reads into several buffers."""
    file = readable(call, fd)
    try:
        vector = VectorBuffer(remaining=0)
        vector.open(buffers, count)
        return file.read(vector)
    finally:
        file.put()


@raises()
def writev(call: Call, fd: i32, buffers: UserAddr, count: usize) -> usize:
    """Writes several buffers."""
    file = writable(call, fd)
    try:
        vector = VectorBuffer(remaining=0)
        vector.open(buffers, count)
        return file.write(vector)
    finally:
        file.put()


@raises()
def pread64(call: Call, fd: i32, buffer: UserAddr, count: usize, offset: i64) -> usize:
    """Reads at an offset."""
    file = readable(call, fd)
    try:
        io = UserBuffer(remaining=min(count, MAX_TRANSFER), address=buffer)
        return file.read_at(checked_offset(offset), io)
    finally:
        file.put()


@raises()
def pwrite64(call: Call, fd: i32, buffer: UserAddr, count: usize, offset: i64) -> usize:
    """Writes at an offset."""
    file = writable(call, fd)
    try:
        io = UserBuffer(remaining=min(count, MAX_TRANSFER), address=buffer)
        return file.write_at(checked_offset(offset), io)
    finally:
        file.put()


@raises()
def lseek(call: Call, fd: i32, offset: i64, whence: i32) -> i64:
    """Moves the position."""
    file = call.process.files.get(fd)
    try:
        return i64(file.seek(offset, whence))
    finally:
        file.put()


@raises()
def fstat(call: Call, fd: i32, stat: UserAddr) -> None:
    """Describes an open file."""
    file = call.process.files.get(fd)
    try:
        record = Stat()
        file.stat(record)
        copy_out(stat, object_bytes(record, size_of(Stat)))
    finally:
        file.put()


@raises()
def ftruncate(call: Call, fd: i32, size_bytes: i64) -> None:
    """Sets the length of an open file."""
    length = checked_offset(size_bytes)
    file = call.process.files.get(fd)
    try:
        if not file.can_write():
            raise OSError(EINVAL)
        file.truncate(length)
    finally:
        file.put()


@raises()
def dup(call: Call, fd: i32) -> i32:
    """Duplicates a descriptor."""
    return duplicate(call, fd, 0, False)


@raises()
def dup3(call: Call, fd: i32, target: i32, flags: u32) -> i32:
    """Duplicates a descriptor to a given number."""
    if fd == target or flags & invert(O_CLOEXEC) != 0:
        raise OSError(EINVAL)
    file = call.process.files.get(fd)
    call.process.files.replace(target, file, flags & O_CLOEXEC != 0)
    return target


@raises()
def fcntl(call: Call, fd: i32, command: i32, argument: u64) -> i32:
    """Duplicates a descriptor or changes its flags."""
    if command in (F_DUPFD, F_DUPFD_CLOEXEC):
        return duplicate(call, fd, argument, command == F_DUPFD_CLOEXEC)
    files = call.process.files
    if command == F_GETFD:
        return i32(FD_CLOEXEC) if files.close_on_exec(fd) else 0
    if command == F_SETFD:
        files.set_close_on_exec(fd, argument & FD_CLOEXEC != 0)
        return 0
    file = files.get(fd)
    try:
        return change_flags(file, command, argument)
    finally:
        file.put()


@raises()
def ioctl(call: Call, fd: i32, command: u32, argument: UserAddr) -> i32:
    """Asks a device."""
    file = call.process.files.get(fd)
    try:
        if isinstance(file, Socket) and is_network_request(command):
            network_ioctl(call, command, argument)
            return 0
        return i32(file.ioctl(command, argument))
    finally:
        file.put()


@raises()
def pipe2(call: Call, ends: UserAddr, flags: u32) -> None:
    """Makes a pipe; nothing stays open where the numbers cannot be delivered."""
    if flags & invert(O_CLOEXEC | O_NONBLOCK) != 0:
        raise OSError(EINVAL)
    process = call.process
    made = PipeFiles()
    make_pipe(process.allocator, call.services.memory.frames, flags & O_NONBLOCK, made)
    answer = PipeEnds()
    add_ends(call, made, answer, flags & O_CLOEXEC != 0)
    try:
        copy_out(ends, object_bytes(answer, size_of(PipeEnds)))
    except OSError:
        process.files.close(answer.read_end)
        process.files.close(answer.write_end)
        raise


@raises()
def add_ends(call: Call, made: PipeFiles, answer: PipeEnds, close_on_exec: bool) -> None:
    """Gives both ends of a pipe a descriptor, or none and closes them."""
    files = call.process.files
    reader = made.reader
    writer = made.writer
    assert reader is not None and writer is not None, "pipe without ends"
    try:
        answer.read_end = files.add(reader, 0, close_on_exec)
    except OSError:
        writer.put()
        raise
    try:
        answer.write_end = files.add(writer, 0, close_on_exec)
    except OSError:
        files.close(answer.read_end)
        raise


@raises()
def fsync(call: Call, fd: i32) -> None:
    """Waits until a file is stored."""
    file = call.process.files.get(fd)
    try:
        file.synchronize()
    finally:
        file.put()


@raises()
def sync(call: Call) -> None:
    """Waits until everything is stored: no file system here holds writes back."""


@raises()
def fstatfs(call: Call, fd: i32, record: UserAddr) -> None:
    """Describes the file system of an open file; of a pipe or a device only the page size."""
    file = call.process.files.get(fd)
    try:
        answer = StatFs()
        answer.block_size = i64(PAGE_SIZE)
        if isinstance(file, InodeFile):
            file.inode().file_system.statfs(answer)
        copy_out(record, object_bytes(answer, size_of(StatFs)))
    finally:
        file.put()


@raises()
def readable(call: Call, fd: i32) -> File:
    """Returns the file of a descriptor that was opened for reading, with a reference. EBADF."""
    file = call.process.files.get(fd)
    if not file.can_read():
        file.put()
        raise OSError(EBADF)
    return file


@raises()
def writable(call: Call, fd: i32) -> File:
    """Returns the file of a descriptor that was opened for writing, with a reference. EBADF."""
    file = call.process.files.get(fd)
    if not file.can_write():
        file.put()
        raise OSError(EBADF)
    return file


@raises()
def duplicate(call: Call, fd: i32, minimum: u64, close_on_exec: bool) -> i32:
    """Gives the file of `fd` the lowest free descriptor from `minimum` on."""
    files = call.process.files
    file = files.get(fd)
    if minimum >= files.limit:
        file.put()
        raise OSError(EINVAL)
    return files.add(file, u32(minimum), close_on_exec)


@raises(EINVAL)
def change_flags(file: File, command: i32, argument: u64) -> i32:
    """Does F_GETFL and F_SETFL."""
    if command == F_GETFL:
        return i32(file.flags)
    if command == F_SETFL:
        kept = file.flags & invert(CHANGEABLE)
        file.flags = kept | u32(argument & CHANGEABLE)
        return 0
    raise OSError(EINVAL)


@raises(EINVAL)
def checked_offset(offset: i64) -> u64:
    """Returns an offset or length, which may not be negative."""
    if offset < 0:
        raise OSError(EINVAL)
    return u64(offset)
