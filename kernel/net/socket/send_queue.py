"""`SendQueue`: the bytes of a TCP connection that the other end does not have yet, by reference.

They lie in chunks, each part of a frame: one that a program's data was copied into, or a page of
the page cache (`sendfile`). A segment, first transmission or not, is made of fragments that point
into chunks; nothing is copied.

A writer fills memory that nobody sees, without the stack's lock, and then links it. So that small
writes share a frame it may also fill what is free behind the last chunk: it marks the chunk, which
then stays although everything in it was acknowledged, until `end_filling`.
All else is called with the stack's lock held.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Allocator, Span, allocate, raises, release, struct, u8, u32
from kernel.arch.aarch64.layout import PAGE_SIZE, PhysAddr
from kernel.device.net import MAX_FRAGMENTS, TxFrame
from kernel.mm.frame import FrameAllocator
from kernel.mm.frame_view import frame_bytes
from kernel.net.wire.checksum import Checksum


@struct
class SendChunk:
    """Bytes `start` to `end` of a frame, to which it holds a reference."""

    frame: PhysAddr
    start: u32 = 0
    end: u32 = 0
    next: SendChunk | None = None
    is_ours: bool = False
    """Nobody else uses the frame: bytes behind `end` may be written."""
    is_filling: bool = False
    """A writer is at work behind `end`."""
    is_dropped: bool = False
    """It left the queue meanwhile; the writer frees it."""

    def length(self) -> u32:
        """Returns the bytes in it."""
        return self.end - self.start

    def room(self) -> Span[u8]:
        """Views what is free behind the end. For chunks of `make_chunk`."""
        return frame_bytes(self.frame)[self.end : PAGE_SIZE]


@raises(ENOMEM)
def make_chunk(allocator: Allocator, frames: FrameAllocator) -> SendChunk:
    """Returns an empty chunk with a frame of its own. Without the lock."""
    chunk = allocate(allocator, SendChunk)
    try:
        chunk.frame = frames.alloc(0)
    except OSError:
        release(allocator, chunk)
        raise
    chunk.is_ours = True
    return chunk


@raises(ENOMEM)
def make_page_chunk(allocator: Allocator, frame: PhysAddr, start: u32, end: u32) -> SendChunk:
    """Returns a chunk of a frame whose reference it takes over; on failure the caller keeps it."""
    chunk = allocate(allocator, SendChunk)
    chunk.frame = frame
    chunk.start = start
    chunk.end = end
    return chunk


def free_chunk(allocator: Allocator, frames: FrameAllocator, chunk: SendChunk) -> None:
    """Gives back a chunk that is in no queue, and its frame's reference."""
    frames.put(chunk.frame)
    release(allocator, chunk)


@struct
class ChunkList:
    """Chunks on their way into a queue. In the frame of the writer."""

    first: SendChunk | None = None
    last: SendChunk | None = None
    length: u32 = 0

    def append(self, chunk: SendChunk) -> None:
        """Adds a chunk at the end."""
        last = self.last
        if last is None:
            self.first = chunk
        else:
            last.next = chunk
        self.last = chunk
        self.length += chunk.length()

    def free_all(self, allocator: Allocator, frames: FrameAllocator) -> None:
        """Gives all chunks back."""
        chunk = self.first
        while chunk is not None:
            following = chunk.next
            free_chunk(allocator, frames, chunk)
            chunk = following
        self.first = None
        self.last = None
        self.length = 0


@struct
class SendQueue:
    """The chunks in order; their first byte is the first that is not acknowledged."""

    first: SendChunk | None = None
    last: SendChunk | None = None
    length: u32 = 0
    frames_held: u32 = 0
    """Chunks, each of which holds a frame."""
    # Where the last segment began: the next one is found from there.
    mark: SendChunk | None = None
    mark_offset: u32 = 0
    """Bytes before `mark`."""

    def append_all(self, chunks: ChunkList) -> None:
        """Takes chunks over."""
        chunk = chunks.first
        if chunk is None:
            return
        last = self.last
        if last is None:
            self.first = chunk
        else:
            last.next = chunk
        self.last = chunks.last
        self.length += chunks.length
        while chunk is not None:
            self.frames_held += 1
            chunk = chunk.next
        chunks.first = None
        chunks.last = None
        chunks.length = 0

    def begin_filling(self) -> SendChunk | None:
        """Returns the last chunk if a writer may go on in its frame; then `end_filling`."""
        chunk = self.last
        if chunk is None or not chunk.is_ours or chunk.is_filling or chunk.end == PAGE_SIZE:
            return None
        chunk.is_filling = True
        return chunk

    def end_filling(self, chunk: SendChunk, count: u32) -> bool:
        """Adds `count` bytes that were written; False: the chunk was dropped, and is the caller's
        to free.
        """
        chunk.is_filling = False
        if chunk.is_dropped:
            return False
        chunk.end += count
        self.length += count
        return True

    def drop_front(self, count: u32, allocator: Allocator, frames: FrameAllocator) -> None:
        """Forgets bytes that were acknowledged; at most `length`."""
        self.length -= count
        left = count
        while left > 0:
            chunk = self.first
            assert chunk is not None, "send queue shorter than its length"
            step = min(left, chunk.length())
            chunk.start += step
            left -= step
            self._move_mark(chunk, step)
            if chunk.length() == 0 and not self._remove_empty(chunk, allocator, frames):
                break
        assert left == 0, "send queue shorter than its length"

    def _move_mark(self, chunk: SendChunk, step: u32) -> None:
        """Keeps the mark right while bytes leave in front."""
        if self.mark is chunk:
            self.mark_offset = 0
        else:
            self.mark_offset -= min(step, self.mark_offset)

    def _remove_empty(self, chunk: SendChunk, allocator: Allocator, frames: FrameAllocator) -> bool:
        """Takes out the first chunk, which is empty; False: a writer is at work in it."""
        if chunk.is_filling:
            return False
        self.first = chunk.next
        if chunk.next is None:
            self.last = None
        if self.mark is chunk:
            self.mark = None
        self.frames_held -= 1
        free_chunk(allocator, frames, chunk)
        return True

    def add_fragments(
        self, frame: TxFrame, offset: u32, length: u32, frames: FrameAllocator, sum: Checksum
    ) -> u32:
        """Lets a frame's payload be `length` bytes from `offset` on; returns how many fitted.

        Adds them to a checksum, where they lie.
        """
        chunk = self._seek(offset)
        skip = offset - self.mark_offset
        left = length
        while left > 0 and chunk is not None and frame.fragment_count < MAX_FRAGMENTS:
            count = min(left, chunk.length() - skip)
            if count > 0:
                frames.get(chunk.frame)
                start = chunk.start + skip
                frame.add_fragment(chunk.frame + start, count, chunk.frame)
                sum.add(frame_bytes(chunk.frame)[start : start + count])
            left -= count
            skip = 0
            chunk = chunk.next
        return length - left

    def _seek(self, offset: u32) -> SendChunk | None:
        """Moves the mark to the chunk that holds the byte at `offset`, and returns it."""
        chunk = self.mark
        before = self.mark_offset
        if chunk is None or offset < before:
            chunk = self.first
            before = 0
        while chunk is not None and offset - before >= chunk.length() and chunk.next is not None:
            before += chunk.length()
            chunk = chunk.next
        self.mark = chunk
        self.mark_offset = before
        return chunk

    def clear(self, allocator: Allocator, frames: FrameAllocator) -> None:
        """Forgets everything; a chunk that a writer is at work in is left to it."""
        chunk = self.first
        while chunk is not None:
            following = chunk.next
            if chunk.is_filling:
                chunk.is_dropped = True
                chunk.next = None
            else:
                free_chunk(allocator, frames, chunk)
            chunk = following
        self.first = None
        self.last = None
        self.mark = None
        self.mark_offset = 0
        self.length = 0
        self.frames_held = 0
