"""Fork of an address space: copy on write.

The child gets the same areas and the same frames. Private pages become read-only on both sides;
whoever writes first copies (`page_fault.make_writable`), and the last one that is left gets the
page back as it is.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import allocate, copy_struct, raises, struct, u64
from kernel.arch.aarch64.pte import READ_ONLY, entry_address
from kernel.arch.aarch64.tlb import flush_address_space
from kernel.mm.address_space import AddressSpace, create_address_space
from kernel.mm.area import destroy_address_space
from kernel.mm.page_table import LeafCursor, read_entry, write_entry
from kernel.mm.vma import Vma


@struct
class Sharing:
    """What was done to the parent so far."""

    has_protected: bool = False
    """Whether a page was made read-only, which the TLBs do not know yet."""


@raises(ENOMEM)
def fork_address_space(parent: AddressSpace) -> AddressSpace:
    """Returns a copy of an address space that shares all frames."""
    child = create_address_space(parent.memory)
    try:
        with parent.lock:
            copy_areas(parent, child)
    except OSError:
        destroy_address_space(child)
        raise
    return child


@raises(ENOMEM)
def copy_areas(parent: AddressSpace, child: AddressSpace) -> None:
    """Copies areas and pages. The parent's lock is held; nobody else knows the child."""
    child.break_start = parent.break_start
    child.break_end = parent.break_end
    child.areas.reserve(child.memory.heap, parent.areas.count)
    sharing = Sharing()
    try:
        for index in range(parent.areas.count):
            vma = parent.areas.at(index)
            copy_area(child, vma)
            share_pages(parent, child, vma, sharing)
    finally:
        if sharing.has_protected:
            flush_address_space(parent.asid)


@raises(ENOMEM)
def copy_area(child: AddressSpace, vma: Vma) -> None:
    """Appends a copy of an area to the child's."""
    copy = allocate(child.memory.heap, Vma)
    copy_struct(copy, vma)
    copy.following = None
    source = copy.source
    if source is not None:
        source.get()
    child.areas.insert(child.areas.count, copy)
    child.mapped_pages += (vma.end - vma.start) >> 12


@raises(ENOMEM)
def share_pages(parent: AddressSpace, child: AddressSpace, vma: Vma, sharing: Sharing) -> None:
    """Enters the parent's pages of an area into the child's tables.

    On ENOMEM some of the parent's may be read-only already, which is harmless once the TLBs know:
    the next write makes them writable again.
    """
    cursor = LeafCursor(parent.tables, vma.start, vma.end)
    while cursor.advance():
        place = child.tables.reserve(cursor.address)
        entry = read_entry(cursor.place)
        if not vma.is_shared() and entry & READ_ONLY == 0:
            entry |= u64(READ_ONLY)
            write_entry(cursor.place, entry)
            sharing.has_protected = True
        child.memory.frames.get(entry_address(entry))
        write_entry(place, entry)
        child.resident_pages += 1
