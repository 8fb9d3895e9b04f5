"""What instructions the CPU has beyond the base architecture, as programs are told of them."""

from __future__ import annotations

from abi.process import (
    HWCAP_AES,
    HWCAP_ASIMD,
    HWCAP_ASIMDDP,
    HWCAP_ATOMICS,
    HWCAP_CRC32,
    HWCAP_FP,
    HWCAP_PMULL,
    HWCAP_SHA1,
    HWCAP_SHA2,
)
from bare import u64
from bare.unsafe import read_system_register


def program_features() -> u64:
    """Returns AT_HWCAP of this CPU. Arm ARM DDI 0487, D19.2 (ID_AA64ISAR0_EL1)."""
    found = HWCAP_FP | HWCAP_ASIMD
    isar = read_system_register("ID_AA64ISAR0_EL1")
    if isar >> 4 & 15 >= 1:
        found |= HWCAP_AES
    if isar >> 4 & 15 >= 2:
        found |= HWCAP_PMULL
    if isar >> 8 & 15 >= 1:
        found |= HWCAP_SHA1
    if isar >> 12 & 15 >= 1:
        found |= HWCAP_SHA2
    if isar >> 16 & 15 >= 1:
        found |= HWCAP_CRC32
    if isar >> 20 & 15 >= 2:
        found |= HWCAP_ATOMICS
    if isar >> 44 & 15 >= 1:
        found |= HWCAP_ASIMDDP
    return found
