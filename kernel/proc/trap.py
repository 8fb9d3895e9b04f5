"""Traps of programs: to the program's own trap entry first, else a signal.

`docs/decisions/program-traps.md` says why: only the program has the line table from which a Python
traceback is printed.
"""

from __future__ import annotations

from abi.signal import (
    BUS_ADRALN,
    BUS_ADRERR,
    ILL_ILLOPC,
    SEGV_ACCERR,
    SEGV_MAPERR,
    SIG_DFL,
    SIGBUS,
    SIGILL,
    SIGKILL,
    SIGSEGV,
    SIGTRAP,
    TRAP_BRKPT,
)
from abi.trap import (
    TRAP_ACCESS,
    TRAP_ALIGNMENT,
    TRAP_BREAKPOINT,
    TRAP_BUS,
    TRAP_FETCH,
    TRAP_INSTRUCTION,
    TRAP_STACK,
)
from bare import i32, struct, u64
from kernel.arch.aarch64.exceptions import Access, Fault, FaultKind, TrapFrame
from kernel.arch.aarch64.layout import USER_STACK_TOP
from kernel.mm.page_fault import FaultResult
from kernel.params import STACK_GROWTH_LIMIT
from kernel.proc.process import Process
from kernel.proc.signal_state import SignalDetail, signal_bit
from kernel.proc.table import ProcessTable

LANGUAGE_TRAP_MASK: u64 = 0xFF00
LANGUAGE_TRAP_BASE: u64 = 0x5500
STACK_MARGIN: u64 = 1 << 20
"""An access this far below the stack's limit is still taken for an overflow."""


@struct
class ProgramTrap:
    """What went wrong in a program."""

    kind: u64 = 0
    """The language's kind, or TRAP_* of `abi/trap.py`."""
    address: u64 = 0
    signal: i32 = 0
    code: i32 = 0
    """The `si_code`."""


def describe_fault(fault: Fault, result: FaultResult, trap: ProgramTrap) -> None:
    """Fills in what a fault means; `result` is why paging could not resolve it."""
    trap.address = fault.address
    match fault.kind:
        case FaultKind.BREAKPOINT:
            describe_breakpoint(fault, trap)
        case FaultKind.DEBUG:
            set_trap(trap, TRAP_BREAKPOINT, SIGTRAP, TRAP_BRKPT)
        case FaultKind.ALIGNMENT:
            set_trap(trap, TRAP_ALIGNMENT, SIGBUS, BUS_ADRALN)
        case FaultKind.BUS:
            set_trap(trap, TRAP_BUS, SIGBUS, BUS_ADRERR)
        case FaultKind.TRANSLATION | FaultKind.PERMISSION:
            describe_access(fault, result, trap)
        case _:
            set_trap(trap, TRAP_INSTRUCTION, SIGILL, ILL_ILLOPC)


def describe_breakpoint(fault: Fault, trap: ProgramTrap) -> None:
    """Tells the language's traps from other breakpoints."""
    comment = u64(fault.comment)
    kind = TRAP_BREAKPOINT
    if comment & LANGUAGE_TRAP_MASK == LANGUAGE_TRAP_BASE:
        kind = comment - LANGUAGE_TRAP_BASE
    set_trap(trap, kind, SIGTRAP, TRAP_BRKPT)


def describe_access(fault: Fault, result: FaultResult, trap: ProgramTrap) -> None:
    """Describes an access to memory that could not be made possible."""
    if result == FaultResult.BEYOND_FILE:
        set_trap(trap, TRAP_BUS, SIGBUS, BUS_ADRERR)
    elif result == FaultResult.NO_MEMORY:
        set_trap(trap, TRAP_ACCESS, SIGKILL, 0)
    elif fault.access == Access.EXECUTE:
        set_trap(trap, TRAP_FETCH, SIGSEGV, SEGV_ACCERR)
    elif result == FaultResult.NOT_ALLOWED:
        set_trap(trap, TRAP_ACCESS, SIGSEGV, SEGV_ACCERR)
    elif is_stack_overflow(fault.address):
        set_trap(trap, TRAP_STACK, SIGSEGV, SEGV_MAPERR)
    else:
        set_trap(trap, TRAP_ACCESS, SIGSEGV, SEGV_MAPERR)


def is_stack_overflow(address: u64) -> bool:
    """Whether an access lies just below where the stack may not grow any further."""
    limit: u64 = USER_STACK_TOP - STACK_GROWTH_LIMIT
    return limit - STACK_MARGIN <= address < limit


def set_trap(trap: ProgramTrap, kind: u64, signal: i32, code: i32) -> None:
    """Fills in a trap."""
    trap.kind = kind
    trap.signal = signal
    trap.code = code


def raise_trap(
    table: ProcessTable, process: Process, frame: TrapFrame, trap: ProgramTrap
) -> None:
    """Sends the running program to its trap entry, or makes the signal pending for it."""
    entry = process.trap
    if entry.entry != 0 and entry.signal == 0 and trap.signal != SIGKILL:
        entry.signal = trap.signal
        enter_trap_entry(process, frame, trap)
        return
    with table.lock:
        force_signal(process, trap)


def enter_trap_entry(process: Process, frame: TrapFrame, trap: ProgramTrap) -> None:
    """Starts the program's trap entry on its own stack."""
    frame.registers[4] = frame.registers[30]
    frame.registers[3] = frame.registers[29]
    frame.registers[2] = frame.pc
    frame.registers[1] = trap.address
    frame.registers[0] = trap.kind
    frame.pc = process.trap.entry
    frame.stack_pointer = process.trap.stack_top


def force_signal(process: Process, trap: ProgramTrap) -> None:
    """Makes a signal pending that cannot be ignored: a blocked or ignored one ends the process.

    Table lock held.
    """
    signals = process.signals
    bit = signal_bit(trap.signal)
    if signals.blocked & bit != 0 or signals.is_ignored(trap.signal):
        signals.action(trap.signal).handler = SIG_DFL
        signals.blocked &= signals.blocked ^ bit
    signals.add(trap.signal, SignalDetail(code=trap.code, address=trap.address))
    thread = process.thread
    if thread is not None:
        thread.must_interrupt = True
