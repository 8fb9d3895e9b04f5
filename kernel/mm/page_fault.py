"""Demand paging: what happens when a program touches a page that is not there, or not writable
yet.

Pages of a file come from its `PageSource`. One that is cached is mapped under the lock, with some
of its cached neighbours; for one that must be read the lock is released, and the area is looked up
again. Locks: takes the address space's; may block.
"""

from __future__ import annotations

from abi.errno import EIO
from bare import Enum8, invert, raises, struct, u64
from kernel.arch.aarch64.cache import make_executable
from kernel.arch.aarch64.exceptions import Access
from kernel.arch.aarch64.layout import PAGE_SHIFT, PAGE_SIZE, PhysAddr, UserAddr, linear_address
from kernel.arch.aarch64.memory import copy_page
from kernel.arch.aarch64.pte import READ_ONLY, entry_address, is_valid
from kernel.arch.aarch64.tlb import flush_page, publish_tables
from kernel.mm.address_space import AddressSpace
from kernel.mm.page_source import PageSource
from kernel.mm.page_table import read_entry, write_entry
from kernel.mm.protection import EXECUTE, READ, WRITE
from kernel.mm.user_page import is_writable_entry, page_attributes, page_start
from kernel.mm.vma import Vma
from kernel.params import FAULT_AROUND_PAGES, STACK_GROWTH_LIMIT, STACK_GUARD_GAP


class FaultResult(Enum8):
    """What came of a fault."""

    RESOLVED = 0
    """The access can be repeated."""
    NO_AREA = 1
    """Nothing is mapped there: SIGSEGV, SEGV_MAPERR."""
    NOT_ALLOWED = 2
    """The area's protection forbids it: SIGSEGV, SEGV_ACCERR."""
    BEYOND_FILE = 3
    """The file has no such page, or it cannot be read: SIGBUS."""
    NO_MEMORY = 4
    """No frame is left: the program is killed."""
    MUST_READ = 5
    """Only inside: the page must be got from its source without the lock."""


@struct
class PageRequest:
    """A page that must be got from its source."""

    source: PageSource | None = None
    index: u64 = 0


def handle_fault(space: AddressSpace, address: UserAddr, access: Access) -> FaultResult:
    """Makes an access possible, or says why not."""
    request = PageRequest()
    with space.lock:
        result = try_fault(space, page_start(address), access, request)
    source = request.source
    if result != FaultResult.MUST_READ or source is None:
        return result
    try:
        frame = source.get_page(request.index)
    except OSError as error:
        source.put()
        return FaultResult.BEYOND_FILE if error.errno == EIO else FaultResult.NO_MEMORY
    # The page is cached now; `frame` holds it there for the second attempt.
    with space.lock:
        result = try_fault(space, page_start(address), access, PageRequest())
    space.memory.frames.put(frame)
    source.put()
    # Truncated in between: the program tries again and gets what is right then.
    return FaultResult.RESOLVED if result == FaultResult.MUST_READ else result


def try_fault(
    space: AddressSpace, page: UserAddr, access: Access, request: PageRequest
) -> FaultResult:
    """Resolves a fault with what is in memory. Lock held."""
    vma = space.areas.find(page)
    if vma is None:
        vma = grow_stack(space, page)
    if vma is None:
        return FaultResult.NO_AREA
    if not is_allowed(vma, access):
        return FaultResult.NOT_ALLOWED
    try:
        place = space.tables.reserve(page)
        entry = read_entry(place)
        if is_valid(entry):
            if access == Access.WRITE and not is_writable_entry(entry):
                make_writable(space, vma, page)
            return FaultResult.RESOLVED
        return map_page(space, vma, page, access, request)
    except OSError:
        return FaultResult.NO_MEMORY


def is_allowed(vma: Vma, access: Access) -> bool:
    """Whether an area's protection permits an access."""
    match access:
        case Access.READ:
            return vma.protection & (READ | WRITE | EXECUTE) != 0
        case Access.WRITE:
            return vma.protection & WRITE != 0
        case Access.EXECUTE:
            return vma.protection & EXECUTE != 0


def grow_stack(space: AddressSpace, page: UserAddr) -> Vma | None:
    """Returns the stack area above a page, grown down to it, if there is one and it may. Lock
    held.
    """
    index = space.areas.first_ending_after(page)
    if index == space.areas.count:
        return None
    vma = space.areas.at(index)
    if not vma.is_stack() or vma.end - page > STACK_GROWTH_LIMIT:
        return None
    if index > 0 and space.areas.at(index - 1).end + STACK_GUARD_GAP > page:
        return None
    space.mapped_pages += (vma.start - page) >> PAGE_SHIFT
    vma.start = page
    return vma


@raises()
def map_page(
    space: AddressSpace, vma: Vma, page: UserAddr, access: Access, request: PageRequest
) -> FaultResult:
    """Maps a page that has no entry yet; its table exists. Lock held."""
    source = vma.source
    if source is None:
        frame = space.memory.frames.alloc_zeroed()
        enter_page(space, vma, page, frame, is_writable=True)
        publish_tables()
        return FaultResult.RESOLVED
    index = vma.page_of(page)
    if index << PAGE_SHIFT >= source.length():
        return FaultResult.BEYOND_FILE
    frame = source.cached_page(index)
    if frame == 0:
        source.get()
        request.source = source
        request.index = index
        return FaultResult.MUST_READ
    enter_file_page(space, vma, page, frame, access)
    if access != Access.WRITE:
        map_around(space, vma, page, source)
    publish_tables()
    return FaultResult.RESOLVED


@raises()
def enter_file_page(
    space: AddressSpace, vma: Vma, page: UserAddr, frame: PhysAddr, access: Access
) -> None:
    """Maps a page of a file; for a write to a private area a copy of it. Takes the reference."""
    if access != Access.WRITE or vma.is_shared():
        enter_page(space, vma, page, frame, is_writable=vma.is_shared())
        return
    try:
        own = space.memory.frames.alloc(0)
    except OSError:
        space.memory.frames.put(frame)
        raise
    copy_page(linear_address(own), linear_address(frame))
    space.memory.frames.put(frame)
    enter_page(space, vma, page, own, is_writable=True)


def map_around(space: AddressSpace, vma: Vma, page: UserAddr, source: PageSource) -> None:
    """Maps cached pages around a page, within its window of `FAULT_AROUND_PAGES`: saves faults."""
    window: u64 = FAULT_AROUND_PAGES * PAGE_SIZE
    address = max(page - page % window, vma.start)
    end = min(page - page % window + window, vma.end)
    last_page = (source.length() + PAGE_SIZE - 1) >> PAGE_SHIFT
    while address < end:
        index = vma.page_of(address)
        place = space.tables.find(address)
        if index < last_page and not is_valid(read_entry(place)):
            frame = source.cached_page(index)
            if frame != 0:
                enter_page(space, vma, address, frame, is_writable=vma.is_shared())
        address += PAGE_SIZE


def enter_page(
    space: AddressSpace, vma: Vma, page: UserAddr, frame: PhysAddr, is_writable: bool
) -> None:
    """Writes the entry of a page that had none. Lock held; the entry's table exists."""
    if vma.protection & EXECUTE != 0:
        make_executable(linear_address(frame), PAGE_SIZE)
    write_entry(space.tables.find(page), frame | page_attributes(vma.protection, is_writable))
    space.resident_pages += 1


@raises()
def make_writable(space: AddressSpace, vma: Vma, page: UserAddr) -> None:
    """Serves the first write to a page that is mapped read-only: copies it if it is shared.

    An entry that gets another frame is invalid in between, so that no CPU holds translations to
    both (break-before-make: Arm ARM DDI 0487, D8.14). Another CPU that meets the gap faults, and
    waits for the lock.
    """
    place = space.tables.find(page)
    entry = read_entry(place)
    frame = entry_address(entry)
    if vma.is_shared() or space.memory.frames.references(frame) == 1:
        write_entry(place, entry & invert(u64(READ_ONLY)))
        flush_page(space.asid, page)
        return
    own = space.memory.frames.alloc(0)
    copy_page(linear_address(own), linear_address(frame))
    if vma.protection & EXECUTE != 0:
        make_executable(linear_address(own), PAGE_SIZE)
    write_entry(place, 0)
    flush_page(space.asid, page)
    write_entry(place, own | page_attributes(vma.protection, is_writable=True))
    publish_tables()
    space.memory.frames.put(frame)
