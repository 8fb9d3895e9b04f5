"""Changing the areas of an address space: mapping, unmapping, protecting, the program break.

Ranges are whole pages. Areas are split where a range begins or ends inside them and merged where
they continue one another. What is left of a removed area (its `PageSource`'s reference) is given
back after the lock is released, since that may block.
"""

from __future__ import annotations

from abi.errno import EINVAL, ENOMEM
from bare import allocate, copy_struct, raises, release, struct, u32, u64, usize
from kernel.arch.aarch64.layout import PAGE_SIZE, USER_END, USER_START, UserAddr, round_up
from kernel.mm.address_space import AddressSpace
from kernel.mm.page_source import PageSource
from kernel.mm.page_table import pages_between
from kernel.mm.protection import READ, WRITE
from kernel.mm.user_page import protect_pages, release_pages, unmap_pages
from kernel.mm.vma import Vma
from kernel.params import MAP_TOP, STACK_GUARD_GAP


@struct
class Discarded:
    """Areas that were taken out, chained by `following`."""

    first: Vma | None = None

    def add(self, vma: Vma) -> None:
        """Takes an area to be freed later."""
        vma.following = self.first
        self.first = vma

    def free(self, space: AddressSpace) -> None:
        """Puts the areas' sources and frees the areas. No lock held; may block."""
        vma = self.first
        while vma is not None:
            following = vma.following
            source = vma.source
            if source is not None:
                source.put()
            release(space.memory.heap, vma)
            vma = following
        self.first = None


@raises(EINVAL, ENOMEM)
def map_area(
    space: AddressSpace,
    start: UserAddr,
    end: UserAddr,
    protection: u32,
    flags: u32,
    source: PageSource | None,
    source_page: u64,
) -> None:
    """Maps pages `start` to `end`, which must be free (`unmap_range` first for MAP_FIXED).

    The area takes a reference of its own to `source`. EINVAL: not whole pages of the user's half,
    or something is mapped there.
    """
    check_pages(start, end)
    discarded = Discarded()
    with space.lock:
        areas = space.areas
        index = areas.first_ending_after(start)
        if index < areas.count and areas.at(index).start < end:
            raise OSError(EINVAL)
        space.areas.reserve(space.memory.heap, 1)
        vma = allocate(space.memory.heap, Vma)
        vma.start = start
        vma.end = end
        vma.protection = protection
        vma.flags = flags
        vma.source = source
        vma.source_page = source_page
        if source is not None:
            source.get()
        areas.insert(index, vma)
        space.mapped_pages += pages_between(start, end)
        merge_around(space, index, index, discarded)
    discarded.free(space)


@raises(EINVAL, ENOMEM)
def unmap_range(space: AddressSpace, start: UserAddr, end: UserAddr) -> None:
    """Unmaps what is mapped in a range. ENOMEM: an area could not be split."""
    check_pages(start, end)
    discarded = Discarded()
    with space.lock:
        split_at(space, start)
        split_at(space, end)
        index = space.areas.first_ending_after(start)
        while index < space.areas.count and space.areas.at(index).start < end:
            vma = space.areas.at(index)
            space.areas.remove(index)
            space.mapped_pages -= pages_between(vma.start, vma.end)
            discarded.add(vma)
        unmap_pages(space, start, end)
    discarded.free(space)


@raises(EINVAL, ENOMEM)
def protect_range(space: AddressSpace, start: UserAddr, end: UserAddr, protection: u32) -> None:
    """Changes the protection of a range. ENOMEM: a part of it is not mapped."""
    check_pages(start, end)
    discarded = Discarded()
    with space.lock:
        if not is_covered(space, start, end):
            raise OSError(ENOMEM)
        split_at(space, start)
        split_at(space, end)
        first = space.areas.first_ending_after(start)
        last = first
        while last < space.areas.count and space.areas.at(last).start < end:
            space.areas.at(last).protection = protection
            last += 1
        protect_pages(space, start, end, protection)
        merge_around(space, first, last - 1, discarded)
    discarded.free(space)


@raises(ENOMEM)
def find_gap(space: AddressSpace, size: u64, hint: UserAddr) -> UserAddr:
    """Returns where `size` bytes are free: at `hint` if it is a free place, else as high as
    possible.
    """
    size = round_up(size, PAGE_SIZE)
    with space.lock:
        if hint >= USER_START and is_free(space, hint - hint % PAGE_SIZE, size):
            return hint - hint % PAGE_SIZE
        top: UserAddr = MAP_TOP
        index = space.areas.first_ending_after(MAP_TOP)
        if index < space.areas.count:
            top = min(top, space.areas.at(index).start)
        while index > 0:
            below = space.areas.at(index - 1)
            if top >= below.end and top - below.end >= size:
                return top - size
            top = min(top, below.start)
            index -= 1
        if top >= USER_START and top - USER_START >= size:
            return top - size
    raise OSError(ENOMEM)


@raises(ENOMEM)
def set_break(space: AddressSpace, wanted: UserAddr) -> UserAddr:
    """Moves the program break and returns it; where it cannot move, returns the old one."""
    if wanted < space.break_start or wanted > USER_END:
        return space.break_end
    old_top = round_up(space.break_end, PAGE_SIZE)
    new_top = round_up(wanted, PAGE_SIZE)
    try:
        if new_top > old_top:
            map_area(space, old_top, new_top, READ | WRITE, 0, None, 0)
        elif new_top < old_top:
            unmap_range(space, new_top, old_top)
    except OSError:
        return space.break_end
    space.break_end = wanted
    return wanted


def destroy_address_space(space: AddressSpace) -> None:
    """Gives back everything. No CPU uses the address space (`deactivate`), no thread belongs to
    it.
    """
    memory = space.memory
    discarded = Discarded()
    for index in range(space.areas.count):
        vma = space.areas.at(index)
        release_pages(space, vma.start, vma.end)
        discarded.add(vma)
    discarded.free(space)
    space.areas.free(memory.heap)
    space.tables.destroy()
    with memory.lock:
        memory.asids.free(space.asid)
    release(memory.heap, space)


@raises(EINVAL)
def check_pages(start: UserAddr, end: UserAddr) -> None:
    """Refuses a range that is empty, not whole pages, or not wholly in the user's half."""
    if start % PAGE_SIZE != 0 or end % PAGE_SIZE != 0:
        raise OSError(EINVAL)
    if start < USER_START or start >= end or end > USER_END:
        raise OSError(EINVAL)


@raises(ENOMEM)
def split_at(space: AddressSpace, address: UserAddr) -> None:
    """Makes two areas of one that goes across an address. Lock held."""
    index = space.areas.first_ending_after(address)
    if index == space.areas.count:
        return
    vma = space.areas.at(index)
    if vma.start >= address:
        return
    space.areas.reserve(space.memory.heap, 1)
    upper = allocate(space.memory.heap, Vma)
    copy_struct(upper, vma)
    upper.start = address
    upper.source_page = vma.page_of(address)
    source = vma.source
    if source is not None:
        source.get()
    vma.end = address
    space.areas.insert(index + 1, upper)


def merge_around(space: AddressSpace, first: usize, last: usize, discarded: Discarded) -> None:
    """Joins areas `first` to `last` and their neighbours where they continue one another. Lock
    held.
    """
    index = first if first == 0 else first - 1
    remaining = last + 1 - index
    while remaining > 0 and index + 1 < space.areas.count:
        vma = space.areas.at(index)
        following = space.areas.at(index + 1)
        if vma.continues(following):
            vma.end = following.end
            space.areas.remove(index + 1)
            discarded.add(following)
        else:
            index += 1
        remaining -= 1


def is_covered(space: AddressSpace, start: UserAddr, end: UserAddr) -> bool:
    """Whether every page of a range is mapped. Lock held."""
    index = space.areas.first_ending_after(start)
    while index < space.areas.count and space.areas.at(index).start <= start:
        start = space.areas.at(index).end
        if start >= end:
            return True
        index += 1
    return False


def is_free(space: AddressSpace, start: UserAddr, size: u64) -> bool:
    """Whether nothing is mapped in a range of the user's half. Lock held."""
    if size > USER_END or start > USER_END - size:
        return False
    index = space.areas.first_ending_after(start)
    if index == space.areas.count:
        return True
    following = space.areas.at(index)
    gap: u64 = STACK_GUARD_GAP if following.is_stack() else 0
    return following.start >= start + size + gap
