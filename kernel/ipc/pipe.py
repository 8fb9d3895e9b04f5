"""Pipes: a queue of bytes with a reading and a writing end.

The queue is a ring of frames. A frame is allocated when the first byte goes into it and given back
when the last one has been taken, so a waiting pipe costs at most one. Bytes are copied straight
between user memory and the frames, without the spin lock: the mutex of each end lets one thread
move bytes at a time, and only it moves that end's position. Nobody waits for bytes or room with a
mutex held, so every wait can be interrupted.

Writes of up to PIPE_BUF bytes wait for room for all of it and are never mixed with others.
Locks: an end's mutex, `lock` (PIPE), then those of wake-ups and frames.
"""

from __future__ import annotations

from abi.errno import EAGAIN, EBADF, EINTR, ENOMEM, EPIPE
from abi.file import O_NONBLOCK, O_RDONLY, O_WRONLY, S_IFIFO, Stat
from abi.limits import PAGE_SIZE, PIPE_BUF
from abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from bare import (
    Allocator,
    Array,
    Span,
    allocate,
    array,
    i16,
    i32,
    inline,
    raises,
    release,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from kernel.fs.file import File
from kernel.mm.frame import FrameAllocator
from kernel.mm.frame_view import frame_bytes
from kernel.mm.user_copy import IoBuffer
from kernel.sched.mutex import Mutex
from kernel.sched.poll_queue import Poller, PollQueue
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

PIPE_PAGES = 16
"""Capacity in pages: 64 KiB, as on Linux."""
CAPACITY: u64 = PIPE_PAGES * PAGE_SIZE


@struct
class Pipe:
    """The queue behind both ends."""

    allocator: Allocator
    frames: FrameAllocator
    lock: SpinLock = inline()
    # Guarded by lock.
    head: u64 = 0
    """Bytes ever written; moved by the writer that holds `write_mutex`."""
    tail: u64 = 0
    """Bytes ever read; moved by the reader that holds `read_mutex`."""
    pages: Array[u64] = array(PIPE_PAGES)
    """Frames by place in the ring, 0 for none."""
    has_reader: bool = True
    has_writer: bool = True
    readers: WaitQueue = inline()
    writers: WaitQueue = inline()
    read_polls: PollQueue = inline()
    write_polls: PollQueue = inline()
    nothing: Array[u8] = array(1)
    """What an empty answer looks into."""
    # One thread at a time moves bytes at each end.
    read_mutex: Mutex = inline()
    write_mutex: Mutex = inline()

    @raises(EAGAIN, EINTR)
    def wait_for_bytes(self, may_block: bool) -> bool:
        """Waits until there is something to read; False: no bytes, and no writer any more."""
        with self.lock:
            while self.head == self.tail:
                if not self.has_writer:
                    return False
                if not may_block:
                    raise OSError(EAGAIN)
                self.readers.wait_interruptible(self.lock)
        return True

    @raises(EAGAIN, EINTR, EPIPE)
    def wait_for_room(self, wanted: u64, may_block: bool) -> None:
        """Waits until `wanted` bytes fit; EPIPE: nobody will read them."""
        with self.lock:
            while True:
                if not self.has_reader:
                    raise OSError(EPIPE)
                if CAPACITY - (self.head - self.tail) >= wanted:
                    return
                if not may_block:
                    raise OSError(EAGAIN)
                self.writers.wait_interruptible(self.lock)

    @raises()
    def take(self, buffer: IoBuffer) -> usize:
        """Moves the bytes that wait into `buffer`, as many as it takes; 0 if another was faster."""
        moved: usize = 0
        with self.read_mutex:
            while buffer.remaining > 0:
                chunk = self.next_chunk(buffer.remaining)
                if len(chunk) == 0:
                    break
                try:
                    buffer.push(chunk)
                except OSError:
                    if moved == 0:
                        raise
                    break
                self.finish_take(len(chunk))
                moved += len(chunk)
        return moved

    def next_chunk(self, wanted: usize) -> Span[u8]:
        """Returns the first waiting bytes that lie in one page. The read mutex is held."""
        with self.lock:
            offset = self.tail % PAGE_SIZE
            count = min(min(self.head - self.tail, PAGE_SIZE - offset), wanted)
            if count == 0:
                return self.nothing[:0]
            return frame_bytes(self.pages[place_of(self.tail)])[offset : offset + count]

    def finish_take(self, count: usize) -> None:
        """Forgets bytes that were read, and wakes writers."""
        freed: u64 = 0
        with self.lock:
            place = place_of(self.tail)
            self.tail += count
            if place_of(self.tail) != place and place_of(self.head) != place:
                freed = self.pages[place]
                self.pages[place] = 0
            self.writers.wake_all()
            self.write_polls.notify()
        if freed != 0:
            self.frames.put(freed)

    @raises()
    def give(self, buffer: IoBuffer, wanted: u64) -> usize:
        """Moves bytes from `buffer` into the ring if `wanted` fit, as many as fit; else returns 0.
        """
        moved: usize = 0
        with self.write_mutex:
            if not self.has_room(wanted):
                return 0
            while buffer.remaining > 0:
                try:
                    room = self.next_room(buffer.remaining)
                    if len(room) == 0:
                        break
                    count = buffer.pull(room)
                except OSError:
                    if moved == 0:
                        raise
                    break
                self.finish_give(count)
                moved += count
        return moved

    def has_room(self, wanted: u64) -> bool:
        """Whether `wanted` bytes still fit. The write mutex is held."""
        with self.lock:
            return CAPACITY - (self.head - self.tail) >= wanted

    @raises(ENOMEM)
    def next_room(self, wanted: usize) -> Span[u8]:
        """Returns the first free bytes that lie in one page. The write mutex is held."""
        with self.lock:
            offset = self.head % PAGE_SIZE
            free = CAPACITY - (self.head - self.tail)
            count = min(min(free, PAGE_SIZE - offset), wanted)
            place = place_of(self.head)
            if self.pages[place] == 0:
                self.pages[place] = self.frames.alloc(0)
            return frame_bytes(self.pages[place])[offset : offset + count]

    def finish_give(self, count: usize) -> None:
        """Publishes bytes that were written, and wakes readers."""
        with self.lock:
            self.head += count
            self.readers.wake_all()
            self.read_polls.notify()

    def close_end(self, is_reader: bool) -> None:
        """Notes that an end is gone; the second one frees the pipe."""
        with self.lock:
            if is_reader:
                self.has_reader = False
            else:
                self.has_writer = False
            is_last = not self.has_reader and not self.has_writer
            self.readers.wake_all()
            self.writers.wake_all()
            self.read_polls.notify()
            self.write_polls.notify()
        if is_last:
            for place in range(PIPE_PAGES):
                if self.pages[place] != 0:
                    self.frames.put(self.pages[place])
            release(self.allocator, self)


def place_of(position: u64) -> u64:
    """Returns the place in the ring of the page that holds a byte."""
    return position // PAGE_SIZE % PIPE_PAGES


@struct
class PipeReader(File):
    """The end that is read from."""

    pipe: Pipe

    def close(self) -> None:
        self.pipe.close_end(is_reader=True)
        release(self.allocator, self)

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        may_block = self.flags & O_NONBLOCK == 0
        while buffer.remaining > 0:
            if not self.pipe.wait_for_bytes(may_block):
                return 0
            moved = self.pipe.take(buffer)
            if moved > 0:
                return moved
        return 0

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        raise OSError(EBADF)

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        pipe = self.pipe
        if poller is not None:
            poller.watch(pipe.read_polls)
        with pipe.lock:
            events: i16 = 0
            if pipe.head != pipe.tail:
                events |= POLLIN | POLLRDNORM
            if not pipe.has_writer:
                events |= POLLHUP
            return events

    @raises()
    def stat(self, into: Stat) -> None:
        fill_stat(into, self.pipe)


@struct
class PipeWriter(File):
    """The end that is written to."""

    pipe: Pipe

    def close(self) -> None:
        self.pipe.close_end(is_reader=False)
        release(self.allocator, self)

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        raise OSError(EBADF)

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        may_block = self.flags & O_NONBLOCK == 0
        total: usize = 0
        is_atomic = buffer.remaining <= PIPE_BUF
        while buffer.remaining > 0:
            wanted: u64 = buffer.remaining if is_atomic else 1
            try:
                self.pipe.wait_for_room(wanted, may_block)
                total += self.pipe.give(buffer, wanted)
            except OSError:
                if total == 0:
                    raise
                break
        return total

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        pipe = self.pipe
        if poller is not None:
            poller.watch(pipe.write_polls)
        with pipe.lock:
            events: i16 = 0
            if CAPACITY - (pipe.head - pipe.tail) >= PIPE_BUF:
                events |= POLLOUT | POLLWRNORM
            if not pipe.has_reader:
                events |= POLLERR
            return events

    @raises()
    def stat(self, into: Stat) -> None:
        fill_stat(into, self.pipe)


def fill_stat(into: Stat, pipe: Pipe) -> None:
    """Describes a pipe."""
    into.mode = S_IFIFO | 0o600
    into.links = 1
    into.block_size = i32(PAGE_SIZE)
    with pipe.lock:
        waiting = pipe.head - pipe.tail
    into.size_bytes = i32(waiting)


@struct
class PipeFiles:
    """The two ends that `make_pipe` makes, each with one reference."""

    reader: PipeReader | None = None
    writer: PipeWriter | None = None


@raises(ENOMEM)
def make_pipe(
    allocator: Allocator, frames: FrameAllocator, flags: u32, files: PipeFiles
) -> None:
    """Makes a pipe; `flags` may hold O_NONBLOCK."""
    pipe = allocate(allocator, Pipe)
    try:
        reader = allocate(allocator, PipeReader)
        try:
            writer = allocate(allocator, PipeWriter)
        except OSError:
            release(allocator, reader)
            raise
    except OSError:
        release(allocator, pipe)
        raise
    pipe.allocator = allocator
    pipe.frames = frames
    pipe.lock.lock_class = LockClass.PIPE
    status = flags & O_NONBLOCK
    reader.start(allocator, O_RDONLY | status)
    reader.pipe = pipe
    writer.start(allocator, O_WRONLY | status)
    writer.pipe = pipe
    files.reader = reader
    files.writer = writer
