"""Page table entries of stage 1, 4 KiB granule. Arm ARM DDI 0487, D8.3.

Tables have 512 entries of 64 bits and four levels; 0 is the root. A level 2 entry may map a block
of 2 MiB, a level 1 entry one of 1 GiB.
"""

from __future__ import annotations

from bare import u64
from kernel.arch.aarch64.layout import PhysAddr

ENTRIES = 512
LEVELS = 4

VALID = 1 << 0
TABLE = 1 << 1
"""In levels 0 to 2: points to a table. In level 3 always set."""
USER = 1 << 6
"""AP[1]: EL0 may access."""
READ_ONLY = 1 << 7
"""AP[2]."""
INNER_SHAREABLE = 3 << 8
ACCESSED = 1 << 10
NOT_GLOBAL = 1 << 11
PRIVILEGED_NO_EXECUTE = 1 << 53
USER_NO_EXECUTE = 1 << 54

ADDRESS_MASK = 0x0000_FFFF_FFFF_F000

NORMAL_MEMORY = 0 << 2
DEVICE_MEMORY = 1 << 2
"""AttrIndx: entries of MAIR_EL1, whose value is `MEMORY_ATTRIBUTES`."""
MEMORY_ATTRIBUTES = 0x04FF
"""0: Normal, write-back, allocating. 1: Device-nGnRE."""

KERNEL_COMMON = VALID | ACCESSED | INNER_SHAREABLE | USER_NO_EXECUTE
KERNEL_TEXT = KERNEL_COMMON | NORMAL_MEMORY | READ_ONLY
KERNEL_RODATA = KERNEL_TEXT | PRIVILEGED_NO_EXECUTE
KERNEL_DATA = KERNEL_COMMON | NORMAL_MEMORY | PRIVILEGED_NO_EXECUTE
KERNEL_DEVICE = KERNEL_COMMON | DEVICE_MEMORY | PRIVILEGED_NO_EXECUTE
"""Attributes of blocks; a level 3 entry adds TABLE."""

USER_PAGE = VALID | TABLE | USER | ACCESSED | INNER_SHAREABLE | NOT_GLOBAL | PRIVILEGED_NO_EXECUTE
"""A page of a program; add READ_ONLY and USER_NO_EXECUTE as its protection says."""


def entry_address(entry: u64) -> PhysAddr:
    """Returns the frame or table that a valid entry points to."""
    return entry & ADDRESS_MASK


def is_valid(entry: u64) -> bool:
    """Whether the entry maps anything."""
    return entry & VALID != 0


def is_table(entry: u64) -> bool:
    """Whether a valid entry of level 0 to 2 points to a table and not to a block."""
    return entry & TABLE != 0


def table_index(address: u64, level: u64) -> u64:
    """Returns which entry of a table of `level` leads to an address."""
    return (address >> (39 - 9 * level)) & (ENTRIES - 1)
