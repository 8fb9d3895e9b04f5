"""Runtime of programs compiled for bare AArch64 under QEMU: `-M virt -semihosting`, one CPU at EL1.

The start code maps the first two GiB one to one (devices; RAM as normal memory, with a hole below
the stack so that endless recursion faults), turns floating point on and calls the program. Output
and exit go through semihosting (Arm Semihosting for AArch32 and AArch64, 2.0). The program
runs on SP_EL0; an exception comes in on SP_EL1, prints a traceback from the line table and ends
QEMU with 100 plus the trap's number.
"""

from __future__ import annotations

from typing import NoReturn

from bare import (
    Array,
    Bytes,
    FormatStr,
    Writer,
    array,
    export,
    load_u32,
    program,
    struct,
    text,
    u8,
    u32,
    u64,
    usize,
    write_to,
)
from bare.lib.line_table import LineTable
from bare.lib.traceback import RETURN_BYTES, is_caller, write_traceback
from bare.lib.trap_names import trap_name
from bare.unsafe import (
    Pointer,
    address_of,
    asm,
    linker_symbol,
    naked,
    section,
    span_at,
    static_object,
)
from compiler.runtime.writers import BufferedWriter, TrapText

SYS_OPEN = 0x01
SYS_WRITE = 0x05
SYS_EXIT_EXTENDED = 0x20
EXIT_REASON = 0x20026
MODE_WRITE = 4

TRAP_STATUS = 100
FAULT_STATUS = 99
SHOWN_FRAMES = 16

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
class ConsoleWriter(BufferedWriter):
    """QEMU's semihosting console."""

    def send(self, data: Bytes) -> None:
        """Writes by semihosting."""
        request = Request(console_handle(), address_of(data), len(data))
        semihosting_call(SYS_WRITE, request)


def print_message(message: FormatStr) -> None:
    """What `print` becomes."""
    output = ConsoleWriter()
    write_to(output, message)
    output.flush()


def trap_message(kind: u8, message: FormatStr) -> None:
    """Keeps the text of a trap for its last line."""
    write_to(static_text(), message)


def static_text() -> TrapText:
    """Returns the text of the trap under way."""
    # SAFETY: one CPU; written just before the program ends.
    return static_object(TrapText)


def leave(status: u64) -> NoReturn:
    """Ends QEMU with an exit status."""
    while True:
        semihosting_call(SYS_EXIT_EXTENDED, Request(EXIT_REASON, status, 0))


@export("bare_exception")
def handle_exception(syndrome: u64, fault: u64, pc: u64, frame: u64, link: u64) -> NoReturn:
    """Ends the program after a trap instruction or a fault; the stack's hole means recursion."""
    reason = syndrome >> CLASS_SHIFT
    kind: u64 = 0
    if reason == CLASS_BRK and syndrome & BRK_MASK == BRK_BASE:
        kind = syndrome & 0xFF
    elif reason == CLASS_DATA_ABORT and is_stack_hole(fault):
        kind = RECURSION
    output = ConsoleWriter()
    print_frames(output, pc, frame, link)
    if kind == 0:
        write_to(output, f"fault: syndrome {syndrome:#x} address {fault:#x} pc {pc:#x}\n")
        output.flush()
        leave(FAULT_STATUS)
    write_to(output, trap_name(kind))
    content = static_text().content()
    if len(content) > 0:
        write_to(output, f": {text(content)}")
    write_to(output, "\n")
    output.flush()
    leave(TRAP_STATUS + kind)


def print_frames(output: Writer, pc: u64, frame: u64, link: u64) -> None:
    """Prints the traceback of the innermost calls."""
    start = linker_symbol("bare_line_table")
    # SAFETY: the linker put the table there; its head says how long it is.
    table = LineTable(span_at(u8, start, load_u32(span_at(u8, start, 8), 4)))
    addresses: Array[u64] = array(SHOWN_FRAMES)
    addresses[0] = pc
    count: usize = 1
    # SAFETY: compiled code keeps the chain of frame records, and the start code ends it with 0.
    if frame != 0 and is_caller(table, pc, link, Pointer[u64](frame + 8).load()):
        addresses[count] = link - RETURN_BYTES
        count += 1
    while frame != 0 and count < SHOWN_FRAMES:
        returns_to = Pointer[u64](frame + 8).load()
        if returns_to == 0:
            break
        addresses[count] = returns_to - RETURN_BYTES
        count += 1
        frame = Pointer[u64](frame).load()
    write_traceback(output, table, addresses[:count])


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
        mov x3, x29
        mov x4, x30
        mov x29, xzr
        mov x30, xzr
        b bare_exception
        .endr
    """)
