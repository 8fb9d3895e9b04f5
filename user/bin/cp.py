"""cp - copy files.

usage: cp [-r] SOURCE... TARGET

  -r -R   copy directories with all that is in them

When TARGET is a directory the copies go into it.
"""

from __future__ import annotations

from abi.errno import EISDIR
from bare import Bytes, errno_of, i32, raises, text
from user.lib.arguments import Arguments, Options
from user.lib.copying import copy_file, copy_tree, is_directory
from user.lib.paths import PathBuffer, base_name
from user.lib.report import report_error, usage_error


@raises()
def copy(source: Bytes, target: Bytes, is_recursive: bool) -> None:
    """Copies one file or tree; EISDIR for a directory without `-r`."""
    if not is_directory(source):
        copy_file(source, target)
    elif is_recursive:
        copy_tree(source, target)
    else:
        raise OSError(EISDIR)


@raises()
def copy_into(source: Bytes, directory: Bytes, is_recursive: bool) -> None:
    """Copies into a directory, under the source's own name."""
    path = PathBuffer()
    path.join(directory, base_name(source))
    copy(source, path.content(), is_recursive)


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
        try:
            if is_into:
                copy_into(source, target, is_recursive)
            else:
                copy(source, target, is_recursive)
        except OSError as error:
            report_error(source, errno_of(error))
            status = 1
    return status
