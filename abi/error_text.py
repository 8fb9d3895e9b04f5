"""The text of an error number, for messages."""

from __future__ import annotations

from abi.errno import LAST_ERRNO, MESSAGES
from bare import i32


def strerror(number: i32) -> str:
    """Returns the message of an error number, or "Unknown error"."""
    if 0 <= number <= LAST_ERRNO and MESSAGES[number] != "":
        return MESSAGES[number]
    return "Unknown error"
