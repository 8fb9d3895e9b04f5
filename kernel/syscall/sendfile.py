"""From file to descriptor: to a TCP socket by reference, to anything else through a page."""

from __future__ import annotations

from abi.errno import EINVAL
from abi.file import SEEK_CUR, SEEK_SET
from abi.limits import MAX_TRANSFER, PAGE_SIZE
from bare import i32, i64, raises, u64, usize, wrap_i64
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.file import File
from kernel.fs.inode_file import InodeFile
from kernel.mm.frame_view import frame_bytes
from kernel.mm.user_copy import KernelBuffer, read_user_u64, write_user_u64
from kernel.net.socket.tcp_socket import TcpSocket
from kernel.syscall.call import Call
from kernel.syscall.file import checked_offset, readable, writable


@raises()
def sendfile(call: Call, target: i32, source: i32, offset: UserAddr, count: usize) -> usize:
    """Sends from `offset`, which moves on, or from the file's own position."""
    sink = writable(call, target)
    try:
        file = readable(call, source)
        try:
            return send_from(call, sink, file, offset, min(count, MAX_TRANSFER))
        finally:
            file.put()
    finally:
        sink.put()


@raises()
def send_from(call: Call, sink: File, file: File, offset: UserAddr, count: usize) -> usize:
    """Sends, and moves the position."""
    if not isinstance(file, InodeFile):
        raise OSError(EINVAL)
    if offset == 0:
        start = file.seek(0, SEEK_CUR)
        sent = transfer(call, sink, file, start, count)
        file.seek(i64(start + sent), SEEK_SET)
        return sent
    start = checked_offset(wrap_i64(read_user_u64(offset)))
    sent = transfer(call, sink, file, start, count)
    write_user_u64(offset, start + sent)
    return sent


@raises()
def transfer(call: Call, sink: File, file: InodeFile, start: u64, count: usize) -> usize:
    """Sends from a place in the file; returns how much."""
    if isinstance(sink, TcpSocket):
        return sink.send_file(file.page_source(), start, count)
    return copy(call, sink, file, start, count)


@raises()
def copy(call: Call, sink: File, file: InodeFile, start: u64, count: usize) -> usize:
    """Copies page by page."""
    frames = call.services.memory.frames
    frame = frames.alloc(0)
    total: usize = 0
    try:
        room = frame_bytes(frame)
        while total < count:
            wanted = min(count - total, PAGE_SIZE)
            length = file.read_at(start + total, KernelBuffer(wanted, room[:wanted]))
            if length == 0:
                break
            written = sink.write(KernelBuffer(length, room[:length]))
            total += written
            if written < length:
                break
    except OSError:
        if total == 0:
            raise
    finally:
        frames.put(frame)
    return total
