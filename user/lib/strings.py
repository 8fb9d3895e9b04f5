"""Small operations on bytes that several commands need."""

from __future__ import annotations

from bare import Bytes, i32, u8, usize

BLANKS = b" \t"
ZERO = ord("0")
NINE = ord("9")
LOWER_A = ord("a")
LOWER_F = ord("f")
UPPER_A = ord("A")
UPPER_Z = ord("Z")
CASE_BIT = 0x20
"""What a small letter of ASCII has and its capital has not."""
NOT_HEX = 16


def until_zero(data: Bytes) -> Bytes:
    """Returns the bytes before the first zero byte, all where there is none."""
    length: usize = 0
    while length < len(data) and data[length] != 0:
        length += 1
    return data[:length]


def find_byte(data: Bytes, byte: u8, start: usize) -> usize:
    """Returns the index of the first `byte` from `start` on, the length where there is none."""
    index = start
    while index < len(data) and data[index] != byte:
        index += 1
    return index


def compare(left: Bytes, right: Bytes) -> i32:
    """Orders by bytes: negative when `left` comes first, 0 when equal, else positive."""
    common = min(len(left), len(right))
    for index in range(common):
        if left[index] != right[index]:
            return i32(left[index]) - i32(right[index])
    if len(left) == len(right):
        return 0
    return -1 if len(left) < len(right) else 1


def starts_with(data: Bytes, prefix: Bytes) -> bool:
    """Whether `data` begins with `prefix`."""
    return len(data) >= len(prefix) and data[: len(prefix)] == prefix


def trimmed(data: Bytes, blanks: Bytes = BLANKS) -> Bytes:
    """Returns `data` without the bytes of `blanks` at both ends."""
    start: usize = 0
    end = len(data)
    while start < end and is_among(data[start], blanks):
        start += 1
    while end > start and is_among(data[end - 1], blanks):
        end -= 1
    return data[start:end]


def is_among(byte: u8, choices: Bytes) -> bool:
    """Whether `byte` is one of `choices`."""
    return find_byte(choices, byte, 0) < len(choices)


def is_digit(byte: u8) -> bool:
    """Whether `byte` is a decimal digit."""
    return ZERO <= byte <= NINE


def hex_value(byte: u8) -> u8:
    """Returns the value of a hexadecimal digit of either case, NOT_HEX for anything else."""
    if is_digit(byte):
        return byte - ZERO
    lower = byte | CASE_BIT
    if LOWER_A <= lower <= LOWER_F:
        return lower - LOWER_A + 10
    return NOT_HEX


def lower_of(byte: u8) -> u8:
    """Returns a letter of ASCII in lower case, anything else as it is."""
    if UPPER_A <= byte <= UPPER_Z:
        return byte | CASE_BIT
    return byte
