"""The columns of `ps -o`: one table says which there are and one function prints each."""

from __future__ import annotations

from abi.system import ProcessInfo
from bare import Bytes, encode, i64, text, u64, usize
from user.lib.process_list import ProcessList, command_name, state_letter, state_word
from user.lib.report import leave, report
from user.lib.strings import find_byte, until_zero

COMMA = ord(",")
KIB = 1024
NS_PER_SECOND = 1_000_000_000
NAMES: tuple[str, ...] = (
    "pid",
    "ppid",
    "pgid",
    "sid",
    "state",
    "stat",
    "s",
    "user",
    "uid",
    "cmd",
    "comm",
    "command",
    "args",
    "rss",
    "vsz",
    "time",
    "start",
    "threads",
    "fds",
    "caps",
)
TITLES: tuple[str, ...] = (
    "PID",
    "PPID",
    "PGID",
    "SID",
    "STATE",
    "STAT",
    "S",
    "USER",
    "UID",
    "CMD",
    "COMM",
    "COMMAND",
    "ARGS",
    "RSS",
    "VSZ",
    "TIME",
    "START",
    "THREADS",
    "FDS",
    "CAPS",
)


def column_index(name: Bytes) -> i64:
    """Returns the place of a column in the table, -1 for an unknown one."""
    for index in range(len(NAMES)):
        if encode(NAMES[index]) == name:
            return i64(index)
    return -1


def check_columns(names: Bytes) -> None:
    """Ends the program with status 2 where a column is unknown or there is none."""
    if len(names) == 0:
        report("-o requires a field list")
        leave(2)
    start: usize = 0
    while start < len(names):
        end = find_byte(names, COMMA, start)
        if column_index(names[start:end]) < 0:
            report(f"unsupported -o field {text(names[start:end])}")
            leave(2)
        start = end + 1


def print_titles(names: Bytes) -> None:
    """Prints the titles, separated by single spaces."""
    start: usize = 0
    while start < len(names):
        end = find_byte(names, COMMA, start)
        if start > 0:
            print(" ", end="")
        print(TITLES[column_index(names[start:end])], end="")
        start = end + 1
    print("")


def print_columns(names: Bytes, processes: ProcessList, process: ProcessInfo) -> None:
    """Prints the columns of one process, separated by single spaces."""
    start: usize = 0
    while start < len(names):
        end = find_byte(names, COMMA, start)
        if start > 0:
            print(" ", end="")
        print_column(names[start:end], processes, process)
        start = end + 1
    print("")


def print_column(name: Bytes, processes: ProcessList, process: ProcessInfo) -> None:
    """Prints one column of one process."""
    if name == b"user":
        processes.print_owner(process, 0)
    elif name == b"uid":
        print(process.principal, end="")
    elif name == b"state":
        print(state_word(process.state), end="")
    elif name == b"stat" or name == b"s":
        print(state_letter(process.state), end="")
    elif name == b"cmd" or name == b"comm":
        print(text(command_name(process)), end="")
    elif name == b"command" or name == b"args":
        print(text(until_zero(process.command[:])), end="")
    elif name == b"time":
        print(f"{(process.user_ns + process.system_ns) // NS_PER_SECOND}", end="")
    elif name == b"caps":
        print(f"{process.capabilities:#x}", end="")
    else:
        print(number_column(name, process), end="")


def number_column(name: Bytes, process: ProcessInfo) -> u64:
    """Returns a column that is a plain number; sizes in KiB, `start` in seconds after boot."""
    if name == b"pid":
        return u64(process.pid)
    if name == b"ppid":
        return u64(process.parent)
    if name == b"pgid":
        return u64(process.group)
    if name == b"sid":
        return u64(process.session)
    if name == b"rss":
        return process.resident // KIB
    if name == b"vsz":
        return process.virtual // KIB
    if name == b"start":
        return process.start_ns // NS_PER_SECOND
    if name == b"threads":
        return process.threads
    return process.descriptors
