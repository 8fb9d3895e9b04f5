"""The part of TOML that service files use: one `key = value` a line, comments, no tables.

Values are strings in double quotes without escapes, integers, and one-line arrays of such strings.
"""

from __future__ import annotations

from abi.errno import EINVAL
from bare import Bytes, raises, usize
from user.lib.strings import find_byte, starts_with, trimmed

NEWLINE = ord("\n")
EQUALS = ord("=")
QUOTE = ord('"')
OPEN = ord("[")
CLOSE = ord("]")


def find_value(content: Bytes, key: Bytes) -> Bytes:
    """Returns the text after `key =` on its line, empty where there is no such line."""
    start: usize = 0
    while start < len(content):
        end = find_byte(content, NEWLINE, start)
        line = trimmed(content[start:end])
        if starts_with(line, key):
            rest = trimmed(line[len(key) :])
            if len(rest) > 0 and rest[0] == EQUALS:
                return trimmed(rest[1:])
        start = end + 1
    return b""


@raises(EINVAL)
def string_of(value: Bytes) -> Bytes:
    """Returns what is between the quotes; EINVAL where the value is no string."""
    if len(value) < 2 or value[0] != QUOTE:
        raise OSError(EINVAL)
    end = find_byte(value, QUOTE, 1)
    if end == len(value):
        raise OSError(EINVAL)
    return value[1:end]


@raises(EINVAL)
def next_item(value: Bytes, start: usize) -> usize:
    """Returns where the opening quote of an array's next string is, the length after the last."""
    if len(value) < 2 or value[0] != OPEN:
        raise OSError(EINVAL)
    return find_byte(value, QUOTE, start)
