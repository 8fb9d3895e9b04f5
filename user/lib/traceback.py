"""The traceback of a program that trapped, from its own line table and its chain of frames."""

from __future__ import annotations

from abi.trap import (
    TRAP_ACCESS,
    TRAP_ALIGNMENT,
    TRAP_BREAKPOINT,
    TRAP_BUS,
    TRAP_FETCH,
    TRAP_INSTRUCTION,
    TRAP_STACK,
)
from bare import Array, Bytes, Writer, array, load_u32, struct, text, u8, u64, usize, write_to
from bare.lib.line_table import LineTable
from bare.lib.traceback import RETURN_BYTES, is_caller, write_traceback
from bare.lib.trap_names import trap_name
from bare.unsafe import Pointer, linker_symbol, span_at
from user.lib.standard import standard

SHOWN_FRAMES = 32
COUNTED_FRAMES = 1_000_000
FRAME_ALIGNMENT = 16
WORD_BYTES = 8
HEAD_BYTES = 8
SIZE_OFFSET = 4
FIRST_FAULT_KIND: u64 = 16
NULL_PAGE: u64 = 4096


@struct
class Calls:
    """Code addresses of the innermost calls, and how many more there are."""

    count: usize = 0
    hidden: usize = 0
    addresses: Array[u64] = array(SHOWN_FRAMES)

    def add(self, address: u64) -> None:
        """Keeps an address, or counts it where there is no room."""
        if self.count < SHOWN_FRAMES:
            self.addresses[self.count] = address
            self.count += 1
        else:
            self.hidden += 1

    def return_address(self, frame: u64) -> u64:
        """Reads where the function of a frame record returns to; 0 for no record."""
        if frame == 0 or frame % FRAME_ALIGNMENT != 0:
            return 0
        # SAFETY: as in `walk`.
        return Pointer[u64](frame + WORD_BYTES).load()

    def walk(self, first: u64) -> None:
        """Follows the chain of frame records: each is higher on the stack than the one before."""
        frame = first
        for _ in range(COUNTED_FRAMES):
            if frame == 0 or frame % FRAME_ALIGNMENT != 0:
                return
            # SAFETY: compiled code keeps the chain; where it is broken the fault ends the process.
            following = Pointer[u64](frame).load()
            returns_to = Pointer[u64](frame + WORD_BYTES).load()
            if returns_to == 0:
                return
            self.add(returns_to - RETURN_BYTES)
            if following <= frame:
                return
            frame = following


def print_traceback(
    writer: Writer, kind: u64, address: u64, pc: u64, frame: u64, link: u64
) -> None:
    """Writes heading, one entry a call with the most recent last, and the line that says what.

    `kind` is a number of `abi/trap.py`, `address` what a fault could not reach, `frame` the frame
    pointer and `link` the link register at the trap: a function that calls nothing keeps no frame
    record, so that its caller may be known from `link` alone.
    """
    calls = Calls()
    calls.add(pc)
    table = LineTable(line_table_bytes())
    if is_caller(table, pc, link, calls.return_address(frame)):
        calls.add(link - RETURN_BYTES)
    calls.walk(frame)
    write_traceback(writer, table, calls.addresses[: calls.count])
    if calls.hidden > 0:
        write_to(writer, f"  [{calls.hidden} earlier calls are not shown]\n")
    print_last_line(writer, kind, address)


def print_last_line(writer: Writer, kind: u64, address: u64) -> None:
    """Writes the kind of the trap and what is known beyond it."""
    if kind == TRAP_STACK:
        write_to(writer, "RecursionError: the stack is full\n")
    elif kind == TRAP_ACCESS and address < NULL_PAGE:
        write_to(writer, f"AttributeError: null reference, address {address:#x}\n")
    elif kind >= FIRST_FAULT_KIND:
        write_to(writer, f"{fault_name(kind)}: address {address:#x}\n")
    else:
        write_to(writer, trap_name(kind))
        message = standard().trap_text.content()
        if len(message) > 0:
            write_to(writer, f": {text(message)}")
        writer.write(b"\n")


def fault_name(kind: u64) -> str:
    """Returns what a fault of the processor is called."""
    if kind == TRAP_ACCESS:
        return "AccessError"
    if kind == TRAP_FETCH:
        return "FetchError"
    if kind == TRAP_BUS:
        return "BusError"
    if kind == TRAP_ALIGNMENT:
        return "AlignmentError"
    if kind == TRAP_INSTRUCTION:
        return "InstructionError"
    if kind == TRAP_BREAKPOINT:
        return "BreakpointError"
    return "FaultError"


def line_table_bytes() -> Bytes:
    """Views the line table that the linker put beside the code."""
    start = linker_symbol("bare_line_table")
    # SAFETY: the table is read-only data of this program; its head says how long it is.
    size = load_u32(span_at(u8, start, HEAD_BYTES), SIZE_OFFSET)
    return span_at(u8, start, size)
