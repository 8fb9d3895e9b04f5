"""TPIDR_EL0: the register in which a program keeps the address of its thread's data."""

from __future__ import annotations

from bare import u64
from bare.unsafe import read_system_register, write_system_register


def read_thread_pointer() -> u64:
    """Returns the running program's thread pointer."""
    return read_system_register("TPIDR_EL0")


def write_thread_pointer(value: u64) -> None:
    """Sets the running program's thread pointer."""
    # SAFETY: the kernel never follows TPIDR_EL0; it is the program's own.
    write_system_register("TPIDR_EL0", value)
