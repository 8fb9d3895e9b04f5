"""Decimal numbers in fields, which may be longer than any integer here."""

from __future__ import annotations

from bare import Bytes, u64
from user.lib.http.characters import ZERO
from user.lib.strings import is_digit

LARGEST: u64 = 0xFFFF_FFFF_FFFF_FFFF
LARGEST_BEFORE_DIGIT: u64 = 0x1999_9999_9999_9998


def saturating_value(digits: Bytes) -> u64 | None:
    """Returns the value of decimal digits, LARGEST where it is larger; None for anything else."""
    if len(digits) == 0:
        return None
    value: u64 = 0
    for byte in digits:
        if not is_digit(byte):
            return None
        value = LARGEST if value > LARGEST_BEFORE_DIGIT else value * 10 + (byte - ZERO)
    return value
