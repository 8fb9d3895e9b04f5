"""cp - copy files.

usage: cp [-r] SOURCE... TARGET

  -r -R   copy directories with all that is in them

When TARGET is a directory the copies go into it.
"""

from __future__ import annotations

from abi.error_text import strerror
from abi.file import AT_FDCWD, S_IFDIR, S_IFMT, Stat
from bare import Bytes, errno_of, i32, raises, text
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.copying import copy_file, copy_tree, is_directory, is_inside, is_same_file
from user.lib.paths import PathBuffer, base_name
from user.lib.report import report, report_error, usage_error


def copy(source: Bytes, target: Bytes, is_recursive: bool) -> i32:
    """Copies one file or tree; returns 0, or 1 after a message."""
    stat = Stat()
    try:
        sys.newfstatat(AT_FDCWD, source, stat, 0)
    except OSError as error:
        report_error(source, errno_of(error))
        return 1
    try:
        return copy_described(source, stat, target, is_recursive)
    except OSError as error:
        report(f"{text(source)} to {text(target)}: {strerror(errno_of(error))}")
        return 1


@raises()
def copy_described(source: Bytes, stat: Stat, target: Bytes, is_recursive: bool) -> i32:
    """Copies what `stat` describes, unless it would be copied onto or into itself."""
    if is_same_file(target, stat):
        report(f"{text(source)} and {text(target)} are the same file")
        return 1
    if stat.mode & S_IFMT != S_IFDIR:
        copy_file(source, target)
        return 0
    if not is_recursive:
        report(f"{text(source)} is a directory: -r copies it")
        return 1
    if is_inside(target, stat):
        report(f"cannot copy {text(source)} into itself, {text(target)}")
        return 1
    copy_tree(source, target)
    return 0


def copy_into(source: Bytes, directory: Bytes, is_recursive: bool) -> i32:
    """Copies into a directory, under the source's own name."""
    path = PathBuffer()
    try:
        path.join(directory, base_name(source))
    except OSError as error:
        report_error(source, errno_of(error))
        return 1
    return copy(source, path.content(), is_recursive)


def main(arguments: Arguments) -> i32:
    """Copies every source."""
    is_recursive = False
    options = Options(arguments, b"rR")
    while options.next():
        is_recursive = True
    if options.index + 2 > arguments.count:
        usage_error("a source and a target are needed")
    target = arguments.get(arguments.count - 1)
    is_into = is_directory(target)
    if options.index + 2 < arguments.count and not is_into:
        usage_error(f"not a directory: {text(target)}")
    status: i32 = 0
    for index in range(options.index, arguments.count - 1):
        source = arguments.get(index)
        if is_into:
            status = max(status, copy_into(source, target, is_recursive))
        else:
            status = max(status, copy(source, target, is_recursive))
    return status
