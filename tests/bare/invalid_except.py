"""Only OSError is raised and caught."""

from __future__ import annotations

from abi.errno import ENOENT
from bare import raises, u32


@raises(ENOENT)
def read(number: u32) -> u32:
    if number > 9:
        raise ValueError("too large")
    if number > 8:
        raise OSError(ENOENT, "no such file")
    return number


def broad(number: u32) -> u32:
    try:
        return read(number)
    except Exception:
        return 0


def bare_except(number: u32) -> u32:
    try:
        return read(number)
    except:  # noqa: E722
        return 0


def outside() -> None:
    raise


def attribute(number: u32) -> u32:
    try:
        return read(number)
    except OSError as error:
        print(error.strerror)
        return 0

# error[E0703] 12:9-37: only `OSError` can be raised
#   help: write `raise OSError(ENOENT)`
# error[E0703] 14:15-45: `OSError` takes the error number
#   help: write `raise OSError(ENOENT)`
# error[E0702] 21:12-20: `Exception` cannot be caught
#   help: write `except OSError as error:` and test `error.errno`
# error[E0702] 28:5-10: `except` without `OSError`
#   help: write `except OSError as error:` and test `error.errno`
# error[E0605] 33:5-9: `raise` alone belongs in an `except` clause
#   help: move the statement
# error[E0203] 40:15-28: an error has one attribute, `errno`
#   help: use `errno_of(error)`
