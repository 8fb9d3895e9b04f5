"""The end of the kernel: what happened, where, and what came before.

Prints `panic: REASON`, a Python traceback from frame records and the line table, the registers,
and the log's tail, all by polling and without a lock; then ends the machine. Nothing is allocated,
and every address is probed before it is read. A panic within a panic ends at once.
"""

from __future__ import annotations

from typing import NoReturn

from bare import (
    Array,
    Bytes,
    FormatStr,
    Span,
    Writer,
    array,
    inline,
    struct,
    text,
    u8,
    u64,
    usize,
    write_to,
)
from bare.lib.line_table import LineTable
from bare.lib.traceback import RETURN_BYTES, is_caller, write_traceback
from bare.unsafe import linker_symbol, span_at
from kernel.arch.aarch64.cpu import CpuBase, this_cpu
from kernel.arch.aarch64.exceptions import Access, Fault, FaultKind, PanicHandler, TrapFrame
from kernel.arch.aarch64.interrupts import mask_interrupts
from kernel.arch.aarch64.syndrome import trap_kind
from kernel.arch.aarch64.translation import is_readable
from kernel.device.char import CharSink
from kernel.device.log import Log
from kernel.device.power import PowerSwitch

TRACEBACK_DEPTH = 48
"""Calls that are shown, the innermost ones."""
LOG_TAIL_BYTES = 1024
PIECE_BYTES = 64

TRAP_NAMES = (
    "unknown trap",
    "OverflowError",
    "IndexError",
    "ZeroDivisionError",
    "AttributeError",
    "AssertionError",
    "ValueError",
    "ReferenceError",
    "RecursionError",
    "PanicError",
    "UnreachableError",
)


@struct
class PolledWriter(Writer):
    """Sends text by polling, with carriage returns."""

    sink: CharSink | None = None

    def write(self, data: Bytes) -> None:
        """Sends bytes."""
        sink = self.sink
        if sink is None:
            return
        start: usize = 0
        for index, byte in enumerate(data):
            if byte == 0x0A:
                sink.put_now(data[start:index])
                sink.put_now(b"\r")
                start = usize(index)
        sink.put_now(data[start:])


@struct
class KernelPanic(PanicHandler):
    """Reports faults of the kernel and failures of the boot."""

    log: Log
    power: PowerSwitch
    output: PolledWriter = inline()
    is_reporting: bool = False

    def handle_kernel_fault(self, frame: TrapFrame, fault: Fault) -> None:
        """Reports a trap or a fault and ends the machine."""
        mask_interrupts()
        cpu = this_cpu()
        if self.power.is_leaving:
            self.power.fail()
        if self.is_reporting:
            self.end("panic within a panic")
        self.is_reporting = True
        self.write("\npanic: ")
        self.write_reason(cpu, fault)
        self.write_trace(frame)
        self.write_reason(cpu, fault)
        self.write_registers(frame, fault)
        self.write_log_tail()
        self.power.fail()

    def fail_boot(self, reason: FormatStr) -> NoReturn:
        """Says why the machine cannot be used and ends it. No fault of the kernel, so no
        traceback.
        """
        mask_interrupts()
        self.write("\npanic: ")
        self.write(reason)
        self.write("\n")
        self.power.fail()

    def end(self, reason: str) -> NoReturn:
        """Ends without a report."""
        self.write(f"\n{reason}\n")
        self.power.fail()

    def write(self, message: FormatStr) -> None:
        """Prints a piece."""
        write_to(self.output, message)

    def write_reason(self, cpu: CpuBase, fault: Fault) -> None:
        """Prints one line: the kind of the trap with its text, or the fault with its address."""
        kind = trap_kind(fault)
        if fault.kind == FaultKind.STACK_OVERFLOW:
            self.write("RecursionError: the kernel stack is used up\n")
        elif kind != 0:
            self.write(TRAP_NAMES[kind if kind < len(TRAP_NAMES) else 0])
            if cpu.panic_length > 0:
                self.write(f": {text(cpu.panic_text[: cpu.panic_length])}")
            self.write("\n")
        else:
            self.write(f"{fault.kind} fault: {describe_access(fault.access)} ")
            self.write(f"of {fault.address:#x}\n")

    def write_trace(self, frame: TrapFrame) -> None:
        """Prints the calls that led to the exception."""
        start = linker_symbol("bare_lines_start")
        # SAFETY: the linker script puts the table there.
        table = LineTable(span_at(u8, start, linker_symbol("bare_lines_end") - start))
        if not table.is_valid():
            self.write("no line table\n")
            return
        addresses: Array[u64] = array(TRACEBACK_DEPTH)
        count = collect_calls(frame, table, addresses)
        write_traceback(self.output, table, addresses[:count])

    def write_registers(self, frame: TrapFrame, fault: Fault) -> None:
        """Prints the frame, four registers a line."""
        self.write(f"pc {frame.pc:#018x}  sp {frame.stack_pointer:#018x}  ")
        self.write(f"status {frame.status:#010x}  syndrome {fault.syndrome:#010x}\n")
        for index in range(31):
            end = "\n" if index % 4 == 3 or index == 30 else "  "
            self.write(f"x{index:<2} {frame.registers[index]:#018x}{end}")

    def write_log_tail(self) -> None:
        """Prints the last lines of the log's ring."""
        self.write("log:\n")
        piece: Array[u8] = array(PIECE_BYTES)
        ring = self.log.ring
        position = ring.written - min(ring.written, LOG_TAIL_BYTES)
        while position < ring.written:
            count = ring.copy(position, piece)
            if count == 0:
                break
            self.output.write(piece[:count])
            position = max(position, ring.oldest()) + count


def collect_calls(frame: TrapFrame, table: LineTable, addresses: Span[u64]) -> usize:
    """Sets the addresses of the calls before an exception, innermost first; returns how many."""
    addresses[0] = frame.pc
    count: usize = 1
    record = frame.registers[29]
    link = frame.registers[30]
    if link > RETURN_BYTES and is_caller(table, frame.pc, link, saved_link(record)):
        addresses[1] = link - RETURN_BYTES
        count = 2
    while count < len(addresses):
        link = saved_link(record)
        if link <= RETURN_BYTES:
            break
        addresses[count] = link - RETURN_BYTES
        count += 1
        # SAFETY: `saved_link` has probed the record.
        record = span_at(u64, record, 1)[0]
    return count


def saved_link(record: u64) -> u64:
    """Returns the return address in a frame record, 0 where no record can be read."""
    if record % 16 != 0 or not is_readable(record):
        return 0
    # SAFETY: probed, and a record does not cross a page.
    return span_at(u64, record, 2)[1]


def describe_access(access: Access) -> str:
    """Returns the verb of an access."""
    match access:
        case Access.READ:
            return "read"
        case Access.WRITE:
            return "write"
        case Access.EXECUTE:
            return "execution"
