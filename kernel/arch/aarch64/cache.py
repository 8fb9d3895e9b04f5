"""Coherence of data and instruction caches. Arm ARM DDI 0487, B2.4.4.

Devices and copies write code as data; before a program runs it, data must reach the point of
unification and old instructions must go.
"""

from __future__ import annotations

from bare import u64
from bare.unsafe import asm, dsb, isb, read_system_register
from kernel.arch.aarch64.layout import VirtAddr

IDC = 1 << 28
DIC = 1 << 29
"""CTR_EL0: data need not be cleaned, instructions need not be invalidated."""


def make_executable(address: VirtAddr, size: u64) -> None:
    """Makes what was written to memory visible to instruction fetches of all CPUs."""
    cache_type = read_system_register("CTR_EL0")
    if cache_type & IDC == 0:
        line = u64(4) << ((cache_type >> 16) & 0xF)
        place = address
        while place < address + size:
            # SAFETY: cleans a line of memory that the caller owns.
            asm("dc cvau, {0}", place)
            place += line
    dsb("ish")
    if cache_type & DIC == 0:
        # SAFETY: only drops cached instructions.
        asm("ic ialluis")
        dsb("ish")
    isb()
