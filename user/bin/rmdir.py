"""rmdir - remove empty directories.

usage: rmdir DIRECTORY...
"""

from __future__ import annotations

from abi.file import AT_FDCWD, AT_REMOVEDIR
from bare import errno_of, i32
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.report import report_error, usage_error


def main(arguments: Arguments) -> i32:
    """Removes each directory."""
    options = Options(arguments, b"")
    while options.next():
        pass
    if options.index >= arguments.count:
        usage_error("no directory given")
    status: i32 = 0
    for index in range(options.index, arguments.count):
        path = arguments.get(index)
        try:
            sys.unlinkat(AT_FDCWD, path, AT_REMOVEDIR)
        except OSError as error:
            report_error(path, errno_of(error))
            status = 1
    return status
