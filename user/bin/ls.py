"""ls - list directories and files.

usage: ls [-adl1] [PATH...]

  -a   names that begin with a point too
  -d   directories themselves, not what is in them
  -l   mode, links, owner, group, size, time and name
  -1   one name a line (always so)

Names are sorted by their bytes.
"""

from __future__ import annotations

from bare import Bytes, errno_of, i32, text, usize
from user.lib.arguments import Arguments, Options
from user.lib.listing import Lister
from user.lib.report import report_error


def list_operand(lister: Lister, path: Bytes, has_title: bool) -> i32:
    """Lists one operand; returns 0, or 1 after a message."""
    try:
        if has_title and lister.is_listed_inside(path):
            print(f"{text(path)}:")
        lister.list(path)
    except OSError as error:
        report_error(path, errno_of(error))
        return 1
    return 0


def main(arguments: Arguments) -> i32:
    """Lists each path, the working directory when there is none."""
    lister = Lister()
    options = Options(arguments, b"adl1")
    while options.next():
        lister.set_option(options.letter)
    if options.index >= arguments.count:
        return list_operand(lister, b".", False)
    status: i32 = 0
    count: usize = arguments.count - options.index
    for index in range(options.index, arguments.count):
        if index > options.index and count > 1 and lister.is_listed_inside(arguments.get(index)):
            print("")
        status = max(status, list_operand(lister, arguments.get(index), count > 1))
    return status
