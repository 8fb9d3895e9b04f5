"""fail_allocation - run a command once for each allocation that can fail in it.

usage: fail_allocation COMMAND [ARGUMENT...]

Makes the first allocation after the fork fail, then the second, and so on, until the command ends
before the failure strikes. Prints how many runs that took.
"""

from __future__ import annotations

from abi.signal import SIGCHLD
from bare import Array, array, errno_of, i32, raises, u64
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.launch import execute
from user.lib.report import leave, report_error
from user.lib.standard import standard
from user.lib.words import WordTable

FAILED_STATUS = 1
MOST_RUNS: u64 = 10_000


@raises()
def become(arguments: Arguments, after: u64) -> None:
    """Arms the failure and becomes the command."""
    words = WordTable()
    variables = WordTable()
    variables.add(b"PATH=/bin:/sbin:/test")
    for index in range(u64(1), arguments.count):
        words.add(arguments.get(index))
    sys.fail_allocation(after)
    execute(arguments.get(1), b"/bin:/sbin:/test", words, variables)


def run_child(arguments: Arguments, after: u64) -> None:
    """Is the child: never returns."""
    try:
        become(arguments, after)
    except OSError:
        leave(FAILED_STATUS)


@raises()
def run(arguments: Arguments, after: u64) -> bool:
    """Runs the command with allocation `after` failing; False when it ended before that."""
    status: Array[i32] = array(1)
    standard().output.flush()
    pid = sys.clone(u64(SIGCHLD), 0, 0, 0, 0)
    if pid == 0:
        run_child(arguments, after)
    while sys.wait4(pid, status[:], 0, None) != pid:
        pass
    return sys.fail_allocation(0) == 0


def main(arguments: Arguments) -> i32:
    """Runs the command for every allocation."""
    after: u64 = 1
    try:
        while after < MOST_RUNS and run(arguments, after):
            after += 1
    except OSError as error:
        report_error(b"fail_allocation", errno_of(error))
        return FAILED_STATUS
    print(f"runs: {after}")
    return 0
