"""rm - remove files.

usage: rm [-rRf] FILE...

  -r -R   remove directories with all that is in them
  -f      do not mind files that do not exist
"""

from __future__ import annotations

from abi.errno import EISDIR, ENOENT
from abi.file import AT_FDCWD, AT_REMOVEDIR, DT_DIR
from bare import Bytes, errno_of, i32, raises, struct
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.directory import DirectoryReader
from user.lib.paths import PathBuffer, base_name
from user.lib.report import report, report_error, usage_error

LETTER_F = ord("f")


@struct
class Remover:
    """What the options allow."""

    is_recursive: bool = False
    is_forced: bool = False

    def remove(self, path: Bytes) -> i32:
        """Removes `path`; returns 0, or 1 after a message."""
        name = base_name(path)
        if name == b"." or name == b".." or name == b"/":
            report("refusing to remove '.', '..' or '/'")
            return 1
        try:
            sys.unlinkat(AT_FDCWD, path, 0)
        except OSError as error:
            number = errno_of(error)
            if number == ENOENT and self.is_forced:
                return 0
            if number == EISDIR and self.is_recursive:
                return self.remove_tree(path)
            report_error(path, number)
            return 1
        return 0

    def remove_tree(self, path: Bytes) -> i32:
        """Removes what is in a directory, then the directory."""
        try:
            status = self.empty(path)
            if status == 0:
                sys.unlinkat(AT_FDCWD, path, AT_REMOVEDIR)
            return status
        except OSError as error:
            report_error(path, errno_of(error))
        return 1

    @raises()
    def empty(self, path: Bytes) -> i32:
        """Removes every entry of a directory, opening it anew until it has none left."""
        child = PathBuffer()
        reader = DirectoryReader()
        reader.open(path)
        status: i32 = 0
        while status == 0 and reader.next():
            child.join(path, reader.name)
            if reader.kind == DT_DIR:
                status = self.remove_tree(child.content())
            else:
                sys.unlinkat(AT_FDCWD, child.content(), 0)
            reader.close()
            reader.open(path)
        reader.close()
        return status


def main(arguments: Arguments) -> i32:
    """Removes each file."""
    remover = Remover()
    options = Options(arguments, b"rRf")
    while options.next():
        if options.letter == LETTER_F:
            remover.is_forced = True
        else:
            remover.is_recursive = True
    if options.index >= arguments.count and not remover.is_forced:
        usage_error("no file given")
    status: i32 = 0
    for index in range(options.index, arguments.count):
        status = max(status, remover.remove(arguments.get(index)))
    return status
