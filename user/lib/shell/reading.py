"""The builtin `read`."""

from __future__ import annotations

from bare import Array, Bytes, Span, allocate, array, i32, raises, u8, usize
from bare.lib.text import Text
from user.lib import sys
from user.lib.report import report
from user.lib.shell.characters import BACKSLASH, NEWLINE
from user.lib.shell.fields import DEFAULT_SEPARATORS, Field, contains, is_white_separator
from user.lib.shell.interrupt import wait_for_input
from user.lib.shell.state import Shell
from user.lib.standard import standard

END_OF_FILE: i32 = 1
DEFAULT_NAME: bytes = b"REPLY"


@raises()
def read_command(shell: Shell, argument: Field | None) -> i32:
    """Reads a line and splits it into variables; the last one gets the rest. 1 at the end.

    With `-r` backslashes are ordinary; `-p TEXT` prints a prompt.
    """
    field = argument
    is_raw = False
    while field is not None and field.text in (b"-r", b"-p"):
        if field.text == b"-r":
            is_raw = True
        else:
            field = field.next
            if field is None:
                report("read: -p needs a prompt")
                return 2
            standard().errors.write(field.text)
            standard().errors.flush()
        field = field.next
    line = allocate(shell.region, Text)
    line.allocator = shell.region
    status = read_line(line, is_raw, shell.is_interactive)
    separators: Bytes = DEFAULT_SEPARATORS
    if shell.variables.is_set(b"IFS"):
        separators = shell.variables.value(b"IFS")
    if field is None:
        shell.variables.set(DEFAULT_NAME, line.view())
        return status
    assign(shell, field, line.view(), separators)
    return status


@raises()
def read_line(line: Text, is_raw: bool, can_interrupt: bool) -> i32:
    """Reads up to a newline, byte by byte: what follows belongs to other readers. EINTR: ^C."""
    standard().output.flush()
    byte: Array[u8] = array(1)
    is_escaped = False
    while read_byte(byte[:], can_interrupt):
        if is_escaped:
            is_escaped = False
            if byte[0] != NEWLINE:
                line.append_byte(byte[0])
        elif byte[0] == BACKSLASH and not is_raw:
            is_escaped = True
        elif byte[0] == NEWLINE:
            return 0
        else:
            line.append_byte(byte[0])
    return END_OF_FILE


@raises()
def read_byte(byte: Span[u8], can_interrupt: bool) -> bool:
    """Reads a byte of standard input; false at the end."""
    if can_interrupt:
        wait_for_input(0)
    return sys.read(0, byte) == 1


@raises()
def assign(shell: Shell, first: Field, line: Bytes, separators: Bytes) -> None:
    """Splits a line into the variables that fields name."""
    rest = skip_white(line, separators)
    field: Field | None = first
    while field is not None:
        if field.next is None:
            shell.variables.set(field.text, without_white_end(rest, separators))
            return
        end: usize = 0
        while end < len(rest) and not contains(separators, rest[end]):
            end += 1
        shell.variables.set(field.text, rest[:end])
        rest = skip_white(rest[end:], separators)
        if len(rest) > 0 and end > 0 and is_hard(rest[0], separators):
            rest = skip_white(rest[1:], separators)
        field = field.next


def is_hard(byte: u8, separators: Bytes) -> bool:
    """Whether a byte separates fields and is no white space."""
    return contains(separators, byte) and not is_white_separator(byte, separators)


def skip_white(text: Bytes, separators: Bytes) -> Bytes:
    """Returns `text` without the white separators at its start."""
    start: usize = 0
    while start < len(text) and is_white_separator(text[start], separators):
        start += 1
    return text[start:]


def without_white_end(text: Bytes, separators: Bytes) -> Bytes:
    """Returns `text` without the white separators at its end."""
    end = len(text)
    while end > 0 and is_white_separator(text[end - 1], separators):
        end -= 1
    return text[:end]
