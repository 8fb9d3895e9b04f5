"""spent - tell what the whole system spent: since boot, or while a command ran.

usage: spent [COMMAND [ARGUMENT...]]

Prints one line `spent: NAME=VALUE ...`: busy and idle time of all CPUs in nanoseconds, counts of
system calls, context switches, interrupts, page faults, kernel allocations and processes made, and
bytes of memory in use at both ends. What else runs meanwhile is part of it. The exit status is the
command's.
"""

from __future__ import annotations

from abi.errno import EINTR, ENOENT
from abi.signal import SIGCHLD
from bare import Array, array, errno_of, i32, raises, u64, usize
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.launch import execute
from user.lib.report import report_error
from user.lib.shell.wait_status import ended_status
from user.lib.spending import Spending
from user.lib.standard import standard
from user.lib.words import WordTable

NOT_FOUND_STATUS = 127
CANNOT_RUN_STATUS = 126


def become(arguments: Arguments, first: usize) -> i32:
    """Becomes the command at word `first`; returns the status to end with where that fails."""
    try:
        words = WordTable()
        variables = WordTable()
        for index in range(first, arguments.count):
            words.add(arguments.get(index))
        place: u64 = 0
        while len(arguments.variable_entry(place)) > 0:
            variables.add(arguments.variable_entry(place))
            place += 1
        execute(arguments.get(first), arguments.variable(b"PATH"), words, variables)
    except OSError as error:
        report_error(arguments.get(first), errno_of(error))
        return NOT_FOUND_STATUS if errno_of(error) == ENOENT else CANNOT_RUN_STATUS
    return CANNOT_RUN_STATUS


@raises()
def wait_for(child: i32) -> i32:
    """Returns the shell's status of a child that has ended."""
    status: Array[i32] = array(1)
    while True:
        try:
            sys.wait4(child, status, 0, None)
            return ended_status(status[0])
        except OSError as error:
            if errno_of(error) != EINTR:
                raise


@raises()
def run(arguments: Arguments, first: usize, spending: Spending) -> i32:
    """Runs the command at word `first` between the two readings."""
    spending.prepare()
    spending.begin()
    child = sys.clone(u64(SIGCHLD), 0, 0, 0, 0)
    if child == 0:
        sys.exit_group(become(arguments, first))
    status = wait_for(child)
    spending.end()
    return status


def main(arguments: Arguments) -> i32:
    """Prints what was spent since boot, or by a command."""
    options = Options(arguments, b"")
    while options.next():
        pass
    spending = Spending()
    status: i32 = 0
    try:
        if options.index < arguments.count:
            status = run(arguments, options.index, spending)
        else:
            spending.end()
    except OSError as error:
        report_error(b"sysinfo", errno_of(error))
        return 1
    standard().output.flush()
    spending.print_line()
    return status
