"""touch - set the times of files to now, making those that do not exist.

usage: touch FILE...
"""

from __future__ import annotations

from abi.errno import ENOENT
from abi.file import AT_FDCWD, O_CLOEXEC, O_CREAT, O_WRONLY
from bare import Bytes, errno_of, i32, raises
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.report import report_error, usage_error

MODE = 0o666


@raises()
def touch(path: Bytes) -> None:
    """Sets the times of `path`, or makes it."""
    if len(path) == 0:
        raise OSError(ENOENT)
    try:
        sys.utimensat(AT_FDCWD, path, None, 0)
    except OSError as error:
        if errno_of(error) != ENOENT:
            raise
        sys.close(sys.openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, MODE))


def main(arguments: Arguments) -> i32:
    """Touches each file."""
    options = Options(arguments, b"")
    while options.next():
        pass
    if options.index >= arguments.count:
        usage_error("no file given")
    status: i32 = 0
    for index in range(options.index, arguments.count):
        path = arguments.get(index)
        try:
            touch(path)
        except OSError as error:
            report_error(path, errno_of(error))
            status = 1
    return status
