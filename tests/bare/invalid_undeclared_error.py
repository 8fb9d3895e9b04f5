"""Errors are handled or declared."""

from __future__ import annotations

from abi.errno import EIO, ENOENT
from bare import errno_of, i32, raises, u32


@raises(ENOENT, EIO)
def read(number: u32) -> u32:
    if number > 9:
        raise OSError(ENOENT)
    return number


def silent(number: u32) -> u32:
    return read(number)


@raises(ENOENT)
def too_few(number: u32) -> u32:
    return read(number)


def direct(number: u32) -> u32:
    if number > 9:
        raise OSError(EIO)
    return number


@raises(EIO)
def variable(code: i32) -> None:
    raise OSError(code)


@raises(ENOENT)
def again(number: u32) -> u32:
    try:
        return read(number)
    except OSError as error:
        if errno_of(error) == EIO:
            raise
        return 0


def in_else(number: u32) -> u32:
    try:
        number += 1
    except OSError:
        return 0
    else:
        return read(number)

# error[E0701] 17:12-23: read() may raise ENOENT, EIO, which is neither handled nor declared
#   help: add ENOENT, EIO to this function's `@raises(...)`, or handle it with `try`
# error[E0701] 22:12-23: read() may raise EIO, which is neither handled nor declared
#   help: add EIO to this function's `@raises(...)`, or handle it with `try`
# error[E0701] 27:9-26: this statement may raise EIO, which is neither handled nor declared
#   help: add EIO to this function's `@raises(...)`, or handle it with `try`
# error[E0701] 33:5-23: this statement may raise any error, which is neither handled nor declared
#   help: declare it with `@raises`, or handle it with `try`
# error[E0701] 42:13-17: this statement may raise EIO, which is neither handled nor declared
#   help: add EIO to this function's `@raises(...)`, or handle it with `try`
# error[E0701] 52:16-27: read() may raise ENOENT, EIO, which is neither handled nor declared
#   help: add ENOENT, EIO to this function's `@raises(...)`, or handle it with `try`
