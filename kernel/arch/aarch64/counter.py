"""The virtual counter, for times before there is a clock. Arm ARM DDI 0487, D11.1."""

from __future__ import annotations

from bare import u64
from bare.unsafe import read_system_register

MICROSECONDS = 1_000_000


def microseconds_since(start: u64) -> u64:
    """Returns the time since the counter read `start`; 0 where its frequency is not known."""
    frequency = read_system_register("CNTFRQ_EL0")
    if frequency == 0:
        return 0
    return (read_system_register("CNTVCT_EL0") - start) * MICROSECONDS // frequency
