"""Numbers as programs read them from their arguments."""

from __future__ import annotations

from abi.errno import EINVAL, ERANGE
from bare import Bytes, i64, raises, u64

ZERO = ord("0")
NINE = ord("9")
POINT = ord(".")
PLUS = ord("+")
MINUS = ord("-")
LARGEST_SIGNED: u64 = 0x7FFF_FFFF_FFFF_FFFF
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
def parse_signed(word: Bytes) -> i64:
    """Reads decimal digits behind an optional sign; errors as for `parse_unsigned`."""
    has_sign = len(word) > 0 and word[0] in (PLUS, MINUS)
    value = parse_unsigned(word[1:] if has_sign else word)
    if value > LARGEST_SIGNED:
        raise OSError(ERANGE)
    return -i64(value) if has_sign and word[0] == MINUS else i64(value)


def decimal_value(digits: Bytes, largest: u64) -> u64:
    """Returns the value of decimal digits, which the caller has checked, at most `largest`."""
    try:
        return min(parse_unsigned(digits), largest)
    except OSError:
        return largest


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
