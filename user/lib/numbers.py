"""Numbers as programs read them from their arguments."""

from __future__ import annotations

from abi.errno import EINVAL, ERANGE
from bare import Bytes, raises, u64

ZERO = ord("0")
NINE = ord("9")
POINT = ord(".")
LARGEST_BEFORE_DIGIT: u64 = 0x1999_9999_9999_9998
NS_PER_SECOND: u64 = 1_000_000_000
LARGEST_SECONDS: u64 = 9_000_000_000


@raises(EINVAL, ERANGE)
def parse_unsigned(word: Bytes) -> u64:
    """Reads decimal digits: EINVAL for anything else or nothing, ERANGE above about 2**64."""
    if len(word) == 0:
        raise OSError(EINVAL)
    value: u64 = 0
    for byte in word:
        if byte < ZERO or byte > NINE:
            raise OSError(EINVAL)
        if value > LARGEST_BEFORE_DIGIT:
            raise OSError(ERANGE)
        value = value * 10 + (byte - ZERO)
    return value


@raises(EINVAL, ERANGE)
def parse_seconds(word: Bytes) -> u64:
    """Reads seconds with an optional fraction, such as `2` or `0.25`, as nanoseconds."""
    point: u64 = 0
    while point < len(word) and word[point] != POINT:
        point += 1
    seconds: u64 = 0
    if point > 0:
        seconds = parse_unsigned(word[:point])
    if seconds > LARGEST_SECONDS:
        raise OSError(ERANGE)
    if point == len(word):
        if point == 0:
            raise OSError(EINVAL)
        return seconds * NS_PER_SECOND
    return seconds * NS_PER_SECOND + fraction_ns(word[point + 1 :])


@raises(EINVAL)
def fraction_ns(digits: Bytes) -> u64:
    """Reads decimal digits after the point as nanoseconds; digits beyond the ninth are dropped."""
    value: u64 = 0
    unit = NS_PER_SECOND
    if len(digits) == 0:
        raise OSError(EINVAL)
    for byte in digits:
        if byte < ZERO or byte > NINE:
            raise OSError(EINVAL)
        unit //= 10
        value += unit * (byte - ZERO)
    return value
