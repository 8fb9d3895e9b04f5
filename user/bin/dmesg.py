"""dmesg - print the kernel's log.

usage: dmesg [--stats]

One line a record: seconds since boot, level, message. --stats tells how much of the log is kept.
"""

from __future__ import annotations

from abi.system import LogRecord, LogStats
from bare import (
    Array,
    Bytes,
    array,
    errno_of,
    i32,
    raises,
    size_of,
    text,
    u8,
    u32,
    u64,
    usize,
    view,
)
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.report import report_error, usage_error

BUFFER_BYTES = 4096
NS_PER_US = 1000
US_PER_SECOND = 1_000_000
ALIGNMENT = 8
LEVELS = b"DIWEP"


@raises()
def print_log() -> None:
    """Prints every record, reading the ring in pieces."""
    buffer: Array[u8] = array(BUFFER_BYTES)
    first: u64 = 0
    length = sys.log_read(first, buffer[:])
    while length > 0:
        position: usize = 0
        while position < length:
            record = view(LogRecord, buffer[:length], position)
            start = position + size_of(LogRecord)
            print_record(record, buffer[start : start + record.length])
            first = record.sequence + 1
            position = start + (record.length + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
        length = sys.log_read(first, buffer[:])


def print_record(record: LogRecord, message: Bytes) -> None:
    """Prints one record."""
    time_us = record.time_ns // NS_PER_US
    print(f"[{time_us // US_PER_SECOND:5}.{time_us % US_PER_SECOND:06}] ", end="")
    print(f"{level_letter(record.level):c} {text(message)}")


def level_letter(level: u32) -> u8:
    """Returns the letter of a level: debug, info, warning, error, panic."""
    if level < len(LEVELS):
        return LEVELS[level]
    return LEVELS[0]


@raises()
def print_stats() -> None:
    """Prints the ring's counters."""
    stats = LogStats()
    sys.log_stats(stats)
    print(f"capacity={stats.capacity} available={stats.available} ", end="")
    print(f"written={stats.written} overwritten={stats.overwritten}")


def main(arguments: Arguments) -> i32:
    """Prints the log or its counters."""
    with_stats = False
    options = Options(arguments, b"", has_names=True)
    while options.next():
        if options.name != b"stats":
            usage_error(f"unknown option --{text(options.name)}")
        with_stats = True
    options.refuse_operands()
    try:
        if with_stats:
            print_stats()
        else:
            print_log()
    except OSError as error:
        report_error(b"log", errno_of(error))
        return 1
    return 0
