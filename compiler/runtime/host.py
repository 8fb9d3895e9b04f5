"""Runtime of programs compiled for the host: a shared object that a process loads and calls.

It needs two functions of the C library, `write` and `_exit`, which every process has. The entry is
`bare_main`. A trap prints a traceback of one entry to standard output and ends the process with 100
plus its number, so only a forked child may call what can trap.
"""

from __future__ import annotations

from typing import NoReturn

from bare import Bytes, FormatStr, export, program, struct, text, u8, u32, u64, write_to
from bare.lib.trap_names import trap_name
from bare.unsafe import address_of, call_at, linker_symbol, static_object
from compiler.runtime.writers import BufferedWriter, TrapText

STDOUT = 1
TRAP_STATUS = 100


@struct
class StandardOutput(BufferedWriter):
    """The process's standard output."""

    def send(self, data: Bytes) -> None:
        """Writes with the C library."""
        # SAFETY: write(2) reads as many bytes as the view has.
        call_at(linker_symbol("write"), STDOUT, address_of(data), len(data))


def print_message(message: FormatStr) -> None:
    """What `print` becomes."""
    output = StandardOutput()
    write_to(output, message)
    output.flush()


def trap_message(kind: u8, message: FormatStr) -> None:
    """Keeps the text of a trap for its last line."""
    # SAFETY: used by a program that has one thread, just before it ends.
    write_to(static_text(), message)


def static_text() -> TrapText:
    """Returns the text of the trap under way."""
    # SAFETY: the one place; see trap_message.
    return static_object(TrapText)


@export("bare_trap")
def trap(kind: u8, line: u32, path: str, function: str) -> NoReturn:
    """Prints the traceback of a trap and ends the process."""
    output = StandardOutput()
    write_to(output, "Traceback (most recent call last):\n")
    write_to(output, f'  File "{path}", line {line}, in {function}\n')
    write_to(output, trap_name(u64(kind)))
    content = static_text().content()
    if len(content) > 0:
        write_to(output, f": {text(content)}")
    write_to(output, "\n")
    output.flush()
    leave(TRAP_STATUS + u64(kind))


def leave(status: u64) -> NoReturn:
    """Ends the process at once."""
    while True:
        # SAFETY: _exit(2) does not return.
        call_at(linker_symbol("_exit"), status)


@export("bare_main")
def start() -> None:
    """Runs the program."""
    program.main()
