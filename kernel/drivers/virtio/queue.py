"""The split virtqueue. Virtio 1.2, 2.7.

A queue's three rings share one block of frames: the descriptors, what is available to the device,
and what it has used. The device may write any of it at any time, so the links of chains and what is
in flight are kept apart, and what it reports is checked.

How to use it: `begin` a `Chain`, `add` its buffers, `submit`; after one or several `publish`, and
notify the transport if that says so. `pop` chains that the device is done with, and `free` them.
The owner locks.

Interrupts: with the event index (2.7.10) the driver names the used element that it wants to be
interrupted for, and the device the available element that it wants to be notified for; without it
both have a flag. `suppress_interrupts` and `request_interrupt` do either.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Span,
    allocate_span,
    raises,
    release,
    struct,
    u16,
    u32,
    u64,
    wrap_u16,
    wrapping_add,
    wrapping_sub,
)
from bare.unsafe import Pointer, dmb, span_at
from kernel.arch.aarch64.interrupts import mask_interrupts, restore_interrupts
from kernel.arch.aarch64.layout import PAGE_SIZE, PhysAddr, linear_address
from kernel.mm.frame import FrameAllocator

FEATURE_EVENT_INDEX: u64 = 1 << 29
LARGEST_QUEUE: u32 = 256

DESCRIPTOR_SIZE: u64 = 16
FLAG_NEXT: u64 = 1 << 32
FLAG_DEVICE_WRITES: u64 = 2 << 32
NEXT_SHIFT: u64 = 48
"""Where flags and link stand in a descriptor's second word, behind the length."""

AVAILABLE_INDEX: u64 = 1
AVAILABLE_RING: u64 = 2
"""Places in the available ring, in units of 16 bits; behind the ring stands the used event."""
AVAILABLE_NO_INTERRUPT: u16 = 1
USED_NO_NOTIFY: u32 = 1

NOTHING: u32 = 0xFFFF_FFFF
"""No chain is done."""
BROKEN: u32 = 0xFFFF_FFFE
"""The device reported something impossible."""
NO_LINK: u16 = 0xFFFF


@struct
class Chain:
    """A chain being made; in the caller's frame."""

    head: u32 = NOTHING
    last: u32 = NOTHING
    count: u32 = 0


@struct
class ChainState:
    """What is kept for each descriptor, out of the device's reach."""

    next: u16
    """The next free descriptor, or the next of the chain; NO_LINK at the end."""
    length: u16
    """Of the first descriptor of a chain that the device has: its descriptors. Else 0."""


@struct
class VirtQueue:
    """A queue of `size` descriptors. Zeroed, then `setup`."""

    size: u32
    has_event_index: bool
    frame: PhysAddr
    """The first of the rings' frames."""
    available_offset: u64
    used_offset: u64
    descriptors: Span[u64]
    """Two words each."""
    available: Span[u16]
    used: Span[u32]
    """Flags and index, then identity and length of each element."""
    states: Span[ChainState]
    free_head: u16
    free_count: u32
    in_flight: u32
    """Chains that the device has, or gets with the next `publish`."""
    next_available: u16
    published: u16
    """The value of `next_available` that the device was shown."""
    next_used: u16
    seen_used: u16
    """The device's index when it was last read."""
    written: u32
    """Bytes that the device says it wrote to the chain last popped. Not checked."""

    @raises(ENOMEM)
    def setup(self, frames: FrameAllocator, allocator: Allocator, size: u32, features: u64) -> None:
        """Makes an empty queue. `size` is a power of two, `features` what was negotiated."""
        assert size <= LARGEST_QUEUE and size & (size - 1) == 0, "virtqueue size"
        self.size = size
        self.has_event_index = features & FEATURE_EVENT_INDEX != 0
        self.available_offset = DESCRIPTOR_SIZE * size
        self.used_offset = (self.available_offset + 2 * (3 + u64(size)) + 3) // 4 * 4
        self.states = allocate_span(allocator, ChainState, size)
        try:
            self.frame = frames.alloc(ring_order(size))
        except OSError:
            release(allocator, self.states)
            raise
        self._view_rings()
        for index in range(size - 1):
            self.states[index].next = u16(index + 1)
        self.states[size - 1].next = NO_LINK
        self.free_count = size

    def tear_down(self, frames: FrameAllocator, allocator: Allocator) -> None:
        """Frees the rings of a device that was reset."""
        frames.put(self.frame)
        release(allocator, self.states)

    def descriptors_address(self) -> PhysAddr:
        """Returns where the device finds the descriptors."""
        return self.frame

    def available_address(self) -> PhysAddr:
        """Returns where the device finds what is available."""
        return self.frame + self.available_offset

    def used_address(self) -> PhysAddr:
        """Returns where the device puts what it has used."""
        return self.frame + self.used_offset

    def add(self, chain: Chain, address: PhysAddr, length: u32, device_writes: bool) -> None:
        """Adds a buffer, not empty, to a chain. The caller has seen that `free_count` is large
        enough.
        """
        index = self._take()
        word = u64(length)
        if device_writes:
            word |= FLAG_DEVICE_WRITES
        self.descriptors[2 * u64(index)] = address
        self.descriptors[2 * u64(index) + 1] = word
        if chain.count == 0:
            chain.head = index
        else:
            self.states[chain.last].next = u16(index)
            self.descriptors[2 * u64(chain.last) + 1] |= FLAG_NEXT | u64(index) << NEXT_SHIFT
        chain.last = index
        chain.count += 1

    def submit(self, chain: Chain) -> None:
        """Puts a chain into the ring; the device sees it after the next `publish`."""
        self.states[chain.head].length = u16(chain.count)
        self.in_flight += 1
        slot = u64(self.next_available) & u64(self.size - 1)
        self.available[AVAILABLE_RING + slot] = u16(chain.head)
        self.next_available = wrapping_add(self.next_available, 1)

    def publish(self) -> bool:
        """Shows the device what was submitted; returns whether it wants to be notified."""
        before = self.published
        if before == self.next_available:
            return False
        # ORDER: the device must see descriptors and ring before the index. Virtio 1.2, 2.7.13.3.
        dmb("osh")
        self.available[AVAILABLE_INDEX] = self.next_available
        self.published = self.next_available
        # ORDER: the device looks at the index after it has said what it wants; so do we.
        store_before_load()
        if not self.has_event_index:
            return self._used_word(0) & USED_NO_NOTIFY == 0
        wanted = wrap_u16(self._used_word(1 + 2 * u64(self.size)))
        return needs_event(wanted, self.published, before)

    def pop(self) -> u32:
        """Returns the first descriptor of a chain that the device is done with, or NOTHING, or
        BROKEN. The chain is no longer in flight; it is still to be freed.
        """
        if self.seen_used == self.next_used:
            self._look()
            if self.seen_used == self.next_used:
                return NOTHING
        if wrapping_sub(self.seen_used, self.next_used) > self.in_flight:
            return BROKEN
        slot = u64(self.next_used) & u64(self.size - 1)
        head = self.used[1 + 2 * slot]
        if head >= self.size or self.states[head].length == 0:
            return BROKEN
        self.written = self.used[2 + 2 * slot]
        self.next_used = wrapping_add(self.next_used, 1)
        self.states[head].length = 0
        self.in_flight -= 1
        return head

    def free(self, head: u32) -> None:
        """Frees the descriptors of a chain that is not in flight."""
        index = u16(head)
        while True:
            self.free_count += 1
            following = self.states[index].next
            if following == NO_LINK:
                break
            index = following
        self.states[index].next = self.free_head
        self.free_head = u16(head)

    def suppress_interrupts(self) -> None:
        """Asks the device not to interrupt for this queue; it may do so once more."""
        if self.has_event_index:
            # An element that was used long ago: 65,536 elements pass before it comes again.
            self.available[AVAILABLE_RING + self.size] = wrapping_sub(self.next_used, 1)
        else:
            self.available[0] = AVAILABLE_NO_INTERRUPT

    def request_interrupt(self, count: u32) -> bool:
        """Asks for an interrupt once `count` more chains are used (a device without event index:
        one). Returns whether they already are: then there may be none.
        """
        event = wrapping_add(self.next_used, u16(count - 1))
        if self.has_event_index:
            self.available[AVAILABLE_RING + self.size] = event
        else:
            self.available[0] = 0
            event = self.next_used
        # ORDER: the device uses and then looks at the wish; we wish and then look at what is used.
        store_before_load()
        self._look()
        passed = wrapping_sub(self.seen_used, self.next_used)
        return passed > wrapping_sub(event, self.next_used)

    def _take(self) -> u32:
        """Takes a free descriptor as the end of a chain."""
        assert self.free_count > 0, "virtqueue without a free descriptor"
        index = self.free_head
        self.free_head = self.states[index].next
        self.states[index].next = NO_LINK
        self.free_count -= 1
        return index

    def _view_rings(self) -> None:
        """Zeroes the rings and makes the spans."""
        base = linear_address(self.frame)
        words = u64(PAGE_SIZE // 8) << ring_order(self.size)
        # SAFETY: the frames are ours and hold all three rings, as `ring_order` sees to.
        span_at(u64, base, words).fill(0)
        self.descriptors = span_at(u64, base, 2 * self.size)
        self.available = span_at(u16, base + self.available_offset, 3 + self.size)
        self.used = span_at(u32, base + self.used_offset, 1 + 2 * self.size)

    def _look(self) -> None:
        """Reads the device's index; it may change at any time."""
        self.seen_used = wrap_u16(self._used_word(0) >> 16)
        # ORDER: elements are read after the index that says that they are there.
        dmb("oshld")

    def _used_word(self, place: u64) -> u32:
        """Reads 32 bits of the used ring, once, whatever the device writes meanwhile."""
        # SAFETY: places up to the word behind the elements lie in our frames.
        return Pointer[u32](linear_address(self.used_address()) + 4 * place).load_volatile()


def store_before_load() -> None:
    """Orders stores to the rings before loads from them.

    QEMU before 8.1 leaves barriers out where there is one CPU, though its devices are threads of
    the host, and then one of some 100,000 interrupts or notifications is lost. Writing a system
    register, here DAIF as it was, leads it through its main loop, which orders memory for us.
    """
    # ORDER: as the manuals have it.
    dmb("osh")
    restore_interrupts(mask_interrupts())


def ring_order(size: u32) -> u32:
    """Returns the order of the block of frames that the rings of a queue need."""
    count = DESCRIPTOR_SIZE * size + 2 * (3 + u64(size)) + 2 + 4 + 8 * u64(size) + 4
    order: u32 = 0
    while u64(PAGE_SIZE) << order < count:
        order += 1
    return order


def needs_event(event: u16, after: u16, before: u16) -> bool:
    """Whether an index that went from `before` to `after` passed `event`. Virtio 1.2, 2.7.10."""
    return wrapping_sub(wrapping_sub(after, event), 1) < wrapping_sub(after, before)


def fitting_size(wanted: u32, limit: u32) -> u32:
    """Returns the largest power of two up to `wanted` and the device's limit; 0 where that is 0."""
    most = min(wanted, limit)
    if most == 0:
        return 0
    size: u32 = 1
    while size <= most // 2:
        size *= 2
    return size
