"""Making memory usable: the linear map of all RAM, the frame table, and what is free.

Behind the kernel image follow the copy of the device tree and the frame table; everything else is
free, the tree's original place included. The first GiB of RAM is mapped by the boot tables' level 2
table without any allocation; further RAM is mapped once there are frames for tables.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, Span, raises, size_of, struct, u8, u64
from bare.unsafe import span_at
from kernel.arch.aarch64.layout import (
    BLOCK_SIZE,
    KERNEL_LOAD,
    PAGE_SHIFT,
    PAGE_SIZE,
    PhysAddr,
    linear_address,
    round_down,
    round_up,
)
from kernel.arch.aarch64.pte import KERNEL_DATA
from kernel.arch.aarch64.tlb import publish_tables
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.frame import FrameAllocator, FrameCache
from kernel.mm.frame_info import FrameInfo
from kernel.mm.kernel_space import BLOCK_LEVEL, GIGABYTE_LEVEL, KernelSpace
from kernel.mm.page_table import write_entry
from kernel.params import MAXIMUM_ORDER

GIGABYTE = 1 << 30
LARGEST_BLOCK = PAGE_SIZE << MAXIMUM_ORDER
FIRST_GIGABYTE_END = KERNEL_LOAD // GIGABYTE * GIGABYTE + GIGABYTE


@struct
class MemoryRegion:
    """A range of RAM, whole blocks of 2 MiB."""

    start: PhysAddr = 0
    end: PhysAddr = 0


@struct
class MemoryBootstrap:
    """What the stage works on."""

    frames: FrameAllocator
    space: KernelSpace
    fault: AllocationFault
    regions: Span[MemoryRegion]
    tree: Bytes
    """The device tree where the loader left it, mapped."""
    tree_start: PhysAddr
    image_end: PhysAddr
    cpu_count: u64
    taken_end: PhysAddr = 0
    """Behind the image, the tree's copy, the frame table and the caches."""

    def map_first_gigabyte(self) -> None:
        """Maps the RAM that the boot tables' level 2 table can hold."""
        for region in self.regions:
            block = region.start
            while block < min(region.end, FIRST_GIGABYTE_END):
                if block != KERNEL_LOAD:
                    place = self.space.find(linear_address(block), BLOCK_LEVEL)
                    write_entry(place, block | KERNEL_DATA)
                block += BLOCK_SIZE
        publish_tables()

    def copy_tree(self) -> Bytes:
        """Copies the tree behind the image, or behind itself where it is in the way."""
        start = round_up(self.image_end, PAGE_SIZE)
        tree_end = self.tree_start + len(self.tree)
        if self.tree_start < start + self.bytes_needed() and start < tree_end:
            start = round_up(tree_end, PAGE_SIZE)
        # SAFETY: RAM that nobody uses yet.
        copy = span_at(u8, linear_address(start), len(self.tree))
        copy.copy_from(self.tree)
        self.taken_end = start + round_up(len(self.tree), 16)
        return copy

    def bytes_needed(self) -> u64:
        """Returns an upper bound of what is placed behind the image."""
        table = self.frame_count() * size_of(FrameInfo)
        caches = self.cpu_count * size_of(FrameCache)
        return len(self.tree) + table + caches + 3 * PAGE_SIZE

    def base(self) -> PhysAddr:
        """Returns the address of the frame table's first frame."""
        lowest = self.regions[0].start
        for region in self.regions:
            lowest = min(lowest, region.start)
        return round_down(lowest, LARGEST_BLOCK)

    def frame_count(self) -> u64:
        """Returns the number of frames from the first to the last of RAM, holes included."""
        highest: PhysAddr = 0
        for region in self.regions:
            highest = max(highest, region.end)
        return (highest - self.base()) >> PAGE_SHIFT

    def start_frames(self) -> None:
        """Makes the frame table and frees the first GiB but for what is taken."""
        # SAFETY: RAM behind the tree's copy that nobody uses yet.
        caches = span_at(FrameCache, linear_address(self.taken_end), self.cpu_count)
        self.taken_end += round_up(self.cpu_count * size_of(FrameCache), 16)
        count = self.frame_count()
        words = count * size_of(FrameInfo) // 8
        span_at(u64, linear_address(self.taken_end), words).fill(0)
        table = span_at(FrameInfo, linear_address(self.taken_end), count)
        for cache in caches:
            cache.count = 0
        self.taken_end = round_up(self.taken_end + 8 * words, PAGE_SIZE)
        self.frames.start(self.base(), table, caches, self.fault)
        for region in self.regions:
            self.frames.ram_bytes += region.end - region.start
            self.free_outside(region.start, min(region.end, FIRST_GIGABYTE_END))

    def free_outside(self, start: PhysAddr, end: PhysAddr) -> None:
        """Frees a range but for the image and what follows it."""
        if start < min(end, KERNEL_LOAD):
            self.frames.add_range(start, min(end, KERNEL_LOAD))
        if max(start, self.taken_end) < end:
            self.frames.add_range(max(start, self.taken_end), end)

    @raises(ENOMEM)
    def add_high_memory(self) -> None:
        """Maps and frees RAM behind the first GiB, in blocks of 1 GiB where that is possible."""
        for region in self.regions:
            start = max(region.start, FIRST_GIGABYTE_END)
            place = start
            while place < region.end:
                if place % GIGABYTE == 0 and place + GIGABYTE <= region.end:
                    entry = self.space.reserve(linear_address(place), GIGABYTE_LEVEL)
                    write_entry(entry, place | KERNEL_DATA)
                    place += GIGABYTE
                else:
                    entry = self.space.reserve(linear_address(place), BLOCK_LEVEL)
                    write_entry(entry, place | KERNEL_DATA)
                    place += BLOCK_SIZE
            if start < region.end:
                publish_tables()
                self.frames.add_range(start, region.end)
