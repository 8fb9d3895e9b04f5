"""The registers of the translation regime EL1&0. Arm ARM DDI 0487, D17.2."""

from __future__ import annotations

from bare import u64
from bare.unsafe import asm, dsb, isb, read_system_register, write_system_register


def write_user_table(value: u64) -> None:
    """Sets TTBR0_EL1: the user's root table and ASID.

    Walks begin with the write, so all that was stored in the tables is completed before.
    """
    dsb("ishst")
    # SAFETY: the caller hands a live root table; the kernel's half is not concerned.
    write_system_register("TTBR0_EL1", value)
    isb()


def asid_limit() -> u64:
    """Returns the number of ASIDs that the CPU tells apart, 0 included."""
    asid_bits = (read_system_register("ID_AA64MMFR0_EL1") >> 4) & 0xF
    return 65536 if asid_bits == 2 else 256


def is_readable(address: u64) -> bool:
    """Whether the kernel can read an address: asks the translation hardware."""
    # SAFETY: translates without accessing; PAR_EL1 is used for nothing else.
    asm("at s1e1r, {0}", address)
    isb()
    return read_system_register("PAR_EL1") & 1 == 0
