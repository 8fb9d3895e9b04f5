"""Errors are values: declared, raised, handled or handed on."""

from __future__ import annotations

from abi.errno import EINVAL, EIO, ENOENT
from bare import errno_of, i32, raises, u32


@raises(EINVAL)
def parse(text: bytes) -> u32:
    """Reads a decimal number."""
    if len(text) == 0:
        raise OSError(EINVAL)
    value: u32 = 0
    for byte in text:
        if byte < 0x30 or byte > 0x39:
            raise OSError(EINVAL)
        value = value * 10 + byte - 0x30
    return value


@raises(EINVAL)
def add(left: bytes, right: bytes) -> u32:
    """Hands errors on."""
    return parse(left) + parse(right)


@raises()
def fail(code: i32) -> None:
    """Raises any error."""
    if code != 0:
        raise OSError(code)


@raises(EIO, ENOENT)
def translate(text: bytes) -> u32:
    """Raises another error in place of one."""
    try:
        return parse(text)
    except OSError:
        raise OSError(ENOENT) from None


def main() -> None:
    """Handles errors."""
    try:
        print(add(b"12", b"30"))
        print(add(b"12", b"3x"))
        print("never printed")
    except OSError as error:
        print("error", errno_of(error))
    try:
        fail(0)
        fail(EIO)
    except OSError as error:
        print("error", errno_of(error) == EIO, errno_of(error))
    try:
        print(translate(b"7"))
        print(translate(b""))
    except OSError as error:
        print("error", errno_of(error))
