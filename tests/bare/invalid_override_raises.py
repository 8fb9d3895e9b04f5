"""An override raises no more than the base method declares, and has its signature."""

from __future__ import annotations

from collections.abc import Callable

from abi.errno import EIO, ENOENT
from bare import raises, struct, u32, u64


@struct
class File:
    """Something to read."""

    def read(self) -> u32:
        return 0

    @raises(ENOENT)
    def open(self) -> None:
        pass

    def size(self) -> u32:
        return 0


@struct
class Disk(File):
    """Something that can fail."""

    @raises(EIO)
    def read(self) -> u32:
        raise OSError(EIO)

    @raises()
    def open(self) -> None:
        raise OSError(EIO)

    def size(self) -> u64:
        return 0


@raises(EIO)
def fail(number: u32) -> u32:
    raise OSError(EIO)


def apply(function: Callable[[u32], u32]) -> u32:
    return function(1)


def pass_fallible() -> u32:
    return apply(fail)

# error[E0704] 31:9-12: Disk.read may raise EIO, which File.read does not declare
#   help: declare the error on the base method, or handle it
# error[E0704] 35:9-12: Disk.open may raise any error, which File.open does not declare
#   help: declare the error on the base method, or handle it
# error[E0406] 38:9-12: Disk.size does not take and return what File.size does
#   help: use the same parameters and result
# error[E0705] 52:18-21: expected Callable[[u32], u32], got Fallible[Callable[[u32], u32]]
#   help: use `Fallible[Callable[...]]`
