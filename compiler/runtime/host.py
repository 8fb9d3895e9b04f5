"""Runtime of programs compiled for the host: a shared object that a process loads and calls.

It needs two functions of the C library, `write` and `_exit`, which every process has. The entry is
`bare_main`. A trap prints its last line to standard output and ends the process with 100 plus its
number, so only a forked child may call what can trap.
"""

from __future__ import annotations

from typing import NoReturn

from bare import Array, Bytes, FormatStr, array, export, program, struct, u8, u64, usize, write_to
from bare.lib.trap_names import trap_name
from bare.lib.writer import Writer
from bare.unsafe import address_of, call_at, linker_symbol

STDOUT = 1
TRAP_STATUS = 100
BUFFER_BYTES = 512


@struct
class OutputWriter(Writer):
    """Collects pieces of a message and writes them to standard output."""

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
        # SAFETY: write(2) reads `used` bytes of the buffer, which is longer.
        call_at(linker_symbol("write"), STDOUT, address_of(self.buffer), self.used)
        self.used = 0


def print_message(message: FormatStr) -> None:
    """What `print` becomes."""
    output = OutputWriter()
    write_to(output, message)
    output.flush()


def trap_message(kind: u8, message: FormatStr) -> None:
    """Prints the last line of the traceback of a trap with a text, and ends the process."""
    print_message(f"{trap_name(u64(kind))}: ")
    print_message(message)
    print_message("\n")
    leave(TRAP_STATUS + u64(kind))


@export("bare_trap")
def trap(kind: u8) -> NoReturn:
    """Prints the last line of a trap's traceback and ends the process."""
    print_message(f"{trap_name(u64(kind))}\n")
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
