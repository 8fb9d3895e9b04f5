"""Bodies of the calls that map and unmap memory."""

from __future__ import annotations

from abi.errno import EACCES, EEXIST, EINVAL, ENOMEM
from abi.limits import PAGE_SIZE
from abi.memory import (
    MADV_DONTNEED,
    MADV_FREE,
    MADV_NORMAL,
    MADV_RANDOM,
    MADV_SEQUENTIAL,
    MADV_WILLNEED,
    MAP_ANONYMOUS,
    MAP_FIXED,
    MAP_FIXED_NOREPLACE,
    MAP_PRIVATE,
    MAP_SHARED,
    MAP_TYPE,
    PROT_EXEC,
    PROT_READ,
    PROT_WRITE,
)
from bare import i32, invert, raises, struct, u32, u64, usize
from kernel.arch.aarch64.layout import USER_END, UserAddr
from kernel.fs.file import File
from kernel.mm.address_space import AddressSpace
from kernel.mm.area import (
    find_gap,
    is_covered,
    is_free,
    map_area,
    protect_range,
    set_break,
    unmap_range,
)
from kernel.mm.page_source import PageSource
from kernel.mm.user_page import unmap_pages
from kernel.proc.process import Process
from kernel.syscall.call import Call

PROTECTION_MASK: u32 = PROT_READ | PROT_WRITE | PROT_EXEC


def brk(call: Call, address: UserAddr) -> usize:
    """Moves the program break."""
    try:
        return set_break(space_of(call.process), address)
    except OSError:
        return space_of(call.process).break_end


@struct
class MapRequest:
    """The checked arguments of `mmap`."""

    address: UserAddr
    size: u64
    protection: u32
    flags: u32
    page: u64
    """First page of the file."""

    def is_fixed(self) -> bool:
        """Whether the address is an order, not a wish."""
        return self.flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) != 0


@raises()
def mmap(
    call: Call,
    address: UserAddr,
    length_bytes: usize,
    protection: u32,
    flags: u32,
    fd: i32,
    offset: u64,
) -> usize:
    """Maps zeros or a file."""
    check_mapping(protection, flags)
    size = rounded(length_bytes)
    if size == 0 or offset % PAGE_SIZE != 0:
        raise OSError(EINVAL)
    request = MapRequest(address, size, protection, flags, offset // PAGE_SIZE)
    if flags & MAP_ANONYMOUS != 0:
        request.page = 0
        return place(space_of(call.process), request, None)
    file = call.process.files.get(fd)
    try:
        check_file(file, request)
        return place(space_of(call.process), request, file.page_source())
    finally:
        file.put()


@raises(EINVAL)
def check_mapping(protection: u32, flags: u32) -> None:
    """Refuses unknown protections, writable code, and flags without a type."""
    if protection & invert(PROTECTION_MASK) != 0:
        raise OSError(EINVAL)
    if protection & PROT_WRITE != 0 and protection & PROT_EXEC != 0:
        raise OSError(EINVAL)
    if flags & MAP_TYPE not in (MAP_SHARED, MAP_PRIVATE):
        raise OSError(EINVAL)
    if flags & MAP_TYPE == MAP_SHARED and flags & MAP_ANONYMOUS != 0:
        raise OSError(EINVAL)


@raises(EACCES, EINVAL)
def check_file(file: File, request: MapRequest) -> None:
    """Refuses a file that was not opened for what the mapping allows."""
    if not file.can_read():
        raise OSError(EACCES)
    if request.flags & MAP_TYPE == MAP_SHARED and request.protection & PROT_WRITE != 0:
        raise OSError(EACCES)
    if request.page > (USER_END >> 12):
        raise OSError(EINVAL)


@raises(EEXIST, EINVAL, ENOMEM)
def place(space: AddressSpace, request: MapRequest, source: PageSource | None) -> usize:
    """Maps at the address that was asked for or where there is room; returns where."""
    if not request.is_fixed():
        start = find_gap(space, request.size, request.address)
        map_area(space, start, start + request.size, request.protection, 0, source, request.page)
        return start
    start = request.address
    if start % PAGE_SIZE != 0:
        raise OSError(EINVAL)
    if start > USER_END or request.size > USER_END - start:
        raise OSError(ENOMEM)
    end = start + request.size
    if request.flags & MAP_FIXED_NOREPLACE == 0:
        unmap_range(space, start, end)
    elif is_used(space, start, request.size):
        raise OSError(EEXIST)
    map_area(space, start, end, request.protection, 0, source, request.page)
    return start


def is_used(space: AddressSpace, start: UserAddr, size: u64) -> bool:
    """Whether something is mapped in a range."""
    with space.lock:
        return not is_free(space, start, size)


@raises(EINVAL, ENOMEM)
def munmap(call: Call, address: UserAddr, length_bytes: usize) -> None:
    """Removes mappings."""
    unmap_range(space_of(call.process), address, end_of(address, length_bytes))


@raises(EACCES, EINVAL, ENOMEM)
def mprotect(call: Call, address: UserAddr, length_bytes: usize, protection: u32) -> None:
    """Changes protections."""
    if protection & invert(PROTECTION_MASK) != 0 or address % PAGE_SIZE != 0:
        raise OSError(EINVAL)
    if protection & PROT_WRITE != 0 and protection & PROT_EXEC != 0:
        raise OSError(EINVAL)
    if length_bytes == 0:
        return
    protect_range(space_of(call.process), address, end_of(address, length_bytes), protection)


@raises(EINVAL, ENOMEM)
def madvise(call: Call, address: UserAddr, length_bytes: usize, advice: i32) -> None:
    """Drops pages, or takes note of nothing."""
    if advice in (MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_FREE):
        return
    if advice != MADV_DONTNEED or address % PAGE_SIZE != 0:
        raise OSError(EINVAL)
    if length_bytes == 0:
        return
    end = end_of(address, length_bytes)
    space = space_of(call.process)
    with space.lock:
        if not is_covered(space, address, end):
            raise OSError(ENOMEM)
        unmap_pages(space, address, end)


@raises(EINVAL)
def end_of(address: UserAddr, length_bytes: usize) -> UserAddr:
    """Returns the end of a range in whole pages; EINVAL: empty, or not in the user's half."""
    size = rounded(length_bytes)
    if size == 0 or address > USER_END or size > USER_END - address:
        raise OSError(EINVAL)
    return address + size


def rounded(length_bytes: usize) -> u64:
    """Rounds up to whole pages; 0 for what cannot be mapped anyway."""
    if length_bytes > USER_END:
        return 0
    return (length_bytes + PAGE_SIZE - 1) // PAGE_SIZE * PAGE_SIZE


def space_of(process: Process) -> AddressSpace:
    """Returns the memory of the calling process."""
    space = process.space
    assert space is not None, "system call without memory"
    return space
