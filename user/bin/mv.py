"""mv - move or rename files.

usage: mv SOURCE... TARGET

When TARGET is a directory the files go into it. Across file systems files are copied, then removed.
"""

from __future__ import annotations

from abi.errno import EINVAL, EXDEV
from abi.error_text import strerror
from abi.file import AT_FDCWD
from bare import Bytes, errno_of, i32, raises, text
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.copying import copy_file, exists, is_directory
from user.lib.paths import PathBuffer, base_name
from user.lib.report import report, report_error, usage_error


@raises()
def move(source: Bytes, target: Bytes) -> None:
    """Renames, or copies and removes a file where the target is on another file system."""
    try:
        sys.renameat2(AT_FDCWD, source, AT_FDCWD, target, 0)
    except OSError as error:
        if errno_of(error) != EXDEV or is_directory(source):
            raise
        copy_file(source, target)
        sys.unlinkat(AT_FDCWD, source, 0)


@raises()
def move_into(source: Bytes, directory: Bytes) -> None:
    """Moves into a directory, under the source's own name."""
    path = PathBuffer()
    path.join(directory, base_name(source))
    move(source, path.content())


def report_failure(source: Bytes, target: Bytes, error: i32) -> None:
    """Says which of the two paths was wrong where that is known."""
    if not exists(source):
        report_error(source, error)
    elif error == EINVAL:
        report(f"cannot move {text(source)} into itself, {text(target)}")
    else:
        report(f"{text(source)} to {text(target)}: {strerror(error)}")


def main(arguments: Arguments) -> i32:
    """Moves every source."""
    options = Options(arguments, b"f")
    while options.next():
        pass
    if options.index + 2 > arguments.count:
        usage_error("a source and a target are needed")
    target = arguments.get(arguments.count - 1)
    is_into = is_directory(target)
    if options.index + 2 < arguments.count and not is_into:
        usage_error(f"not a directory: {text(target)}")
    status: i32 = 0
    for index in range(options.index, arguments.count - 1):
        source = arguments.get(index)
        try:
            if is_into:
                move_into(source, target)
            else:
                move(source, target)
        except OSError as error:
            report_failure(source, target, errno_of(error))
            status = 1
    return status
