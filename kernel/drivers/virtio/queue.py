"""The split virtqueue. Virtio 1.2, 2.7.

A queue's three rings share one frame: the descriptors, what is available to the device, and what it
has used. The device may write any of it at any time, so the links of chains and what is in flight
are kept apart, and what it reports is checked.

How to use it: `begin` a `Chain`, `add` its buffers, `submit`; `pop` chains that the device is done
with, and `free` them. The owner locks.
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
from kernel.arch.aarch64.layout import PhysAddr, linear_address
from kernel.mm.frame import FrameAllocator
from kernel.params import VIRTIO_QUEUE_SIZE

DESCRIPTOR_SIZE: u64 = 16
AVAILABLE_OFFSET: u64 = VIRTIO_QUEUE_SIZE * 16
USED_OFFSET: u64 = (AVAILABLE_OFFSET + 4 + 2 * VIRTIO_QUEUE_SIZE + 2 + 3) // 4 * 4
QUEUE_BYTES: u64 = USED_OFFSET + 4 + 8 * VIRTIO_QUEUE_SIZE + 2
assert QUEUE_BYTES <= 4096, "the rings of a queue must fit a page"

FLAG_NEXT: u64 = 1 << 32
FLAG_DEVICE_WRITES: u64 = 2 << 32
NEXT_SHIFT: u64 = 48
"""Where flags and link stand in a descriptor's second word, behind the length."""

AVAILABLE_INDEX: u64 = 1
AVAILABLE_RING: u64 = 2
"""Places in the available ring, in units of 16 bits."""

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
    """A queue of `VIRTIO_QUEUE_SIZE` descriptors. Zeroed, then `setup`."""

    frame: PhysAddr
    descriptors: Span[u64]
    """Two words each."""
    available: Span[u16]
    used: Span[u32]
    """Flags and index, then identity and length of each element."""
    states: Span[ChainState]
    free_head: u16
    free_count: u32
    in_flight: u32
    """Chains that the device has."""
    next_available: u16
    next_used: u16

    @raises(ENOMEM)
    def setup(self, frames: FrameAllocator, allocator: Allocator) -> None:
        """Makes an empty queue."""
        self.states = allocate_span(allocator, ChainState, VIRTIO_QUEUE_SIZE)
        try:
            self.frame = frames.alloc_zeroed()
        except OSError:
            release(allocator, self.states)
            raise
        base = linear_address(self.frame)
        # SAFETY: the frame is ours and holds all three rings, as QUEUE_BYTES is checked to.
        self.descriptors = span_at(u64, base, 2 * VIRTIO_QUEUE_SIZE)
        self.available = span_at(u16, base + AVAILABLE_OFFSET, 3 + VIRTIO_QUEUE_SIZE)
        self.used = span_at(u32, base + USED_OFFSET, 1 + 2 * VIRTIO_QUEUE_SIZE)
        for index in range(VIRTIO_QUEUE_SIZE - 1):
            self.states[index].next = u16(index + 1)
        self.states[VIRTIO_QUEUE_SIZE - 1].next = NO_LINK
        self.free_count = VIRTIO_QUEUE_SIZE

    def tear_down(self, frames: FrameAllocator, allocator: Allocator) -> None:
        """Frees the rings of a device that was reset."""
        frames.put(self.frame)
        release(allocator, self.states)

    def descriptors_address(self) -> PhysAddr:
        """Returns where the device finds the descriptors."""
        return self.frame

    def available_address(self) -> PhysAddr:
        """Returns where the device finds what is available."""
        return self.frame + AVAILABLE_OFFSET

    def used_address(self) -> PhysAddr:
        """Returns where the device puts what it has used."""
        return self.frame + USED_OFFSET

    def add(self, chain: Chain, address: PhysAddr, length: u32, device_writes: bool) -> None:
        """Adds a buffer to a chain. The caller has seen that `free_count` is large enough."""
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
        """Makes a chain available to the device; the transport is to be notified afterwards."""
        self.states[chain.head].length = u16(chain.count)
        self.in_flight += 1
        slot = u64(self.next_available) % VIRTIO_QUEUE_SIZE
        self.available[AVAILABLE_RING + slot] = u16(chain.head)
        self.next_available = wrapping_add(self.next_available, 1)
        # ORDER: the device must see descriptors and ring before the index. Virtio 1.2, 2.7.13.3.
        dmb("osh")
        self.available[AVAILABLE_INDEX] = self.next_available
        dmb("osh")

    def pop(self) -> u32:
        """Returns the first descriptor of a chain that the device is done with, or NOTHING, or
        BROKEN. The chain is no longer in flight; it is still to be freed.
        """
        pending = wrapping_sub(self._used_index(), self.next_used)
        if pending == 0:
            return NOTHING
        if pending > self.in_flight:
            return BROKEN
        # ORDER: the element is read after the index that says it is there.
        dmb("oshld")
        slot = u64(self.next_used) % VIRTIO_QUEUE_SIZE
        head = self.used[1 + 2 * slot]
        if head >= VIRTIO_QUEUE_SIZE or self.states[head].length == 0:
            return BROKEN
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

    def _take(self) -> u32:
        """Takes a free descriptor as the end of a chain."""
        assert self.free_count > 0, "virtqueue without a free descriptor"
        index = self.free_head
        self.free_head = self.states[index].next
        self.states[index].next = NO_LINK
        self.free_count -= 1
        return index

    def _used_index(self) -> u16:
        """Reads the device's index; it may change at any time."""
        # SAFETY: the first word of the used ring, which lies in our frame.
        word = Pointer[u32](linear_address(self.used_address())).load_volatile()
        return wrap_u16(word >> 16)
