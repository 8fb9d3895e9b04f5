"""The kernel's half of the address space: devices in the linear map, and kernel stacks.

TTBR1's tables are made at boot (`arch/aarch64/boot_tables.py`) and extended here. Locks:
`KERNEL_SPACE`.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import inline, raises, struct, u64
from kernel.arch.aarch64.layout import (
    BLOCK_SIZE,
    PAGE_SIZE,
    STACK_SIZE,
    STACK_SLOT,
    STACKS_BASE,
    PhysAddr,
    VirtAddr,
    linear_address,
    round_down,
)
from kernel.arch.aarch64.pte import (
    KERNEL_DATA,
    KERNEL_DEVICE,
    TABLE,
    VALID,
    entry_address,
    is_table,
    is_valid,
)
from kernel.arch.aarch64.tlb import flush_kernel_page, order_tables, publish_tables
from kernel.mm.frame import FrameAllocator
from kernel.mm.page_table import entry_place, read_entry, write_entry
from kernel.params import KERNEL_STACK_SPARE
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

GIGABYTE_LEVEL: u64 = 1
BLOCK_LEVEL: u64 = 2
LEAF_LEVEL: u64 = 3


@struct
class KernelSpace:
    """The tables below TTBR1. One for the machine."""

    frames: FrameAllocator
    lock: SpinLock = inline()
    # Guarded by lock.
    next_stack: VirtAddr = STACKS_BASE
    """First stack slot that was never used."""
    spare_stack: VirtAddr = 0
    """Top of a stack that is free and mapped; its last word holds the next one. 0 for none."""
    spare_count: u64 = 0
    free_slot: VirtAddr = 0
    """Top of a slot that is free and not mapped; its last page's entry, which is not valid, holds
    the next one. 0 for none.
    """
    # Set once at boot.
    root: PhysAddr = 0

    def start(self, root: PhysAddr, frames: FrameAllocator) -> None:
        """Takes over the tables that the boot code made."""
        self.lock.lock_class = LockClass.KERNEL_SPACE
        self.root = root
        self.frames = frames
        self.next_stack = STACKS_BASE

    @raises(ENOMEM)
    def map_device(self, address: PhysAddr, size: u64) -> VirtAddr:
        """Maps registers into the linear map and returns their address there.

        Whole blocks of 2 MiB are mapped, so neighbours share one entry.
        """
        with self.lock:
            block = round_down(address, BLOCK_SIZE)
            while block < address + size:
                place = self.reserve(linear_address(block), BLOCK_LEVEL)
                if not is_valid(read_entry(place)):
                    write_entry(place, block | KERNEL_DEVICE)
                block += BLOCK_SIZE
        publish_tables()
        return linear_address(address)

    @raises(ENOMEM)
    def alloc_stack(self) -> VirtAddr:
        """Returns the top of a kernel stack. The half slot below it stays unmapped: the guard."""
        with self.lock:
            top = self.spare_stack
            if top != 0:
                self.spare_stack = read_entry(top - 8)
                self.spare_count -= 1
                return top
            top = self.free_slot
            if top != 0:
                following = read_entry(self.find(top - PAGE_SIZE, LEAF_LEVEL))
                self.map_stack(top)
                self.free_slot = following
            else:
                top = self.next_stack + STACK_SLOT
                self.map_stack(top)
                self.next_stack = top
        publish_tables()
        return top

    def free_stack_at(self, top: VirtAddr) -> None:
        """Takes a stack back, which the running thread is not on. Some stay mapped for the next
        threads.
        """
        with self.lock:
            if self.spare_count < KERNEL_STACK_SPARE:
                write_entry(top - 8, self.spare_stack)
                self.spare_stack = top
                self.spare_count += 1
            else:
                self.unmap_stack(top, top)
                write_entry(self.find(top - PAGE_SIZE, LEAF_LEVEL), self.free_slot)
                self.free_slot = top

    @raises(ENOMEM)
    def map_stack(self, top: VirtAddr) -> None:
        """Maps frames for a new stack; gives them back when memory ends. Lock held."""
        page = top - STACK_SIZE
        try:
            while page < top:
                place = self.reserve(page, LEAF_LEVEL)
                write_entry(place, self.frames.alloc(0) | KERNEL_DATA | TABLE)
                page += PAGE_SIZE
        except OSError:
            self.unmap_stack(top, page)
            raise

    def unmap_stack(self, top: VirtAddr, end: VirtAddr) -> None:
        """Takes the pages of a stack up to `end` away and puts their frames. Lock held."""
        page = top - STACK_SIZE
        while page < end:
            place = self.find(page, LEAF_LEVEL)
            frame = entry_address(read_entry(place))
            write_entry(place, 0)
            flush_kernel_page(page)
            self.frames.put(frame)
            page += PAGE_SIZE

    @raises(ENOMEM)
    def reserve(self, address: VirtAddr, leaf_level: u64) -> VirtAddr:
        """Returns the place of the entry of a level for an address; makes the tables above it."""
        table = self.root
        for level in range(leaf_level):
            place = entry_place(table, address, level)
            entry = read_entry(place)
            if not is_valid(entry):
                entry = self.frames.alloc_zeroed() | VALID | TABLE
                order_tables()
                write_entry(place, entry)
            assert is_table(entry), "the address is mapped by a larger block"
            table = entry_address(entry)
        return entry_place(table, address, leaf_level)

    def find(self, address: VirtAddr, leaf_level: u64) -> VirtAddr:
        """Returns the place of the entry of a level for an address whose tables exist."""
        table = self.root
        for level in range(leaf_level):
            table = entry_address(read_entry(entry_place(table, address, level)))
        return entry_place(table, address, leaf_level)
