"""Runtime of programs compiled for bare AArch64 under QEMU: `-M virt -semihosting`, one CPU at EL1.

The start code maps the first two GiB one to one (devices; RAM as normal memory, with a hole below
the stack so that endless recursion faults), turns floating point on and calls the program. Output
and exit go through semihosting (Arm Semihosting for AArch32 and AArch64, 2.0). The program
runs on SP_EL0; an exception comes in on SP_EL1, prints the last line of the traceback and ends
QEMU with 100 plus the trap's number.
"""

from __future__ import annotations

from typing import NoReturn

from bare import (
    Array,
    Bytes,
    FormatStr,
    array,
    export,
    program,
    struct,
    u8,
    u32,
    u64,
    usize,
    write_to,
)
from bare.lib.trap_names import trap_name
from bare.lib.writer import Writer
from bare.unsafe import address_of, asm, linker_symbol, naked, section, static_object

SYS_OPEN = 0x01
SYS_WRITE = 0x05
SYS_EXIT_EXTENDED = 0x20
EXIT_REASON = 0x20026
MODE_WRITE = 4

TRAP_STATUS = 100
FAULT_STATUS = 99
BUFFER_BYTES = 512

CLASS_SHIFT = 26
CLASS_DATA_ABORT = 0x25
CLASS_BRK = 0x3C
BRK_BASE = 0x5500
BRK_MASK = 0xFF00
RECURSION = 8
STACK_HOLE_BYTES = 0x20_0000


@struct
class Request:
    """The parameter block of a semihosting call."""

    first: u64
    second: u64
    third: u64


@struct
class Console:
    """The handle of standard output; 0 until it is opened."""

    handle: u64


def semihosting_call(number: u32, request: Request) -> u64:
    """Makes a semihosting call and returns its result."""
    # SAFETY: QEMU reads the block at x1 and changes x0 alone.
    return asm("hlt #0xf000", x0=u64(number), x1=address_of(request), out=u64, out_register="x0")


def console_handle() -> u64:
    """Returns the handle of QEMU's semihosting console, opened at the first use."""
    # SAFETY: one CPU, and no interrupt or exception handler that prints before the end.
    console = static_object(Console)
    if console.handle == 0:
        name = b":tt\0"
        console.handle = semihosting_call(SYS_OPEN, Request(address_of(name), MODE_WRITE, 3))
    return console.handle


@struct
class OutputWriter(Writer):
    """Collects pieces of a message and writes them to the console."""

    used: usize = 0
    buffer: Array[u8] = array(BUFFER_BYTES)

    def write(self, data: Bytes) -> None:
        """Takes `data`; full buffers are written on the way."""
        position: usize = 0
        while position < len(data):
            if self.used == BUFFER_BYTES:
                self.flush()
            count = min(len(data) - position, BUFFER_BYTES - self.used)
            part = data[position : position + count]
            self.buffer[self.used : self.used + count].copy_from(part)
            self.used += count
            position += count

    def flush(self) -> None:
        """Writes what was collected."""
        request = Request(console_handle(), address_of(self.buffer), self.used)
        semihosting_call(SYS_WRITE, request)
        self.used = 0


def print_message(message: FormatStr) -> None:
    """What `print` becomes."""
    output = OutputWriter()
    write_to(output, message)
    output.flush()


def trap_message(kind: u8, message: FormatStr) -> None:
    """Prints the last line of the traceback of a trap with a text, and ends QEMU."""
    print_message(f"{trap_name(u64(kind))}: ")
    print_message(message)
    print_message("\n")
    leave(TRAP_STATUS + u64(kind))


def leave(status: u64) -> NoReturn:
    """Ends QEMU with an exit status."""
    while True:
        semihosting_call(SYS_EXIT_EXTENDED, Request(EXIT_REASON, status, 0))


@export("bare_exception")
def handle_exception(syndrome: u64, fault: u64, pc: u64) -> NoReturn:
    """Ends the program after a trap instruction or a fault; the stack's hole means recursion."""
    reason = syndrome >> CLASS_SHIFT
    kind: u64 = 0
    if reason == CLASS_BRK and syndrome & BRK_MASK == BRK_BASE:
        kind = syndrome & 0xFF
    elif reason == CLASS_DATA_ABORT and is_stack_hole(fault):
        kind = RECURSION
    if kind == 0:
        print_message(f"fault: syndrome {syndrome:#x} address {fault:#x} pc {pc:#x}\n")
        leave(FAULT_STATUS)
    print_message(f"{trap_name(kind)}\n")
    leave(TRAP_STATUS + kind)


def is_stack_hole(address: u64) -> bool:
    """Whether an address lies in the unmapped block below the stack."""
    bottom = linker_symbol("bare_stack_bottom")
    return bottom - STACK_HOLE_BYTES <= address < bottom


@export("bare_run")
def run() -> NoReturn:
    """Runs the program and ends QEMU with status 0."""
    program.main()
    leave(0)


@export("_start")
@section(".text.start")
@naked
def start() -> None:
    """Sets up tables, floating point, vectors and stacks, and calls `bare_run`.

    Level 1 entries are GiB blocks, but for the one with RAM, whose level 2 table has 2 MiB blocks
    (Arm ARM DDI 0487, D8.3). TCR_EL1: 39-bit addresses, 4 KiB granule. MAIR_EL1: 0 device,
    1 normal memory.
    """
    # SAFETY: the first instructions of the program; nothing else runs.
    asm("""
        adrp x0, bare_level1
        add x0, x0, :lo12:bare_level1
        adrp x1, bare_level2
        add x1, x1, :lo12:bare_level2
        mov x2, #0x401
        str x2, [x0]
        orr x2, x1, #3
        str x2, [x0, #8]
        mov x2, #0x40000000
        mov x3, #0x705
        mov x4, #0
    1:  add x5, x2, x4, lsl #21
        orr x5, x5, x3
        str x5, [x1, x4, lsl #3]
        add x4, x4, #1
        cmp x4, #512
        b.ne 1b
        adrp x2, bare_stack_hole
        ubfx x2, x2, #21, #9
        str xzr, [x1, x2, lsl #3]
        mov x2, #0xff00
        msr mair_el1, x2
        mov x2, #0x3519
        movk x2, #0x1, lsl #32
        msr tcr_el1, x2
        msr ttbr0_el1, x0
        mov x2, #0x300000
        msr cpacr_el1, x2
        adrp x2, bare_vectors
        add x2, x2, :lo12:bare_vectors
        msr vbar_el1, x2
        dsb ish
        isb
        mrs x2, sctlr_el1
        orr x2, x2, #1
        orr x2, x2, #4
        orr x2, x2, #0x1000
        msr sctlr_el1, x2
        isb
        adrp x2, bare_exception_stack
        mov sp, x2
        msr spsel, #0
        adrp x2, bare_stack_top
        mov sp, x2
        mov x29, xzr
        mov x30, xzr
        b bare_run
    """)


@export("bare_vectors")
@section(".text.vectors")
@naked
def vectors() -> None:
    """The vector table: every exception is the end (Arm ARM DDI 0487, D1.3.1)."""
    # SAFETY: entered by the CPU alone.
    asm("""
        .rept 16
        .balign 128
        msr spsel, #1
        mrs x0, esr_el1
        mrs x1, far_el1
        mrs x2, elr_el1
        mov x29, xzr
        b bare_exception
        .endr
    """)
