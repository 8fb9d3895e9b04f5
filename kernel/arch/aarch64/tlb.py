"""Invalidation of translations. Arm ARM DDI 0487, D8.14.

The forms for all CPUs of the inner shareable domain are used throughout: right whatever runs where.
`docs/decisions/tlb-policy.md` has the costs.
"""

from __future__ import annotations

from bare import u64
from bare.unsafe import asm, dmb, dsb, isb
from kernel.arch.aarch64.layout import PAGE_SHIFT

ASID_SHIFT = 48
PAGE_MASK = (1 << 44) - 1


def order_tables() -> None:
    """Keeps what was written to a new table before the entry that will link it: a table walker of
    any CPU that follows the entry finds what the table holds.
    """
    dmb("ishst")


def publish_tables() -> None:
    """Makes entries that were invalid before visible to the table walkers of all CPUs."""
    dsb("ishst")
    isb()


def flush_page(asid: u64, address: u64) -> None:
    """Forgets one page of an address space; the entry was changed before."""
    dsb("ishst")
    # SAFETY: only drops cached translations.
    asm("tlbi vale1is, {0}", (asid << ASID_SHIFT) | ((address >> PAGE_SHIFT) & PAGE_MASK))
    dsb("ish")
    isb()


def flush_address_space(asid: u64) -> None:
    """Forgets every page of an address space."""
    dsb("ishst")
    # SAFETY: only drops cached translations.
    asm("tlbi aside1is, {0}", asid << ASID_SHIFT)
    dsb("ish")
    isb()


def flush_kernel_page(address: u64) -> None:
    """Forgets a page of the kernel's half."""
    dsb("ishst")
    # SAFETY: only drops cached translations.
    asm("tlbi vaae1is, {0}", (address >> PAGE_SHIFT) & PAGE_MASK)
    dsb("ish")
    isb()


def flush_all() -> None:
    """Forgets everything, on all CPUs."""
    dsb("ishst")
    # SAFETY: only drops cached translations.
    asm("tlbi vmalle1is")
    dsb("ish")
    isb()
