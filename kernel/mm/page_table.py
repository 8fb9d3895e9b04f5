"""The page tables of one address space: a tree of four levels, made on demand, walked leaf by
leaf.

Entries are read and written as single 64-bit accesses, since the CPUs' table walkers read them at
any time. The owner locks. Arm ARM DDI 0487, D8.2.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import raises, struct, u64
from bare.unsafe import Pointer
from kernel.arch.aarch64.layout import (
    PAGE_SHIFT,
    PAGE_SIZE,
    USER_END,
    PhysAddr,
    UserAddr,
    VirtAddr,
    linear_address,
)
from kernel.arch.aarch64.pte import (
    ENTRIES,
    TABLE,
    VALID,
    entry_address,
    is_valid,
    table_index,
)
from kernel.arch.aarch64.tlb import order_tables
from kernel.mm.frame import FrameAllocator

LEAF_LEVEL: u64 = 3
ENTRY_SIZE: u64 = 8
LEAF_SPAN: u64 = ENTRIES * PAGE_SIZE
"""Bytes of address space below one leaf table."""


def read_entry(place: VirtAddr) -> u64:
    """Returns the entry at an address."""
    # SAFETY: `place` is an entry of a live table, from this module.
    return Pointer[u64](place).load_volatile()


def write_entry(place: VirtAddr, entry: u64) -> None:
    """Stores the entry at an address."""
    # SAFETY: `place` is an entry of a live table, from this module; the owner holds its lock.
    Pointer[u64](place).store_volatile(entry)


@struct
class PageTables:
    """The tree below TTBR0."""

    frames: FrameAllocator
    root: PhysAddr = 0
    table_pages: u64 = 0
    """Frames that the tree takes, the root included."""

    @raises(ENOMEM)
    def create(self, frames: FrameAllocator) -> None:
        """Makes an empty tree."""
        self.frames = frames
        self.root = frames.alloc_zeroed()
        self.table_pages = 1

    def find(self, address: UserAddr) -> VirtAddr:
        """Returns the place of the leaf entry for an address, 0 where there is no leaf table."""
        table = self.root
        for level in range(LEAF_LEVEL):
            entry = read_entry(entry_place(table, address, level))
            if not is_valid(entry):
                return 0
            table = entry_address(entry)
        return entry_place(table, address, LEAF_LEVEL)

    @raises(ENOMEM)
    def reserve(self, address: UserAddr) -> VirtAddr:
        """Returns the place of the leaf entry for an address; makes the tables that lead there."""
        table = self.root
        for level in range(LEAF_LEVEL):
            place = entry_place(table, address, level)
            entry = read_entry(place)
            if not is_valid(entry):
                entry = self.frames.alloc_zeroed() | VALID | TABLE
                order_tables()
                self.table_pages += 1
                write_entry(place, entry)
            table = entry_address(entry)
        return entry_place(table, address, LEAF_LEVEL)

    def next_leaf(self, address: UserAddr, end: UserAddr) -> UserAddr:
        """Returns the first address from `address` on that has a leaf table, or `end`."""
        while address < end:
            table = self.root
            level: u64 = 0
            while level < LEAF_LEVEL:
                entry = read_entry(entry_place(table, address, level))
                if not is_valid(entry):
                    break
                table = entry_address(entry)
                level += 1
            if level == LEAF_LEVEL:
                return address
            size = span_of_entry(level)
            address = (address & (USER_END - size)) + size
        return end

    def destroy(self) -> None:
        """Frees all tables. Leaf entries were cleared, and no CPU uses the tree."""
        self.free_below(self.root, 0)
        self.root = 0
        self.table_pages = 0

    def free_below(self, table: PhysAddr, level: u64) -> None:
        """Frees a table and those below it; three calls deep."""
        if level < LEAF_LEVEL:
            for index in range(u64(ENTRIES)):
                entry = read_entry(linear_address(table) + index * ENTRY_SIZE)
                if is_valid(entry):
                    self.free_below(entry_address(entry), level + 1)
        self.frames.put(table)


def entry_place(table: PhysAddr, address: UserAddr, level: u64) -> VirtAddr:
    """Returns where a table of `level` keeps the entry for an address."""
    return linear_address(table) + table_index(address, level) * ENTRY_SIZE


def span_of_entry(level: u64) -> u64:
    """Returns the bytes of address space behind one entry of a table of `level`."""
    return 1 << (39 - 9 * level)


@struct
class LeafCursor:
    """Walks the valid pages of a range in order, skipping what has no tables."""

    tables: PageTables
    address: UserAddr
    """Page that `place` belongs to, after `advance` was true."""
    end: UserAddr
    place: VirtAddr = 0
    """Leaf entry of `address`; 0 before the first step and at a new leaf table."""
    following: UserAddr = 0

    def advance(self) -> bool:
        """Goes to the next valid page; False at the end of the range."""
        address = self.following if self.place != 0 else self.address
        place = self.place + ENTRY_SIZE
        if self.place == 0 or address & (LEAF_SPAN - 1) == 0:
            place = 0
        while address < self.end:
            if place == 0:
                address = self.tables.next_leaf(address, self.end)
                if address >= self.end:
                    break
                place = self.tables.find(address)
            if is_valid(read_entry(place)):
                self.address = address
                self.place = place
                self.following = address + PAGE_SIZE
                return True
            address += PAGE_SIZE
            place = 0 if address & (LEAF_SPAN - 1) == 0 else place + ENTRY_SIZE
        return False


def pages_between(start: UserAddr, end: UserAddr) -> u64:
    """Returns the number of pages of an aligned range."""
    return (end - start) >> PAGE_SHIFT
