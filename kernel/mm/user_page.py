"""Leaf entries of programs: their attributes, and taking whole ranges of them away.

All functions want the address space's lock held.
"""

from __future__ import annotations

from bare import Array, array, invert, struct, u32, u64
from kernel.arch.aarch64.layout import PAGE_SIZE, UserAddr
from kernel.arch.aarch64.pte import (
    ADDRESS_MASK,
    READ_ONLY,
    USER,
    USER_NO_EXECUTE,
    USER_PAGE,
    entry_address,
)
from kernel.arch.aarch64.tlb import flush_address_space, flush_page
from kernel.mm.address_space import AddressSpace
from kernel.mm.page_table import LeafCursor, read_entry, write_entry
from kernel.mm.protection import EXECUTE, WRITE
from kernel.params import FLUSH_PAGE_LIMIT

BATCH_PAGES = 64
"""Frames that are collected before the TLB is told and they are given back."""


@struct
class FrameBatch:
    """Frames whose mappings are gone from the tables, but maybe not from a TLB."""

    count: u64 = 0
    frames: Array[u64] = array(BATCH_PAGES)
    pages: Array[u64] = array(FLUSH_PAGE_LIMIT)
    """Where the first of them were mapped."""


def page_attributes(protection: u32, is_writable: bool) -> u64:
    """Returns the entry, less its address, of a page with a protection.

    `is_writable` False keeps a writable area's page read-only until the first write.
    """
    attributes: u64 = USER_PAGE
    if protection == 0:
        attributes &= invert(u64(USER))
    if protection & EXECUTE == 0:
        attributes |= USER_NO_EXECUTE
    if protection & WRITE == 0 or not is_writable:
        attributes |= READ_ONLY
    return attributes


def is_writable_entry(entry: u64) -> bool:
    """Whether a program may write through an entry."""
    return entry & (READ_ONLY | USER) == USER


def unmap_pages(space: AddressSpace, start: UserAddr, end: UserAddr) -> None:
    """Clears the entries of a range and puts their frames, after no TLB holds them."""
    batch = FrameBatch()
    cursor = LeafCursor(space.tables, start, end)
    while cursor.advance():
        entry = read_entry(cursor.place)
        write_entry(cursor.place, 0)
        space.resident_pages -= 1
        if batch.count == BATCH_PAGES:
            finish_batch(space, batch)
        if batch.count < FLUSH_PAGE_LIMIT:
            batch.pages[batch.count] = cursor.address
        batch.frames[batch.count] = entry_address(entry)
        batch.count += 1
    finish_batch(space, batch)


def finish_batch(space: AddressSpace, batch: FrameBatch) -> None:
    """Tells the TLBs, then puts the frames."""
    if batch.count > FLUSH_PAGE_LIMIT:
        flush_address_space(space.asid)
    else:
        for index in range(batch.count):
            flush_page(space.asid, batch.pages[index])
    for index in range(batch.count):
        space.memory.frames.put(batch.frames[index])
    batch.count = 0


def protect_pages(space: AddressSpace, start: UserAddr, end: UserAddr, protection: u32) -> None:
    """Gives the pages of a range a new protection; writable ones become so at their next write."""
    attributes = page_attributes(protection, is_writable=False)
    changed: u64 = 0
    last: UserAddr = 0
    cursor = LeafCursor(space.tables, start, end)
    while cursor.advance():
        entry = read_entry(cursor.place)
        wanted = (entry & ADDRESS_MASK) | attributes
        if entry != wanted:
            write_entry(cursor.place, wanted)
            changed += 1
            last = cursor.address
    if changed == 1:
        flush_page(space.asid, last)
    elif changed > 1:
        flush_address_space(space.asid)


def release_pages(space: AddressSpace, start: UserAddr, end: UserAddr) -> None:
    """Puts the frames of a range of an address space that no CPU uses (any more)."""
    cursor = LeafCursor(space.tables, start, end)
    while cursor.advance():
        space.memory.frames.put(entry_address(read_entry(cursor.place)))
        write_entry(cursor.place, 0)


def page_start(address: UserAddr) -> UserAddr:
    """Returns the first address of a page."""
    return address - (address & (PAGE_SIZE - 1))
