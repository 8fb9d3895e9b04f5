"""The kernel's heap: objects up to a page by size class, larger ones as blocks of frames.

A class takes its objects from *slabs*: single frames that begin with a header. Freed objects are
chained inside the slab; a slab without objects goes back to the frame allocator unless it is the
last one with room. The size is given again at the free, so objects carry no header.

How to use it: it is an `Allocator`, for `allocate(heap, T)`, `allocate_span`, `Vec`, `Map` and
pools. Locks: takes `HEAP`, then `FRAMES`; callable with interrupts masked.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Allocator, Array, array, inline, raises, size_of, struct, u32, u64, usize
from bare.unsafe import address_of, object_at, span_at
from kernel.arch.aarch64.layout import (
    PAGE_SIZE,
    VirtAddr,
    linear_address,
    physical_address,
)
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.frame import FrameAllocator
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

CLASS_SIZES: tuple[u32, ...] = (
    16, 32, 48, 64, 96, 128, 192, 256, 320, 448, 576, 800, 1008, 1344, 2016,
)  # fmt: skip
"""Object sizes. The upper ones divide what a slab's header leaves of a page with little waste."""
CLASSES = len(CLASS_SIZES)
LARGEST_CLASS = 2016
GRANULE = 16
CLASS_BY_GRANULES: tuple[u32, ...] = tuple(
    next(index for index, size in enumerate(CLASS_SIZES) if size >= granules * GRANULE)
    for granules in range(LARGEST_CLASS // GRANULE + 1)
)


@struct(size=64)
class Slab:
    """The header of a frame that holds objects of one class."""

    following: Slab | None = None
    previous: Slab | None = None
    """Neighbours among the class's slabs with room."""
    free: VirtAddr = 0
    """First freed object; each holds the address of the next. 0 ends the chain."""
    fresh: u32 = 64
    """Offset behind the objects that were ever used."""
    used: u32 = 0
    """Objects given out."""
    size_class: u32 = 0
    spare: Array[u32] = array(7)


@struct
class KernelHeap(Allocator):
    """All objects of the kernel whose number is not known before."""

    frames: FrameAllocator
    fault: AllocationFault
    lock: SpinLock = inline()
    # Guarded by lock.
    slabs: Array[Slab | None] = array(CLASSES)
    """First slab with room by class."""
    bytes_used: u64 = 0
    """Bytes given out, rounded up to their class or block."""

    def start(self, frames: FrameAllocator, fault: AllocationFault) -> None:
        """Begins empty on top of the frame allocator."""
        self.lock.lock_class = LockClass.HEAP
        self.frames = frames
        self.fault = fault

    @raises(ENOMEM)
    def allocate_bytes(self, size: usize, align: usize) -> usize:
        """Returns `size` zeroed bytes; `align` is a power of two up to a page."""
        if size > LARGEST_CLASS or align > GRANULE:
            return self.allocate_frames(size)
        if self.fault.strikes():
            raise OSError(ENOMEM)
        size_class = CLASS_BY_GRANULES[(size + GRANULE - 1) // GRANULE]
        with self.lock:
            address = self.take(size_class)
            self.bytes_used += CLASS_SIZES[size_class]
        # SAFETY: the object lies in a slab and is nobody's yet.
        span_at(u64, address, CLASS_SIZES[size_class] // 8).fill(0)
        return address

    def free_bytes(self, address: usize, size: usize) -> None:
        """Takes back what `allocate_bytes` gave for `size`."""
        if address & (PAGE_SIZE - 1) == 0:
            self.frames.put(physical_address(address))
            with self.lock:
                self.bytes_used -= PAGE_SIZE << order_for(size)
            return
        # SAFETY: objects of a class lie in a slab, whose header is at the start of the page.
        slab = object_at(Slab, address - (address & (PAGE_SIZE - 1)))
        with self.lock:
            self.bytes_used -= CLASS_SIZES[slab.size_class]
            self.give(slab, address)

    @raises(ENOMEM)
    def allocate_frames(self, size: usize) -> usize:
        """Returns zeroed memory of whole frames."""
        order = order_for(size)
        address = linear_address(self.frames.alloc(order))
        # SAFETY: the block was just given to us.
        span_at(u64, address, (PAGE_SIZE << order) // 8).fill(0)
        with self.lock:
            self.bytes_used += PAGE_SIZE << order
        return address

    @raises(ENOMEM)
    def take(self, size_class: u32) -> VirtAddr:
        """Returns an object of a class. Lock held."""
        slab = self.slabs[size_class]
        if slab is None:
            slab = self.add_slab(size_class)
        size = CLASS_SIZES[size_class]
        address = slab.free
        if address != 0:
            # SAFETY: a freed object holds the address of the next one in its first word.
            slab.free = span_at(u64, address, 1)[0]
        else:
            address = address_of(slab) + slab.fresh
            slab.fresh += size
        slab.used += 1
        if slab.free == 0 and slab.fresh + size > PAGE_SIZE:
            self.unchain(slab)
        return address

    def give(self, slab: Slab, address: VirtAddr) -> None:
        """Puts an object back; an empty slab is freed unless it is the only one. Lock held."""
        size = CLASS_SIZES[slab.size_class]
        was_full = slab.free == 0 and slab.fresh + size > PAGE_SIZE
        # SAFETY: the object is free now and at least 16 bytes long.
        span_at(u64, address, 1)[0] = slab.free
        slab.free = address
        slab.used -= 1
        if was_full:
            self.chain(slab)
        if slab.used == 0 and (slab.following is not None or slab.previous is not None):
            self.unchain(slab)
            self.frames.put(physical_address(address_of(slab)))

    @raises(ENOMEM)
    def add_slab(self, size_class: u32) -> Slab:
        """Returns a new empty slab, chained. Lock held."""
        frame = self.frames.alloc(0)
        # SAFETY: the frame was just given to us; its head becomes the header.
        header = span_at(u64, linear_address(frame), size_of(Slab) // 8)
        header.fill(0)
        slab = object_at(Slab, linear_address(frame))
        slab.fresh = size_of(Slab)
        slab.size_class = size_class
        self.chain(slab)
        return slab

    def chain(self, slab: Slab) -> None:
        """Puts a slab in front of those with room. Lock held."""
        first = self.slabs[slab.size_class]
        slab.previous = None
        slab.following = first
        if first is not None:
            first.previous = slab
        self.slabs[slab.size_class] = slab

    def unchain(self, slab: Slab) -> None:
        """Takes a slab out of those with room. Lock held."""
        following = slab.following
        previous = slab.previous
        if following is not None:
            following.previous = previous
        if previous is not None:
            previous.following = following
        else:
            self.slabs[slab.size_class] = following
        slab.following = None
        slab.previous = None


def order_for(size: usize) -> u32:
    """Returns the order of the smallest block of frames that holds `size` bytes."""
    order: u32 = 0
    while PAGE_SIZE << order < size:
        order += 1
    return order
