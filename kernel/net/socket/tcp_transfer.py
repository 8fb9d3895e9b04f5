"""How a TCP socket's bytes come from a program and go to it.

Nothing is copied from or to a program with the stack's lock held. Who sends fills chunks that
nobody sees and links them; who receives takes packets out, copies them, and puts back what is left.
The socket's mutexes let one thread at a time do so; nobody sleeps for data or room with one held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abi.errno import ENOTCONN, EOPNOTSUPP, EPIPE
from abi.limits import PAGE_SIZE
from abi.socket import MSG_MORE, MSG_OOB, MSG_PEEK, MSG_TRUNC, MSG_WAITALL
from bare import never_inline, raises, u32, u64, usize
from kernel.device.packet import PacketQueue
from kernel.mm.page_source import PageSource
from kernel.net.socket.connection import Connection
from kernel.net.socket.message import Message
from kernel.net.socket.send_queue import (
    ChunkList,
    SendChunk,
    free_chunk,
    make_chunk,
    make_page_chunk,
)
from kernel.net.socket.tcp_ending import advance
from kernel.net.tcp.application import data_consumed, data_queued, uncorked
from kernel.net.tcp.state import TcpState

if TYPE_CHECKING:
    from kernel.net.socket.tcp_socket import TcpSocket

BATCH_BYTES: u32 = 64 * 1024
"""Bytes that are filled in before they are linked: what a segment waits for at most."""


@raises()
def send(socket: TcpSocket, message: Message) -> usize:
    """Queues a program's data, waiting for room; returns how much."""
    if message.flags & MSG_OOB != 0:
        raise OSError(EOPNOTSUPP)
    may_wait = socket.may_wait(message)
    deadline = socket.send_deadline()
    has_more = message.flags & MSG_MORE != 0
    total: usize = 0
    while True:
        try:
            wait_for_room(socket, may_wait, deadline)
            total += give(socket, message, has_more)
        except OSError:
            if total == 0:
                raise
            return total
        if message.buffer.remaining == 0:
            return total


@raises()
def send_pages(
    socket: TcpSocket, source: PageSource, offset: u64, count: usize, may_wait: bool
) -> usize:
    """Queues pages of a file by reference, waiting for room; returns how many bytes."""
    deadline = socket.send_deadline()
    length = source.length()
    total: usize = 0
    while total < count and offset + total < length:
        wanted = min(count - total, length - offset - total)
        try:
            wait_for_room(socket, may_wait, deadline)
            total += give_pages(socket, source, offset + total, wanted)
        except OSError:
            if total == 0:
                raise
            return total
    return total


@raises()
def wait_for_room(socket: TcpSocket, may_wait: bool, deadline_ns: u64) -> None:
    """Waits until the connection stands and takes at least one more byte. EPIPE, ECONNRESET."""
    with socket.stack.lock:
        while True:
            connection = sending_connection(socket)
            if connection.tcp.state != TcpState.SYN_SENT and socket.tables.room_of(connection) > 0:
                return
            socket.waiters.wants_room = True
            socket.wait(socket.waiters.writers, may_wait, deadline_ns)


@never_inline
@raises()
def sending_connection(socket: TcpSocket) -> Connection:
    """Returns the connection if a program may still send on it. Lock held."""
    socket.raise_error()
    connection = socket.connection
    if connection is None or not connection.tcp.can_send():
        raise OSError(EPIPE)
    return connection


@raises()
def give(socket: TcpSocket, message: Message, has_more: bool) -> usize:
    """Fills and links one batch; returns its bytes, 0 if another writer took the room."""
    with socket.send_mutex:
        with socket.stack.lock:
            connection = sending_connection(socket)
            room = min(socket.tables.room_of(connection), BATCH_BYTES)
            tail = None if room == 0 else connection.sending.begin_filling()
        if room == 0 and message.buffer.remaining > 0:
            return 0
        chunks = ChunkList()
        written: u32 = 0
        try:
            if tail is not None:
                space = tail.room()
                written = u32(message.buffer.pull(space[: min(len(space), room)]))
            fill_chunks(socket, message, chunks, room - written)
        except OSError:
            if written == 0 and chunks.length == 0:
                link(socket, connection, tail, 0, chunks, has_more)
                raise
        return link(socket, connection, tail, written, chunks, has_more)


@raises()
def fill_chunks(socket: TcpSocket, message: Message, chunks: ChunkList, room: u32) -> None:
    """Copies a program's data into chunks of their own. EFAULT, ENOMEM: what is there counts."""
    tables = socket.tables
    left = room
    while left > 0 and message.buffer.remaining > 0:
        chunk = make_chunk(tables.allocator, tables.frames)
        space = chunk.room()
        try:
            chunk.end = u32(message.buffer.pull(space[: min(len(space), left)]))
        except OSError:
            free_chunk(tables.allocator, tables.frames, chunk)
            raise
        left -= chunk.end
        chunks.append(chunk)


@raises()
def give_pages(socket: TcpSocket, source: PageSource, offset: u64, wanted: usize) -> usize:
    """Links one batch of a file's pages; returns its bytes. EIO, ENOMEM."""
    tables = socket.tables
    with socket.send_mutex:
        with socket.stack.lock:
            connection = sending_connection(socket)
            room = min(min(socket.tables.room_of(connection), BATCH_BYTES), wanted)
        chunks = ChunkList()
        try:
            while chunks.length < room:
                at = offset + chunks.length
                start = u32(at % PAGE_SIZE)
                step = u32(min(PAGE_SIZE - start, room - chunks.length))
                frame = source.get_page(at // PAGE_SIZE)
                try:
                    chunk = make_page_chunk(tables.allocator, frame, start, start + step)
                except OSError:
                    tables.frames.put(frame)
                    raise
                chunks.append(chunk)
        except OSError:
            if chunks.length == 0:
                raise
        return link(socket, connection, None, 0, chunks, chunks.length < wanted)


@never_inline
@raises()
def link(
    socket: TcpSocket,
    connection: Connection,
    tail: SendChunk | None,
    written: u32,
    chunks: ChunkList,
    has_more: bool,
) -> usize:
    """Queues what was filled, and sends what may leave; frees it where the connection has ended."""
    tables = socket.tables
    with socket.stack.lock:
        count: u32 = 0
        if tail is not None:
            if connection.sending.end_filling(tail, written):
                count = written
            else:
                free_chunk(tables.allocator, tables.frames, tail)
        if not connection.tcp.can_send():
            chunks.free_all(tables.allocator, tables.frames)
            return sent_in_vain(socket)
        count += chunks.length
        connection.sending.append_all(chunks)
        now_ms = tables.now_ms()
        set_cork(socket, connection, has_more)
        if count > 0:
            data_queued(connection.tcp, now_ms, count)
        advance(tables, connection, now_ms)
        socket.stack.flush()
        return count


@raises()
def sent_in_vain(socket: TcpSocket) -> usize:
    """Says why what was to be sent was not. Lock held."""
    socket.raise_error()
    raise OSError(EPIPE)


def set_cork(socket: TcpSocket, connection: Connection, has_more: bool) -> None:
    """Holds back a last segment that is not full while more is to come. Lock held."""
    settings = connection.tcp.settings
    was_corked = settings.is_corked
    settings.is_corked = socket.is_corked or has_more
    if was_corked and not settings.is_corked:
        uncorked(connection.tcp)


@raises()
def receive(socket: TcpSocket, message: Message) -> usize:
    """Gives a program what has come, waiting for something; 0: the other end sends no more."""
    flags = message.flags
    if flags & MSG_OOB != 0:
        raise OSError(EOPNOTSUPP)
    may_wait = socket.may_wait(message)
    deadline = socket.receive_deadline()
    message.flags = 0
    total: usize = 0
    while True:
        try:
            if not wait_for_bytes(socket, may_wait, deadline):
                return total
            if message.buffer.remaining == 0:
                return total
            total += take(socket, message, flags)
        except OSError:
            if total == 0:
                raise
            return total
        is_done = message.buffer.remaining == 0 or flags & (MSG_WAITALL | MSG_PEEK) != MSG_WAITALL
        if total > 0 and is_done:
            return total


@raises()
def wait_for_bytes(socket: TcpSocket, may_wait: bool, deadline_ns: u64) -> bool:
    """Waits for something to read; False: the end of the stream. ENOTCONN, ECONNRESET."""
    with socket.stack.lock:
        while True:
            connection = socket.connection
            if connection is not None and connection.tcp.receive.unread > 0:
                return True
            socket.raise_error()
            if connection is None:
                raise OSError(ENOTCONN)
            if connection.tcp.is_receive_ended() or socket.is_receive_shut:
                return False
            socket.wait(socket.waiters.readers, may_wait, deadline_ns)


@raises()
def take(socket: TcpSocket, message: Message, flags: u32) -> usize:
    """Copies packets that have come to the program; returns the bytes, 0: another was faster."""
    packets = PacketQueue()
    with socket.receive_mutex:
        with socket.stack.lock:
            connection = socket.connection
            if connection is None:
                return 0
            connection.receiving.take(message.buffer.remaining, packets)
        moved: usize = 0
        try:
            moved = copy_packets(message, packets, flags & MSG_TRUNC != 0)
        except OSError:
            give_back(socket, connection, packets, 0)
            raise
        if flags & MSG_PEEK != 0:
            give_back(socket, connection, packets, 0)
        else:
            give_back(socket, connection, packets, moved)
        return moved


@never_inline
@raises()
def copy_packets(message: Message, packets: PacketQueue, is_discarded: bool) -> usize:
    """Copies as much of the packets as the program has room for. EFAULT if nothing was copied."""
    moved: usize = 0
    packet = packets.first
    while packet is not None and message.buffer.remaining > 0:
        step = min(packet.length(), message.buffer.remaining)
        if is_discarded:
            message.buffer.remaining -= step
        else:
            try:
                message.buffer.push(packet.bytes()[:step])
            except OSError:
                if moved == 0:
                    raise
                return moved
        moved += step
        packet = packet.next
    return moved


@never_inline
def give_back(socket: TcpSocket, connection: Connection, packets: PacketQueue, read: usize) -> None:
    """Frees what was read, and puts the rest back in front; the window may open."""
    tables = socket.tables
    with socket.stack.lock:
        left = read
        while left > 0:
            packet = packets.first
            assert packet is not None, "read more than there was"
            if packet.length() > left:
                packet.drop_front(u32(left))
                break
            left -= packet.length()
            packets.take_first()
            packet.release()
        connection.receiving.put_back(packets)
        if read > 0:
            now_ms = tables.now_ms()
            data_consumed(connection.tcp, now_ms, u32(read))
            advance(tables, connection, now_ms)
            socket.stack.flush()
