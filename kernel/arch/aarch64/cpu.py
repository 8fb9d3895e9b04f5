"""Per-CPU state that exceptions and locks need, found through TPIDR_EL1.

`kernel/sched/cpu.py` derives the full `Cpu` from this class: base fields come first, so both views
are of one object. Call the accessors at entry points only and pass the object down.
"""

from __future__ import annotations

from bare import Array, array, struct, u8, u32, u64
from bare.unsafe import object_at, read_system_register, write_system_register
from kernel.arch.aarch64.exceptions import PanicHandler, TrapHandlers

PANIC_TEXT_BYTES = 200
"""Longer messages are cut."""


@struct
class CpuBase:
    """What the lowest layers keep for one CPU. Only that CPU writes it, with interrupts masked."""

    emergency_stack: u64 = 0
    """Top of the stack on which a kernel stack overflow is reported. Vectors read it: first field.
    """
    number: u32 = 0
    """0 for the boot CPU; an index below the number of CPUs in the device tree."""
    held_locks: u32 = 0
    """Debug builds: one bit for each class of spin lock held."""
    user_space: u64 = 0
    """What TTBR0_EL1 holds: table and ASID of the running address space; 0 for none."""
    handlers: TrapHandlers | None = None
    """Set before the first program and the first interrupt."""
    panic_handler: PanicHandler | None = None
    """Set by the first lines of `kernel_main`."""
    panic_length: u32 = 0
    panic_text: Array[u8] = array(PANIC_TEXT_BYTES)
    """What a failed `assert` or `panic()` said, until its trap is taken."""


def this_cpu() -> CpuBase:
    """Returns the CPU that runs this code. The thread may move unless interrupts are masked."""
    # SAFETY: `install_cpu` stored the address of an object that lives for ever.
    return object_at(CpuBase, this_cpu_address())


def this_cpu_address() -> u64:
    """Returns the address that `install_cpu` was given on this CPU."""
    return read_system_register("TPIDR_EL1")


def install_cpu(address: u64) -> None:
    """Makes the `CpuBase` at `address` this CPU's. It is never freed."""
    # SAFETY: only the kernel reads TPIDR_EL1, and what it points at lives for ever.
    write_system_register("TPIDR_EL1", address)
