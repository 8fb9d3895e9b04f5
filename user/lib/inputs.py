"""Commands that read every file they are given, or standard input when they are given none."""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import ENOENT
from abi.file import AT_FDCWD, O_CLOEXEC, O_RDONLY
from bare import Array, Bytes, array, errno_of, i32, raises, struct, u8, usize
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.input import Input
from user.lib.report import report_error
from user.lib.standard import standard

BUFFER_BYTES = 4096


@struct
class InputVisitor(ABC):
    """What a command does with one input."""

    @abstractmethod
    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Reads `source` as far as it wants; `name` is empty for standard input."""


def visit_inputs(arguments: Arguments, first: usize, visitor: InputVisitor) -> i32:
    """Visits each operand from word `first` on, `-` being standard input; returns the exit status.

    An input that fails is reported, and the next one is visited.
    """
    if first >= arguments.count:
        return visit_input(b"", visitor)
    status: i32 = 0
    for index in range(first, arguments.count):
        name = arguments.get(index)
        if len(name) == 0:
            report_error(name, ENOENT)
            status = 1
        else:
            status = max(status, visit_input(name, visitor))
    return status


def visit_input(name: Bytes, visitor: InputVisitor) -> i32:
    """Visits one input, standard input for `-` or no name; returns 0, or 1 after a message."""
    try:
        if name == b"" or name == b"-":
            visitor.visit(standard().input, name)
        else:
            visit_file(name, visitor)
    except OSError as error:
        report_error(name if len(name) > 0 else b"standard input", errno_of(error))
        return 1
    return 0


@raises()
def visit_file(name: Bytes, visitor: InputVisitor) -> None:
    """Visits the file called `name`."""
    buffer: Array[u8] = array(BUFFER_BYTES)
    source = Input(sys.openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC, 0), buffer[:])
    try:
        visitor.visit(source, name)
    finally:
        close_quietly(source.descriptor)


def close_quietly(descriptor: i32) -> None:
    """Closes a descriptor that was only read from, where a failure has nothing to tell."""
    try:
        sys.close(descriptor)
    except OSError:
        pass
