"""Names of signals, from the table in `abi.signal`."""

from __future__ import annotations

from bare import Bytes, encode, i32, u64
from user.lib.numbers import parse_unsigned

NAMES: tuple[str, ...] = (
    "",
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "TRAP",
    "ABRT",
    "BUS",
    "FPE",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
    "STKFLT",
    "CHLD",
    "CONT",
    "STOP",
    "TSTP",
    "TTIN",
    "TTOU",
    "URG",
    "XCPU",
    "XFSZ",
    "VTALRM",
    "PROF",
    "WINCH",
    "IO",
    "PWR",
    "SYS",
)
PREFIX = b"SIG"
LARGEST_SIGNAL = 64


def signal_number(word: Bytes) -> i32:
    """Returns the number that a name or digits mean, -1 for none."""
    name = word
    if len(word) > len(PREFIX) and word[: len(PREFIX)] == PREFIX:
        name = word[len(PREFIX) :]
    for number in range(1, len(NAMES)):
        if encode(NAMES[number]) == name:
            return i32(number)
    try:
        value = parse_unsigned(word)
        if value <= LARGEST_SIGNAL:
            return i32(value)
    except OSError:
        pass
    return -1


def signal_name(number: i32) -> str:
    """Returns the name without SIG, or "?" for a number without one."""
    if number > 0 and u64(number) < len(NAMES):
        return NAMES[number]
    return "?"


def print_signal_names() -> None:
    """Prints number and name, one a line."""
    for number in range(1, len(NAMES)):
        print(f"{number:2} {NAMES[number]}")
