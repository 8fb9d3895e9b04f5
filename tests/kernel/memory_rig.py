"""Bare Python: frames, heap and address spaces in simulated RAM: for `memory_bench.py`."""

from __future__ import annotations

from abi.errno import EIO, ENOMEM
from bare import Array, allocate_span, array, inline, raises, size_of, struct, u8, u32, u64
from bare.unsafe import address_of, span_at, static_object
from kernel.arch.aarch64.cpu import CpuBase, install_cpu
from kernel.arch.aarch64.exceptions import Access
from kernel.arch.aarch64.layout import PAGE_SIZE, linear_address
from kernel.arch.aarch64.pte import entry_address, is_valid
from kernel.mm.address_space import AddressSpace, Memory, create_address_space
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.area import (
    destroy_address_space,
    find_gap,
    map_area,
    protect_range,
    set_break,
    unmap_range,
)
from kernel.mm.fork import fork_address_space
from kernel.mm.frame import FrameAllocator, FrameCache
from kernel.mm.frame_info import FrameInfo
from kernel.mm.heap import KernelHeap
from kernel.mm.kernel_space import LEAF_LEVEL, KernelSpace
from kernel.mm.page_fault import FaultResult, handle_fault
from kernel.mm.page_source import PageSource
from kernel.mm.page_table import read_entry
from kernel.mm.user_page import is_writable_entry

ASID_WORDS = 4
"""Maps of 256 address space numbers, so that tests see them run out."""


@struct
class TestSource(PageSource):
    """A file of numbered pages; each of its bytes is the page's index plus one."""

    frames: FrameAllocator
    pages: u64 = 0
    references: u64 = 0
    reads: u64 = 0
    """Pages that had to be read."""
    failing: u64 = 0xFFFF_FFFF
    """The page that cannot be read."""
    cached: Array[u64] = array(64)

    def cached_page(self, index: u64) -> u64:
        frame = self.cached[index]
        if frame != 0:
            self.frames.get(frame)
        return frame

    @raises(EIO, ENOMEM)
    def get_page(self, index: u64) -> u64:
        self.reads += 1
        if index == self.failing:
            raise OSError(EIO)
        if self.cached[index] == 0:
            frame = self.frames.alloc(0)
            span_at(u8, linear_address(frame), PAGE_SIZE).fill(u8(index + 1))
            self.cached[index] = frame
        return self.cached_page(index)

    def length(self) -> u64:
        return self.pages * PAGE_SIZE

    def get(self) -> None:
        self.references += 1

    def put(self) -> None:
        self.references -= 1


@struct
class Rig:
    """The parts."""

    cpu: CpuBase = inline()
    fault: AllocationFault = inline()
    frames: FrameAllocator = inline()
    heap: KernelHeap = inline()
    memory: Memory = inline()
    space: KernelSpace = inline()
    source: TestSource = inline()
    caches: Array[FrameCache] = array(1)


@raises()
def make_rig(base: u64, pages: u64) -> Rig:
    """Makes everything in RAM of `pages` frames from `base` on."""
    rig = static_object(Rig)
    install_cpu(address_of(rig.cpu))
    table_bytes = pages * size_of(FrameInfo)
    table = span_at(FrameInfo, linear_address(base), pages)
    span_at(u8, linear_address(base), table_bytes).fill(0)
    rig.frames.start(base, table, rig.caches, rig.fault)
    rig.frames.add_range(base + table_bytes, base + pages * PAGE_SIZE)
    rig.heap.start(rig.frames, rig.fault)
    rig.memory.frames = rig.frames
    rig.memory.heap = rig.heap
    rig.memory.empty_table = rig.frames.alloc_zeroed()
    rig.memory.asids.start(
        allocate_span(rig.heap, u64, ASID_WORDS), allocate_span(rig.heap, u64, ASID_WORDS)
    )
    rig.source.frames = rig.frames
    rig.space.start(rig.frames.alloc_zeroed(), rig.frames)
    return rig


@raises()
def new_space(rig: Rig) -> AddressSpace:
    """Makes an empty address space."""
    return create_address_space(rig.memory)


@raises()
def map_zeros(space: AddressSpace, start: u64, end: u64, protection: u32, flags: u32) -> None:
    """Maps anonymous pages."""
    map_area(space, start, end, protection, flags, None, 0)


@raises()
def map_file(
    rig: Rig, space: AddressSpace, start: u64, end: u64, protection: u32, flags: u32, page: u64
) -> None:
    """Maps pages of the rig's file."""
    map_area(space, start, end, protection, flags, rig.source, page)


@raises()
def unmap(space: AddressSpace, start: u64, end: u64) -> None:
    """Unmaps."""
    unmap_range(space, start, end)


@raises()
def protect(space: AddressSpace, start: u64, end: u64, protection: u32) -> None:
    """Changes the protection."""
    protect_range(space, start, end, protection)


@raises()
def move_break(space: AddressSpace, wanted: u64) -> u64:
    """Moves the program break."""
    return set_break(space, wanted)


@raises()
def gap(space: AddressSpace, size: u64, hint: u64) -> u64:
    """Finds free room."""
    return find_gap(space, size, hint)


@raises()
def fork(space: AddressSpace) -> AddressSpace:
    """Copies an address space."""
    return fork_address_space(space)


def destroy(space: AddressSpace) -> None:
    """Gives an address space back."""
    destroy_address_space(space)


def activate(space: AddressSpace) -> None:
    """Has the CPU run a program of an address space."""
    space.activate()


def place_of(space: AddressSpace, address: u64) -> u64:
    """Returns where the entry of an address is, whose table exists."""
    return space.tables.find(address)


def fault_in(space: AddressSpace, address: u64, access: Access) -> FaultResult:
    """Touches an address as the CPU would report it."""
    return handle_fault(space, address, access)


def frame_of(space: AddressSpace, address: u64) -> u64:
    """Returns the frame mapped at an address, 0 for none."""
    place = space.tables.find(address)
    return 0 if place == 0 else entry_address(read_entry(place))


def can_write(space: AddressSpace, address: u64) -> bool:
    """Whether the entry of an address lets the program write."""
    place = space.tables.find(address)
    return place != 0 and is_writable_entry(read_entry(place))


def entry_of(space: AddressSpace, address: u64) -> u64:
    """Returns the entry of an address, 0 for none."""
    place = space.tables.find(address)
    return 0 if place == 0 else read_entry(place)


def read_byte(frame: u64, offset: u64) -> u8:
    """Reads a frame's byte."""
    return span_at(u8, linear_address(frame), PAGE_SIZE)[offset]


def write_byte(frame: u64, offset: u64, value: u8) -> None:
    """Writes a frame's byte."""
    span_at(u8, linear_address(frame), PAGE_SIZE)[offset] = value


@raises()
def map_registers(rig: Rig, address: u64) -> u64:
    """Maps a device."""
    return rig.space.map_device(address, PAGE_SIZE)


@raises()
def new_stack(rig: Rig) -> u64:
    """Returns the top of a kernel stack."""
    return rig.space.alloc_stack()


def free_stack(rig: Rig, top: u64) -> None:
    """Takes a kernel stack back."""
    rig.space.free_stack_at(top)


def stack_frame(rig: Rig, address: u64) -> u64:
    """Returns the frame of a stack's page, 0 where none is mapped."""
    entry = read_entry(rig.space.find(address, LEAF_LEVEL))
    return entry_address(entry) if is_valid(entry) else 0
