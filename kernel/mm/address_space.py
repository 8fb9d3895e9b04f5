"""A program's memory: areas, the page tables that realise them, and what belongs to both.

Pages appear on first touch (`page_fault.py`): zeros for anonymous areas, frames of the
`PageSource` for file areas, copies when a private page is written that somebody else sees too.
After a fork parent and child share private frames read-only; the frame's reference count says who
must copy.

How to use it: `create_address_space(memory)`, then `map_area` and its kin in `area.py`, `activate`
on a CPU; `destroy` gives everything back. Locks: `lock` (ADDRESS_SPACE) guards areas, tables and
counters. It is dropped around what may block. `docs/decisions/address-spaces.md` gives the
reasons.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import allocate, inline, raises, release, struct, u64
from kernel.arch.aarch64.cpu import this_cpu
from kernel.arch.aarch64.layout import PhysAddr, UserAddr
from kernel.arch.aarch64.tlb import ASID_SHIFT
from kernel.arch.aarch64.translation import write_user_table
from kernel.mm.asid import AsidAllocator
from kernel.mm.frame import FrameAllocator
from kernel.mm.heap import KernelHeap
from kernel.mm.page_table import PageTables
from kernel.mm.vma import VmaList
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock


@struct
class Memory:
    """What all address spaces draw on. One for the kernel."""

    frames: FrameAllocator
    heap: KernelHeap
    lock: SpinLock = inline()
    # Guarded by lock.
    asids: AsidAllocator = inline()
    # Set once at boot.
    empty_table: PhysAddr = 0
    """A root table without entries, for a CPU that runs no program."""


@struct
class AddressSpace:
    """The memory of a process, shared by its threads. Lives in the heap."""

    memory: Memory
    asid: u64 = 0
    lock: SpinLock = inline()
    # Guarded by lock.
    areas: VmaList = inline()
    tables: PageTables = inline()
    resident_pages: u64 = 0
    """Pages that are mapped now."""
    mapped_pages: u64 = 0
    """Pages of all areas."""
    break_start: UserAddr = 0
    break_end: UserAddr = 0
    """The heap of `brk`, not rounded; exec sets both."""

    def activate(self) -> None:
        """Makes this the address space of the running thread. Interrupts are masked."""
        cpu = this_cpu()
        value = self.tables.root | (self.asid << ASID_SHIFT)
        if cpu.user_space != value:
            cpu.user_space = value
            write_user_table(value)

    def deactivate(self) -> None:
        """Leaves the CPU without user memory; needed before `destroy`. Interrupts are masked.

        Keeps the ASID: changing it is what costs.
        """
        value = self.memory.empty_table | (self.asid << ASID_SHIFT)
        this_cpu().user_space = value
        write_user_table(value)


@raises(ENOMEM)
def create_address_space(memory: Memory) -> AddressSpace:
    """Returns an empty address space."""
    space = allocate(memory.heap, AddressSpace)
    try:
        space.tables.create(memory.frames)
        try:
            with memory.lock:
                space.asid = memory.asids.alloc()
        except OSError:
            space.tables.destroy()
            raise
    except OSError:
        release(memory.heap, space)
        raise
    space.memory = memory
    space.lock.lock_class = LockClass.ADDRESS_SPACE
    return space
