"""The runtime of every program: entry, `print`, and what happens when it traps.

The kernel enters `start` with the stack pointer at argc (System V ABI, AArch64; `execve` lays the
stack out). `run` makes the standard streams ready, registers the trap entry, answers `--help` from
the program's docstring, and calls the program's `main`; its result is the exit status.

A trap (overflow, bad index, null, assertion, a fault) continues in `trap` on a stack of its own:
it prints a Python traceback and ends the program by the signal of the trap. Nothing of the program
runs again.
"""

from __future__ import annotations

from typing import NoReturn

from bare import FormatStr, export, program, u8, u64, usize, write_to
from bare.unsafe import address_of, asm, function_address, naked, static_array
from user.lib import sys
from user.lib.arguments import Arguments, word_at
from user.lib.report import leave
from user.lib.standard import standard
from user.lib.terminal import is_terminal
from user.lib.traceback import print_traceback

TRAP_STACK_BYTES = 8192
BUFFER_BYTES = 4096
ERROR_BUFFER_BYTES = 512
STDERR = 2
FAILED_STATUS = 1
WORD_BYTES = 8


@export("_start")
@naked
def start() -> None:
    """Gives `run` the stack pointer, with a frame chain that ends here."""
    # SAFETY: the kernel enters here; `run` never returns.
    asm("mov x0, sp\nmov x29, xzr\nmov x30, xzr\nb swiftos_run")


@export("swiftos_run")
def run(stack: usize) -> NoReturn:
    """Prepares what a program expects, calls it and ends the process."""
    prepare_streams()
    register_trap_entry()
    count = word_at(stack, 0)
    arguments = Arguments(count, stack + WORD_BYTES, stack + WORD_BYTES * (count + 2))
    if count == 2 and arguments.get(1) == b"--help":
        print(program.HELP)
        leave(0)
    status = program.main(arguments)
    output = standard().output
    output.flush()
    if output.error != 0 and status == 0:
        leave(FAILED_STATUS)
    leave(status)


def prepare_streams() -> None:
    """Sets descriptors; terminals and standard error are written line by line."""
    streams = standard()
    # SAFETY: three buffers in zeroed data, each for one stream.
    streams.input.buffer = static_array(u8, BUFFER_BYTES)[:]
    streams.output.buffer = static_array(u8, BUFFER_BYTES)[:]
    streams.errors.buffer = static_array(u8, ERROR_BUFFER_BYTES)[:]
    streams.output.descriptor = 1
    streams.output.by_line = is_terminal(1)
    streams.output.is_vital = True
    streams.errors.descriptor = STDERR
    streams.errors.by_line = True


def register_trap_entry() -> None:
    """Tells the kernel where a trap continues."""
    # SAFETY: the array is in zeroed data and used as a stack by `trap` alone.
    stack = static_array(u8, TRAP_STACK_BYTES, align=16)
    try:
        sys.trap_entry(function_address(trap_start), address_of(stack) + TRAP_STACK_BYTES)
    except OSError:
        return


@naked
def trap_start() -> None:
    """The kernel continues here after a trap: x0 kind, x1 address, x2 pc, x3 frame, x4 link."""
    # SAFETY: the kernel set sp to the trap stack; the frame chain of the trap report starts anew.
    asm("mov x29, xzr\nmov x30, xzr\nb swiftos_trap")


@export("swiftos_trap")
def trap(kind: u64, address: u64, pc: u64, frame: u64, link: u64) -> NoReturn:
    """Prints what was buffered and the traceback, and ends by the trap's signal."""
    standard().output.is_vital = False
    standard().output.flush()
    print_traceback(standard().errors, kind, address, pc, frame, link)
    standard().errors.flush()
    end_by_signal()


def end_by_signal() -> NoReturn:
    """Ends the program as the trap's signal would."""
    try:
        sys.trap_exit()
    except OSError:
        pass
    leave(FAILED_STATUS)


def print_message(message: FormatStr) -> None:
    """What `print` becomes: formats into standard output."""
    write_to(standard().output, message)


def trap_message(kind: u8, message: FormatStr) -> None:
    """Keeps the text of an assertion or a panic for the traceback that follows."""
    text = standard().trap_text
    text.clear()
    write_to(text, message)
