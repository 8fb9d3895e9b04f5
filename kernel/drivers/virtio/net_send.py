"""The sending side of a virtio network device. Virtio 1.2, 5.1.6.2.

Each frame that can be sent at once has a *slot*: memory for the device's header, which stays zero
(no offloads), and behind it the frame's headers. What follows lies where the sender has it. Sent
frames are reclaimed in batches, when something is received, when new ones are flushed, or when
slots run out: the device interrupts for them only while a sender waits. The stack's lock is held
throughout.
"""

from __future__ import annotations

from abi.errno import EIO, ENOMEM
from bare import Allocator, Span, allocate_span, inline, raises, release, struct, u16, u32, u64
from kernel.arch.aarch64.layout import PAGE_SIZE, PhysAddr
from kernel.device.net import HEADER_ROOM, MAX_FRAGMENTS, NetCounters, TxFrame
from kernel.drivers.virtio.queue import BROKEN, NOTHING, Chain, VirtQueue
from kernel.mm.frame import FrameAllocator
from kernel.mm.frame_view import frame_bytes

NET_HEADER_BYTES: u32 = 12
HEADER_OFFSET: u32 = 16
"""Where the frame's headers begin in a slot; the device's header ends there."""
SLOT_BYTES: u32 = HEADER_OFFSET + HEADER_ROOM
assert PAGE_SIZE % SLOT_BYTES == 0, "a slot lies in one frame"
SLOTS_IN_PAGE = PAGE_SIZE // SLOT_BYTES
MOST_RESERVED: u32 = 8
SMALLEST_WITH_RESERVE: u32 = 4 * (1 + MAX_FRAGMENTS + MOST_RESERVED)
"""In a smaller queue a reserve would be most of it."""


@struct
class NetSender:
    """The queue of frames that are being sent. Zeroed, then `setup`."""

    frames: FrameAllocator
    counters: NetCounters
    queue: VirtQueue = inline()
    slots: Span[TxFrame]
    pages: Span[u64]
    """Frames with the slots' memory."""
    free_slots: Span[u16]
    """Numbers of the free slots, the first `free_count` of them."""
    free_count: u32
    by_head: Span[u16]
    """Slots by the first descriptor of their chain."""
    begun: u32
    """Frames given out and not yet submitted."""
    is_awaited: bool
    """A sender found no room."""
    reserved: u32
    """Slots that bulk leaves for answers; each takes one descriptor."""

    @raises(ENOMEM)
    def setup(self, allocator: Allocator, slots: u32) -> None:
        """Makes slots; the queue is set up already. All or nothing."""
        self.by_head = allocate_span(allocator, u16, self.queue.size)
        try:
            self.free_slots = allocate_span(allocator, u16, slots)
            try:
                self._make_slots(allocator, slots)
            except OSError:
                release(allocator, self.free_slots)
                raise
        except OSError:
            release(allocator, self.by_head)
            raise
        self.queue.suppress_interrupts()
        self.reserved = 0
        if self.queue.size >= SMALLEST_WITH_RESERVE:
            self.reserved = min(MOST_RESERVED, slots // 4)

    def tear_down(self, allocator: Allocator) -> None:
        """Takes back what `setup` made; the device was reset."""
        self._free_pages(u32(len(self.pages)))
        release(allocator, self.pages)
        release(allocator, self.slots)
        release(allocator, self.free_slots)
        release(allocator, self.by_head)

    @raises(EIO)
    def begin(self) -> TxFrame | None:
        """Takes a slot; None, and an interrupt later, where there is no room."""
        return self._take_slot() if self.await_room() else None

    @raises(EIO)
    def begin_bulk(self) -> TxFrame | None:
        """As `begin`, but leaves the reserve."""
        if not self.has_bulk_room():
            self.reclaim()
        while not self.has_bulk_room():
            if not self._ask_for_room():
                return None
        return self._take_slot()

    @raises(EIO)
    def await_room(self) -> bool:
        """Whether there is room; where not, an interrupt tells that there is some again."""
        if not self.has_room():
            self.reclaim()
        while not self.has_room():
            if not self._ask_for_room():
                return False
        return True

    @raises(EIO)
    def _ask_for_room(self) -> bool:
        """Has the device interrupt when there is room; whether there may be some at once."""
        self.is_awaited = True
        if not self.queue.request_interrupt(max(1, self.queue.in_flight // 2)):
            return False
        self.reclaim()
        return True

    def _take_slot(self) -> TxFrame:
        """Takes a free slot."""
        self.free_count -= 1
        self.begun += 1
        return self.slots[self.free_slots[self.free_count]]

    def submit(self, frame: TxFrame) -> None:
        """Queues a frame; the device sees it after the queue's `publish`."""
        self.begun -= 1
        chain = Chain()
        slot = self._address(frame.number) + HEADER_OFFSET - NET_HEADER_BYTES
        self.queue.add(chain, slot, NET_HEADER_BYTES + frame.header_length, False)
        payload: u32 = 0
        for index in range(frame.fragment_count):
            fragment = frame.fragments[index]
            # A device may refuse an empty buffer.
            if fragment.length > 0:
                self.queue.add(chain, fragment.address, fragment.length, False)
                payload += fragment.length
        self.by_head[chain.head] = u16(frame.number)
        self.queue.submit(chain)
        self.counters.sent_frames += 1
        self.counters.sent_bytes += frame.header_length + payload
        self.counters.by_reference_bytes += payload

    def abandon(self, frame: TxFrame) -> None:
        """Takes back a frame that was begun."""
        self.begun -= 1
        self._free(frame)

    @raises(EIO)
    def reclaim(self) -> None:
        """Takes back the frames that the device is done with. EIO: it broke the rules."""
        batch: u32 = 0
        while True:
            head = self.queue.pop()
            if head == NOTHING:
                break
            if head == BROKEN:
                raise OSError(EIO)
            self.queue.free(head)
            self._free(self.slots[self.by_head[head]])
            batch += 1
        self.counters.sent_completed += batch
        self.counters.largest_reclaim_batch = max(self.counters.largest_reclaim_batch, batch)

    def has_room(self) -> bool:
        """Whether a frame of any number of fragments can be begun."""
        wanted = (self.begun + 1) * (1 + MAX_FRAGMENTS)
        return self.free_count > 0 and self.queue.free_count >= wanted

    def has_bulk_room(self) -> bool:
        """Whether the same is true and leaves as many answers as are reserved."""
        if self.reserved == 0:
            return self.has_room()
        wanted = (self.begun + 2) * (1 + MAX_FRAGMENTS) + self.reserved
        return self.free_count > self.reserved and self.queue.free_count >= wanted

    @raises(EIO)
    def end_wait(self) -> bool:
        """Whether somebody waited for room and there is some now; says so once.

        Where there is too little, the device interrupts again.
        """
        if not self.is_awaited:
            return False
        while not self.has_bulk_room():
            if not self._ask_for_room():
                return False
        self.is_awaited = False
        self.queue.suppress_interrupts()
        return True

    def release_all(self) -> None:
        """Takes back all submitted frames of a device that was reset."""
        for head in range(self.queue.size):
            if self.queue.states[head].length != 0:
                self.queue.states[head].length = 0
                self._free(self.slots[self.by_head[head]])

    def _free(self, frame: TxFrame) -> None:
        """Gives back what a frame holds, and its slot."""
        for index in range(frame.fragment_count):
            held = frame.fragments[index].frame
            if held != 0:
                self.frames.put(held)
        frame.fragment_count = 0
        frame.header_length = 0
        packet = frame.packet
        frame.packet = None
        if packet is not None:
            packet.release()
        self.free_slots[self.free_count] = u16(frame.number)
        self.free_count += 1

    def _address(self, slot: u32) -> PhysAddr:
        """Returns where a slot's memory is."""
        page = self.pages[slot // SLOTS_IN_PAGE]
        return page + slot % SLOTS_IN_PAGE * SLOT_BYTES

    @raises(ENOMEM)
    def _make_slots(self, allocator: Allocator, count: u32) -> None:
        """Makes the slots and their memory."""
        self.slots = allocate_span(allocator, TxFrame, count)
        try:
            self._make_pages(allocator, (count + SLOTS_IN_PAGE - 1) // SLOTS_IN_PAGE)
        except OSError:
            release(allocator, self.slots)
            raise
        for number in range(count):
            memory = frame_bytes(self.pages[number // SLOTS_IN_PAGE])
            start = number % SLOTS_IN_PAGE * SLOT_BYTES + HEADER_OFFSET
            self.slots[number].header = memory[start : start + HEADER_ROOM]
            self.slots[number].number = number
            self.free_slots[number] = u16(number)
        self.free_count = count

    @raises(ENOMEM)
    def _make_pages(self, allocator: Allocator, count: u32) -> None:
        """Gets zeroed memory for the slots."""
        self.pages = allocate_span(allocator, u64, count)
        made: u32 = 0
        try:
            while made < count:
                self.pages[made] = self.frames.alloc_zeroed()
                made += 1
        except OSError:
            self._free_pages(made)
            release(allocator, self.pages)
            raise

    def _free_pages(self, count: u32) -> None:
        """Frees the first `count` of the slots' frames."""
        for page in self.pages[:count]:
            self.frames.put(page)
