"""pwd - print the working directory.

usage: pwd [-LP]

Both letters mean the same: the path never goes through a symbolic link.
"""

from __future__ import annotations

from abi.limits import PATH_MAX
from bare import Array, array, errno_of, i32, text, u8
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.report import report_error


def main(arguments: Arguments) -> i32:
    """Prints what `getcwd` tells, without its final NUL."""
    options = Options(arguments, b"LP")
    while options.next():
        pass
    options.refuse_operands()
    path: Array[u8] = array(PATH_MAX)
    try:
        length = sys.getcwd(path[:])
        print(text(path[: length - 1]))
    except OSError as error:
        report_error(b".", errno_of(error))
        return 1
    return 0
