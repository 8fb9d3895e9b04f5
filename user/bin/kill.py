"""kill - send a signal to processes.

usage: kill [-SIGNAL] PID...
       kill -l

SIGNAL is a number or a name with or without SIG; TERM when not given. A negative PID is a process
group; 0 is the caller's own. -l lists the names.
"""

from __future__ import annotations

from abi.signal import SIGTERM
from bare import Bytes, errno_of, i32, i64, raises, text, u64, usize
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.numbers import parse_unsigned
from user.lib.report import report_error, usage_error
from user.lib.signal_names import print_signal_names, signal_number

MINUS = ord("-")
LARGEST_PID: u64 = 0x7FFF_FFFF


@raises()
def parse_pid(word: Bytes) -> i32:
    """Reads a process or, with a minus, a group number; any error means that it is none."""
    if len(word) > 0 and word[0] == MINUS:
        return i32(-i64(min(parse_unsigned(word[1:]), LARGEST_PID)))
    return i32(min(parse_unsigned(word), LARGEST_PID))


def send(word: Bytes, signal: i32) -> i32:
    """Sends `signal` to the process that `word` names; returns 0, or 1 after a message."""
    pid: i32 = 0
    try:
        pid = parse_pid(word)
    except OSError:
        usage_error(f"not a process number: {text(word)}")
    try:
        sys.kill(pid, signal)
    except OSError as error:
        report_error(word, errno_of(error))
        return 1
    return 0


def main(arguments: Arguments) -> i32:
    """Sends the signal to each process."""
    first: usize = 1
    signal: i32 = SIGTERM
    if arguments.count > 1 and arguments.get(1) == b"-l":
        print_signal_names()
        return 0
    if arguments.count > 1 and arguments.get(1)[:1] == b"-":
        name = arguments.get(1)[1:]
        first = 2
        if name == b"-":
            signal = SIGTERM
        else:
            signal = signal_number(name)
        if signal < 0:
            usage_error(f"no such signal: {text(name)}")
    if arguments.count <= first:
        usage_error("no process given")
    status: i32 = 0
    for index in range(first, arguments.count):
        status = max(status, send(arguments.get(index), signal))
    return status
