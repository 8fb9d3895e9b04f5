"""Masking of interrupts (PSTATE.I) and waiting for one."""

from __future__ import annotations

from bare import u64
from bare.unsafe import asm, dsb, wfi

MASKED = 0x80
"""PSTATE.I in the value that `mask_interrupts` returns."""


def mask_interrupts() -> u64:
    """Masks interrupts and returns the state before, for `restore_interrupts`."""
    # SAFETY: changes PSTATE.I only.
    return asm("mrs {0}, daif\nmsr daifset, #2", out=u64)


def restore_interrupts(state: u64) -> None:
    """Puts back what `mask_interrupts` returned."""
    # SAFETY: changes PSTATE.DAIF to an earlier value of this CPU.
    asm("msr daif, {0}", state)


def unmask_interrupts() -> None:
    """Lets interrupts in: for the entry of system calls and the idle loop."""
    # SAFETY: changes PSTATE.I only.
    asm("msr daifclr, #2")


def wait_for_interrupt() -> None:
    """Stops the CPU until an interrupt is pending, masked or not."""
    dsb("sy")
    wfi()
