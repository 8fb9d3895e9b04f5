"""sleep - wait for some time.

usage: sleep SECONDS...

SECONDS may have a fraction; several are added up.
"""

from __future__ import annotations

from abi.time import NS_PER_SECOND, TimeSpec
from bare import i32, i64, text, u64
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.numbers import parse_seconds
from user.lib.report import usage_error


def main(arguments: Arguments) -> i32:
    """Adds the intervals and sleeps once."""
    if arguments.count < 2:
        usage_error("no time given")
    total_ns: u64 = 0
    for index in range(1, arguments.count):
        try:
            total_ns += parse_seconds(arguments.get(index))
        except OSError:
            usage_error(f"not a number of seconds: {text(arguments.get(index))}")
    interval = TimeSpec(i64(total_ns // NS_PER_SECOND), i64(total_ns % NS_PER_SECOND))
    try:
        sys.nanosleep(interval, None)
    except OSError:
        return 1
    return 0
