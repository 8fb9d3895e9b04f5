"""callload - make a system call many times, and tell what that cost.

usage: callload [-n CALLS]

  -n CALLS   that are counted, 10000 when not given

The call is `getpid`, which does least: what is left is the way into the kernel and back. Prints
`callload: CALLS calls` and the line of `spent` for them: what the whole system spent meanwhile.
"""

from __future__ import annotations

from bare import Bytes, errno_of, i32, raises, text, u64
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.numbers import parse_unsigned
from user.lib.report import report_error, usage_error
from user.lib.spending import Spending

CALLS: u64 = 10_000
MOST_CALLS: u64 = 1_000_000_000


def number_of(word: Bytes) -> u64:
    """Reads how many calls to make; ends the program where it is none."""
    try:
        number = parse_unsigned(word)
        if 1 <= number <= MOST_CALLS:
            return number
    except OSError:
        pass
    usage_error(f"not a number from 1 to {MOST_CALLS}: {text(word)}")


@raises()
def measure(calls: u64) -> None:
    """Makes the calls between two readings and prints the difference."""
    spending = Spending()
    spending.prepare()
    spending.begin()
    for _ in range(calls):
        sys.getpid()
    spending.end()
    print(f"callload: {calls} calls")
    spending.print_line()


def main(arguments: Arguments) -> i32:
    """Makes the calls."""
    options = Options(arguments, b"n:")
    calls = CALLS
    while options.next():
        calls = number_of(options.value)
    if options.index < arguments.count:
        usage_error("there is nothing to name")
    try:
        measure(calls)
        return 0
    except OSError as error:
        report_error(b"sysinfo", errno_of(error))
        return 1
