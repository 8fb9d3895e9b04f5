"""date - print the date and time.

usage: date [-u] [+%s]

Prints YYYY-MM-DD HH:MM:SS UTC, or with +%s the seconds since 1970-01-01 00:00:00 UTC.
"""

from __future__ import annotations

from abi.time import CLOCK_REALTIME, TimeSpec
from bare import errno_of, i32, text
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.dates import Date
from user.lib.report import report_error, usage_error


def main(arguments: Arguments) -> i32:
    """Prints the time of CLOCK_REALTIME."""
    now = TimeSpec()
    try:
        sys.clock_gettime(CLOCK_REALTIME, now)
    except OSError as error:
        report_error(b"clock", errno_of(error))
        return 1
    is_seconds = False
    for index in range(1, arguments.count):
        word = arguments.get(index)
        if word == b"+%s":
            is_seconds = True
        elif word != b"-u":
            usage_error(f"unknown argument {text(word)}")
    if is_seconds:
        print(now.seconds)
        return 0
    date = Date()
    date.set_from_seconds(now.seconds)
    print(f"{date.year:04}-{date.month:02}-{date.day:02} ", end="")
    print(f"{date.hour:02}:{date.minute:02}:{date.second:02} UTC")
    return 0
