"""The processes of the system, as `ps` and `top` show them."""

from __future__ import annotations

from abi.system import (
    PROCESS_BLOCKED,
    PROCESS_READY,
    PROCESS_RUNNING,
    PROCESS_STOPPED,
    PROCESS_ZOMBIE,
    ProcessInfo,
)
from bare import Bytes, Span, allocate_span, inline, raises, release, struct, text, u32, usize
from user.lib import sys
from user.lib.principals import Principals
from user.lib.standard import standard
from user.lib.strings import until_zero

FIRST_GUESS = 32
SPARE = 8


@struct
class ProcessList:
    """The last answer of `procstat`: `count` records in the order of their numbers."""

    records: Span[ProcessInfo] | None = None
    count: usize = 0
    principals: Principals = inline()

    @raises()
    def update(self) -> None:
        """Asks the kernel again, with more room where there are more processes than fit.

        What was started between the two questions and does not fit is left out.
        """
        records = self.records
        if records is None:
            records = allocate_span(standard().heap, ProcessInfo, FIRST_GUESS)
            self.principals.load()
        count = sys.procstat(records)
        if count > len(records):
            release(standard().heap, records)
            records = allocate_span(standard().heap, ProcessInfo, count + SPARE)
            count = sys.procstat(records)
        self.records = records
        self.count = min(count, len(records))

    def get(self, index: usize) -> ProcessInfo:
        """Returns record `index`, below `count`."""
        records = self.records
        assert records is not None, "update() comes first"
        return records[: self.count][index]

    def print_owner(self, process: ProcessInfo, width: usize) -> None:
        """Prints the name of the principal, or its number, left-justified in `width` columns."""
        name = self.principals.name_of(process.principal)
        if len(name) > 0:
            print(text(name), end="")
            print_spaces(width, len(name))
        else:
            print(f"{process.principal:<}", end="")
            print_spaces(width, digits_of(process.principal))


def print_spaces(width: usize, used: usize) -> None:
    """Prints the spaces that fill up to `width` columns."""
    for _ in range(used, width):
        print(" ", end="")


def digits_of(value: u32) -> usize:
    """Returns how many decimal digits a number has."""
    count: usize = 1
    rest = value // 10
    while rest > 0:
        count += 1
        rest //= 10
    return count


def state_word(state: u32) -> str:
    """Returns the state as `ps` words it."""
    if state == PROCESS_READY:
        return "READY"
    if state == PROCESS_RUNNING:
        return "RUN"
    if state == PROCESS_BLOCKED:
        return "BLOCK"
    if state == PROCESS_ZOMBIE:
        return "ZOMB"
    if state == PROCESS_STOPPED:
        return "STOP"
    return "?"


def state_letter(state: u32) -> str:
    """Returns the state as one letter: ready and running are both R."""
    if state in (PROCESS_READY, PROCESS_RUNNING):
        return "R"
    if state == PROCESS_BLOCKED:
        return "S"
    if state == PROCESS_ZOMBIE:
        return "Z"
    if state == PROCESS_STOPPED:
        return "T"
    return "?"


def command_name(process: ProcessInfo) -> Bytes:
    """Returns the last component of the path that the process was started by."""
    path = until_zero(process.path[:])
    start: usize = 0
    for index in range(len(path)):
        if path[index] == SLASH:
            start = index + 1
    return path[start:]


SLASH = ord("/")
