"""Power State Coordination Interface: power off and reset by firmware. DEN 0022F, 5."""

from __future__ import annotations

from typing import NoReturn

from bare import Enum8, u64
from bare.unsafe import asm, naked
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
            hypervisor_call(function)
        case Conduit.SMC:
            secure_monitor_call(function)
        case Conduit.NONE:
            pass


@naked
def hypervisor_call(function: u64) -> None:
    """Calls the hypervisor."""
    # SAFETY: firmware changes no more registers than a function call does (SMCCC, DEN 0028).
    asm("""
        hvc #0
        ret
    """)


@naked
def secure_monitor_call(function: u64) -> None:
    """Calls the secure monitor."""
    # SAFETY: as above; SMC #0 by its code, which the assembler wants a CPU with EL3 for.
    asm("""
        .inst 0xd4000003
        ret
    """)


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
