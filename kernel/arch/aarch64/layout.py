"""The address map: where virtual addresses lie and how they relate to physical ones.

`docs/architecture.md` has the map as a table. All RAM and all devices appear at `LINEAR_BASE` plus
their physical address, so translation between the two is an addition.
"""

from __future__ import annotations

from bare import u64

PhysAddr = u64
"""A physical address."""
VirtAddr = u64
"""An address in the kernel's half."""
UserAddr = u64
"""An address that a program gave: an allegation, only for `kernel/mm/user_copy.py`."""

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
BLOCK_SIZE = 1 << 21
"""What an entry of a level 2 table maps."""

USER_START = 0x1_0000
"""Nothing is mapped below: a null pointer with an offset faults."""
USER_END = 0x0000_8000_0000_0000
USER_STACK_TOP = 0x0000_7FFF_FFFF_0000

LINEAR_BASE = 0xFFFF_8000_0000_0000
KERNEL_LOAD = 0x4020_0000
"""Physical address that the image is linked for, and where QEMU puts it."""
STACKS_BASE = 0xFFFF_C000_0000_0000
"""Kernel stacks: slots of `STACK_SLOT` bytes, the upper half mapped."""
STACK_SIZE = 16 * 1024
STACK_SLOT = 2 * STACK_SIZE
"""Slots are aligned to their size, so bit 14 of a good stack pointer is set: vectors test it."""


def linear_address(physical: PhysAddr) -> VirtAddr:
    """Returns where the kernel sees a physical address."""
    return physical | LINEAR_BASE


def physical_address(linear: VirtAddr) -> PhysAddr:
    """Returns the physical address behind an address of the linear map."""
    return linear - LINEAR_BASE


def round_up(value: u64, alignment: u64) -> u64:
    """Returns the next multiple of a power of two."""
    return round_down(value + alignment - 1, alignment)


def round_down(value: u64, alignment: u64) -> u64:
    """Returns the last multiple of a power of two that is not above `value`."""
    return value - (value & (alignment - 1))
