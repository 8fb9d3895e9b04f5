"""The part of a GIC distributor that versions 2 and 3 share. GICv2 spec IHI 0048B, 4.3; GICv3 IHI
0069H, 12.9.

Interrupt numbers below 32 belong to one CPU each; the others are shared.
"""

from __future__ import annotations

from bare import u8, u32
from bare.registers import MmioBlock, Register, bit, bits, ro, rw, rw_array

PRIVATE_IRQS = 32
WORD_BITS = 32
PRIORITY: u8 = 0xA0
"""One priority for all interrupts: none preempts another."""
LARGEST_COUNT = 1020
"""Numbers from here on are special."""


class DistributorControl(Register, width=32):
    """GICD_CTLR, with a single security state or from the non-secure one."""

    enable_group_0 = bit(0)
    enable_group_1 = bit(1)
    affinity_routing = bit(4)


class DistributorType(Register, width=32):
    """GICD_TYPER."""

    lines = bits(4, 0)
    """Interrupts are 32 * (lines + 1)."""


class Distributor(MmioBlock, size=0x1_0000):
    """The registers that we use; arrays begin with the private interrupts."""

    control = rw(0x000, DistributorControl)
    type = ro(0x004, DistributorType)
    group = rw_array(0x080, 32, u32)
    enable_set = rw_array(0x100, 32, u32)
    enable_clear = rw_array(0x180, 32, u32)
    priority = rw_array(0x400, 1024, u8)
    target = rw_array(0x800, 1024, u8)
    """Version 2 only: a bit for each CPU."""


def irq_count(distributor: Distributor) -> u32:
    """Returns the number of interrupts that the distributor has."""
    return min(32 * (u32(distributor.type.read().lines) + 1), LARGEST_COUNT)
