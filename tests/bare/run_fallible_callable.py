"""A pointer to a function that may fail has the type Fallible[Callable[…]]."""

from __future__ import annotations

from collections.abc import Callable

from abi.errno import ENOENT
from bare import Fallible, errno_of, raises, struct, u32


@raises(ENOENT)
def find(number: u32) -> u32:
    """Fails above ten."""
    if number > 10:
        raise OSError(ENOENT)
    return number + 1


def double(number: u32) -> u32:
    """Never fails."""
    return number * 2


@struct
class Command:
    """Holds an operation."""

    run: Fallible[Callable[[u32], u32]]


@raises()
def twice(operation: Fallible[Callable[[u32], u32]], number: u32) -> u32:
    """Applies an operation two times."""
    return operation(operation(number))


def main() -> None:
    """Calls through pointers."""
    command = Command(find)
    try:
        print(twice(double, 5))
        print(twice(find, 5), command.run(1))
        print(twice(find, 10))
    except OSError as error:
        print("error", errno_of(error))
