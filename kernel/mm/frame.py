"""The frame allocator: physical memory in blocks of 2**order frames, with reference counts.

A buddy allocator over a table of eight bytes a frame; free blocks are chained through the table,
so free memory is never touched. In front of it each CPU keeps some single frames, which it takes
and gives with interrupts masked and no lock. `docs/decisions/frame-allocator.md` says why.

How to use it: `alloc(order)` gives a block with one reference, `get` and `put` count further ones
on the block's first frame, the last `put` frees the whole block. `free` is `put` for a block that
was not shared. Locks: takes `FRAMES` only; callable with interrupts masked and under every earlier
lock.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, Span, array, inline, raises, struct, trailing_zeros, u32, u64
from bare.unsafe import span_at
from kernel.arch.aarch64.cpu import this_cpu
from kernel.arch.aarch64.layout import PAGE_SHIFT, PAGE_SIZE, PhysAddr, linear_address
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.frame_info import NO_FRAME, FrameInfo, FrameState
from kernel.mm.reclaim import Reclaimer
from kernel.params import FRAME_CACHE_SIZE, MAXIMUM_ORDER, RECLAIM_BATCH
from kernel.sync.irq_guard import IrqGuard
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

ORDERS = MAXIMUM_ORDER + 1
HALF_CACHE = FRAME_CACHE_SIZE // 2


@struct
class FrameCache:
    """Single free frames of one CPU, used with interrupts masked."""

    count: u32 = 0
    frames: Array[u32] = array(FRAME_CACHE_SIZE)
    """Indices into the frame table; the last one freed is the first one given."""


@struct
class FrameAllocator:
    """All physical memory."""

    table: Span[FrameInfo]
    """One entry a frame, from `base` on. Set once at boot, like `caches`."""
    caches: Span[FrameCache]
    lock: SpinLock = inline()
    # Guarded by lock.
    heads: Array[u32] = array(ORDERS)
    """First free block by order, or NO_FRAME."""
    nonempty: u32 = 0
    """One bit for each order that has a free block."""
    buddy_free: u64 = 0
    """Frames in free blocks."""
    # Set once at boot.
    base: PhysAddr = 0
    """Address of the table's first frame, aligned to the largest block."""
    total: u64 = 0
    """Frames that were given to the allocator."""
    ram_bytes: u64 = 0
    """RAM of the machine, what the kernel takes for itself included."""
    fault: AllocationFault | None = None
    reclaimer: Reclaimer | None = None
    """Asked for frames when there are none; set when the page cache exists."""

    def start(
        self,
        base: PhysAddr,
        table: Span[FrameInfo],
        caches: Span[FrameCache],
        fault: AllocationFault,
    ) -> None:
        """Begins with no memory. `table` is zeroed and covers all RAM from `base` on; one cache a
        CPU.
        """
        self.lock.lock_class = LockClass.FRAMES
        self.base = base
        self.table = table
        self.caches = caches
        self.fault = fault
        self.heads.fill(NO_FRAME)

    def add_range(self, start: PhysAddr, end: PhysAddr) -> None:
        """Gives the allocator the whole frames of a range that nobody uses."""
        index = (start + PAGE_SIZE - 1 - self.base) >> PAGE_SHIFT
        stop = (end - self.base) >> PAGE_SHIFT
        with self.lock:
            while index < stop:
                order = largest_order(index, stop - index)
                self.total += 1 << order
                self.release_block(u32(index), order)
                index += 1 << order

    @raises(ENOMEM)
    def alloc(self, order: u32) -> PhysAddr:
        """Returns a block of `2**order` frames with one reference; its contents are old data."""
        fault = self.fault
        if fault is not None and fault.strikes():
            raise OSError(ENOMEM)
        index = self.take(order)
        if index == NO_FRAME:
            reclaimer = self.reclaimer
            if reclaimer is not None and reclaimer.reclaim(max(1 << order, RECLAIM_BATCH)) > 0:
                index = self.take(order)
        if index == NO_FRAME:
            raise OSError(ENOMEM)
        info = self.table[index]
        info.order = order
        info.state = u32(FrameState.USED)
        info.link.store(1)
        return self.base + (u64(index) << PAGE_SHIFT)

    @raises(ENOMEM)
    def alloc_zeroed(self) -> PhysAddr:
        """Returns one frame full of zeros, with one reference."""
        frame = self.alloc(0)
        # SAFETY: the frame is RAM, in the linear map, and ours alone.
        span_at(u64, linear_address(frame), PAGE_SIZE // 8).fill(0)
        return frame

    def free(self, frame: PhysAddr) -> None:
        """Gives back a block that has one reference."""
        self.put(frame)

    def get(self, frame: PhysAddr) -> None:
        """Counts one more reference to a block."""
        info = self.info_of(frame)
        assert info.state == u32(FrameState.USED), "reference to a frame that is not in use"
        info.link.fetch_add_relaxed(1)

    def put(self, frame: PhysAddr) -> None:
        """Counts one reference less; the last one frees the block."""
        info = self.info_of(frame)
        assert info.state == u32(FrameState.USED), "release of a frame that is not in use"
        if info.link.fetch_sub(1) != 1:
            return
        index = u32((frame - self.base) >> PAGE_SHIFT)
        info.state = u32(FrameState.INNER)
        if info.order == 0:
            self.give_cached(index)
        else:
            with self.lock:
                self.release_block(index, info.order)

    def references(self, frame: PhysAddr) -> u32:
        """Returns the number of references to a block."""
        return self.info_of(frame).link.load()

    def manages(self, address: PhysAddr) -> bool:
        """Whether `address` lies in memory that was given to the allocator."""
        if address < self.base:
            return False
        index = (address - self.base) >> PAGE_SHIFT
        return index < len(self.table) and self.table[index].state != u32(FrameState.RESERVED)

    def free_frames(self) -> u64:
        """Returns the number of free frames, those in caches included."""
        free = self.buddy_free
        for cache in self.caches:
            free += cache.count
        return free

    def info_of(self, frame: PhysAddr) -> FrameInfo:
        """Returns the table's entry of a frame; traps where the address is no RAM."""
        return self.table[(frame - self.base) >> PAGE_SHIFT]

    def take(self, order: u32) -> u32:
        """Returns the index of a free block, NO_FRAME where there is none."""
        if order == 0:
            return self.take_cached()
        with self.lock:
            return self.take_block(order)

    def take_cached(self) -> u32:
        """Returns a single frame from this CPU's cache, filled when empty; NO_FRAME when out."""
        with IrqGuard():
            cache = self.caches[this_cpu().number]
            if cache.count == 0:
                self.refill(cache)
            if cache.count == 0:
                return NO_FRAME
            cache.count -= 1
            return cache.frames[cache.count]

    def give_cached(self, index: u32) -> None:
        """Puts a single frame into this CPU's cache, half of which is drained when full."""
        with IrqGuard():
            cache = self.caches[this_cpu().number]
            if cache.count == FRAME_CACHE_SIZE:
                self.drain(cache)
            cache.frames[cache.count] = index
            cache.count += 1

    def refill(self, cache: FrameCache) -> None:
        """Moves up to half a cache of frames from the free blocks."""
        with self.lock:
            while cache.count < HALF_CACHE:
                index = self.take_block(0)
                if index == NO_FRAME:
                    return
                self.table[index].state = u32(FrameState.INNER)
                cache.frames[cache.count] = index
                cache.count += 1

    def drain(self, cache: FrameCache) -> None:
        """Moves the half of a cache that was unused longest back to the free blocks."""
        with self.lock:
            for position in range(HALF_CACHE):
                self.release_block(cache.frames[position], 0)
        cache.frames[:HALF_CACHE].copy_from(cache.frames[HALF_CACHE:])
        cache.count -= HALF_CACHE

    def take_block(self, order: u32) -> u32:
        """Unchains a free block, split to size, and returns its index or NO_FRAME. Lock held."""
        candidates = self.nonempty >> order
        if candidates == 0:
            return NO_FRAME
        found = order + trailing_zeros(candidates)
        index = self.heads[found]
        self.unchain(index, found)
        while found > order:
            found -= 1
            self.chain(index + (1 << found), found)
        self.buddy_free -= 1 << order
        return index

    def release_block(self, index: u32, order: u32) -> None:
        """Chains a block as free, merged with its free buddies. Lock held."""
        self.buddy_free += 1 << order
        while order < MAXIMUM_ORDER:
            buddy = index ^ (1 << order)
            if u64(buddy) >= len(self.table):
                break
            info = self.table[buddy]
            if info.state != u32(FrameState.FREE) or info.order != order:
                break
            self.unchain(buddy, order)
            index = min(index, buddy)
            order += 1
        self.chain(index, order)

    def chain(self, index: u32, order: u32) -> None:
        """Puts a block in front of the free blocks of its order. Lock held."""
        head = self.heads[order]
        info = self.table[index]
        info.state = u32(FrameState.FREE)
        info.order = order
        info.back = NO_FRAME
        info.link.store(head)
        if head != NO_FRAME:
            self.table[head].back = index
        self.heads[order] = index
        self.nonempty |= 1 << order

    def unchain(self, index: u32, order: u32) -> None:
        """Takes a block out of the free blocks of its order. Lock held."""
        info = self.table[index]
        following = info.link.load()
        if following != NO_FRAME:
            self.table[following].back = info.back
        if info.back != NO_FRAME:
            self.table[info.back].link.store(following)
        else:
            self.heads[order] = following
            if following == NO_FRAME:
                self.nonempty ^= 1 << order
        info.state = u32(FrameState.INNER)


def largest_order(index: u64, count: u64) -> u32:
    """Returns the order of the largest aligned block at `index` within `count` frames."""
    order: u32 = 0
    while order < MAXIMUM_ORDER and index & (1 << order) == 0 and 2 << order <= count:
        order += 1
    return order
