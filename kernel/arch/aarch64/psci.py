"""Power State Coordination Interface: power off and reset by firmware. DEN 0022F, 5."""

from __future__ import annotations

from typing import NoReturn

from bare import Enum8, u64
from bare.unsafe import asm
from kernel.arch.aarch64.interrupts import mask_interrupts, wait_for_interrupt

SYSTEM_OFF = 0x8400_0008
SYSTEM_RESET = 0x8400_0009


class Conduit(Enum8):
    """The instruction that calls the firmware, as the device tree's `psci` node says."""

    NONE = 0
    HVC = 1
    SMC = 2


def call_firmware(conduit: Conduit, function: u64) -> None:
    """Calls a function without arguments; returns if the firmware does not know it."""
    match conduit:
        case Conduit.HVC:
            # SAFETY: SMC calling convention: x0 to x17 may change.
            asm("hvc #0", x0=function, clobbers=CLOBBERS)
        case Conduit.SMC:
            # SAFETY: as above.
            asm("smc #0", x0=function, clobbers=CLOBBERS)
        case Conduit.NONE:
            pass


CLOBBERS = (
    "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9",
    "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
)  # fmt: skip
"""What the firmware may change besides x0."""


def power_off(conduit: Conduit) -> NoReturn:
    """Switches the machine off; stops the CPU where there is no firmware that can."""
    call_firmware(conduit, SYSTEM_OFF)
    stop_cpu()


def reset(conduit: Conduit) -> NoReturn:
    """Restarts the machine; stops the CPU where there is no firmware that can."""
    call_firmware(conduit, SYSTEM_RESET)
    stop_cpu()


def stop_cpu() -> NoReturn:
    """Does nothing for ever, with interrupts masked."""
    mask_interrupts()
    while True:
        wait_for_interrupt()
