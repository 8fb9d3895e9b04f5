"""mkdir - make directories.

usage: mkdir [-p] DIRECTORY...

  -p   make missing parents too, and do not mind if the directory exists
"""

from __future__ import annotations

from abi.errno import EEXIST
from abi.file import AT_FDCWD
from bare import Bytes, errno_of, i32, raises
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.report import report_error, usage_error

MODE = 0o777
SLASH = ord("/")


@raises()
def make_parents(path: Bytes) -> None:
    """Makes every directory on the way to `path`."""
    for index in range(1, len(path)):
        if path[index] == SLASH:
            make_if_missing(path[:index])
    make_if_missing(path)


@raises()
def make_if_missing(path: Bytes) -> None:
    """Makes a directory unless there is one."""
    try:
        sys.mkdirat(AT_FDCWD, path, MODE)
    except OSError as error:
        if errno_of(error) != EEXIST:
            raise


def main(arguments: Arguments) -> i32:
    """Makes each directory."""
    with_parents = False
    options = Options(arguments, b"p")
    while options.next():
        with_parents = True
    if options.index >= arguments.count:
        usage_error("no directory given")
    status: i32 = 0
    for index in range(options.index, arguments.count):
        path = arguments.get(index)
        try:
            if with_parents:
                make_parents(path)
            else:
                sys.mkdirat(AT_FDCWD, path, MODE)
        except OSError as error:
            report_error(path, errno_of(error))
            status = 1
    return status
