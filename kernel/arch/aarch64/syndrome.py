"""ESR_EL1: why an exception was taken. Arm ARM DDI 0487, D17.2.37."""

from __future__ import annotations

from bare import u32, u64, wrap_u32
from kernel.arch.aarch64.exceptions import Access, Fault, FaultKind

CLASS_SHIFT = 26
CLASS_ILLEGAL_STATE = 0x0E
CLASS_SVC = 0x15
CLASS_INSTRUCTION_ABORT_LOWER = 0x20
CLASS_INSTRUCTION_ABORT_SAME = 0x21
CLASS_PC_ALIGNMENT = 0x22
CLASS_DATA_ABORT_LOWER = 0x24
CLASS_DATA_ABORT_SAME = 0x25
CLASS_SP_ALIGNMENT = 0x26
CLASS_FLOATING_POINT = 0x2C
CLASS_BREAKPOINT_LOWER = 0x30
CLASS_WATCHPOINT_SAME = 0x35
CLASS_BRK = 0x3C

WRITE_NOT_READ = 1 << 6
CACHE_MAINTENANCE = 1 << 8
STATUS_MASK = 0x3F
STATUS_ALIGNMENT = 0x21

BRK_TRAPS = 0x5500
"""Immediates 0x5500 to 0x55FF are the language's traps; the low byte is the kind."""


def syndrome_class(syndrome: u64) -> u64:
    """Returns the exception class."""
    return (syndrome >> CLASS_SHIFT) & 0x3F


def decode_fault(fault: Fault, syndrome: u64, address: u64, pc: u64) -> None:
    """Fills in `fault` from ESR_EL1, FAR_EL1 and ELR_EL1."""
    fault.syndrome = syndrome
    fault.address = pc
    fault.access = Access.READ
    kind = syndrome_class(syndrome)
    if kind in (CLASS_DATA_ABORT_LOWER, CLASS_DATA_ABORT_SAME):
        fault.address = address
        is_write = syndrome & WRITE_NOT_READ != 0 and syndrome & CACHE_MAINTENANCE == 0
        fault.access = Access.WRITE if is_write else Access.READ
        fault.kind = abort_kind(syndrome)
    elif kind in (CLASS_INSTRUCTION_ABORT_LOWER, CLASS_INSTRUCTION_ABORT_SAME):
        fault.address = address
        fault.access = Access.EXECUTE
        fault.kind = abort_kind(syndrome)
    elif kind == CLASS_BRK:
        fault.kind = FaultKind.BREAKPOINT
        fault.comment = wrap_u32(syndrome & 0xFFFF)
    else:
        fault.kind = other_kind(kind)


def abort_kind(syndrome: u64) -> FaultKind:
    """Returns why a memory access was aborted, by its fault status code."""
    status = syndrome & STATUS_MASK
    if status == STATUS_ALIGNMENT:
        return FaultKind.ALIGNMENT
    match status >> 2:
        case 1 | 2:
            return FaultKind.TRANSLATION
        case 3:
            return FaultKind.PERMISSION
        case _:
            return FaultKind.BUS


def other_kind(kind: u64) -> FaultKind:
    """Returns the kind of a fault that concerns no memory, by its exception class."""
    if kind in (CLASS_PC_ALIGNMENT, CLASS_SP_ALIGNMENT):
        return FaultKind.ALIGNMENT
    if kind == CLASS_FLOATING_POINT:
        return FaultKind.FLOATING_POINT
    if kind == CLASS_ILLEGAL_STATE:
        return FaultKind.ILLEGAL_STATE
    if CLASS_BREAKPOINT_LOWER <= kind <= CLASS_WATCHPOINT_SAME:
        return FaultKind.DEBUG
    # Trapped system registers, WFx, floating point off, and true undefined instructions.
    return FaultKind.UNDEFINED


def trap_kind(fault: Fault) -> u32:
    """Returns the number of the language's trap that a fault is, 0 where it is none."""
    if fault.kind != FaultKind.BREAKPOINT or fault.comment & 0xFF00 != BRK_TRAPS:
        return 0
    return fault.comment & 0xFF
