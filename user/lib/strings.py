"""Small operations on bytes that several commands need."""

from __future__ import annotations

from bare import Bytes, i32, u8, usize


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
