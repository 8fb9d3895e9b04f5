"""`Lister`: what `ls` prints."""

from __future__ import annotations

from abi.file import (
    AT_FDCWD,
    AT_SYMLINK_NOFOLLOW,
    S_IFBLK,
    S_IFCHR,
    S_IFDIR,
    S_IFIFO,
    S_IFLNK,
    S_IFMT,
    S_IFSOCK,
    Stat,
)
from abi.limits import PATH_MAX
from bare import Array, Bytes, array, errno_of, inline, raises, struct, text, u8, u32
from user.lib import sys
from user.lib.dates import Date
from user.lib.directory import DirectoryReader
from user.lib.paths import PathBuffer
from user.lib.principals import Principals
from user.lib.report import report_error
from user.lib.string_list import ByteOrder, StringList

POINT = ord(".")
LETTER_A = ord("a")
LETTER_D = ord("d")
LETTER_L = ord("l")
OWNER_WIDTH = 8
PERMISSION_LETTERS = b"rwxrwxrwx"
PERMISSION_COUNT = 9
MINUS = ord("-")


@struct
class Lister:
    """The options, and the names of owners once they are needed."""

    with_hidden: bool = False
    is_long: bool = False
    only_self: bool = False
    has_principals: bool = False
    principals: Principals = inline()

    def set_option(self, letter: u8) -> None:
        """Takes one option letter."""
        if letter == LETTER_A:
            self.with_hidden = True
        elif letter == LETTER_L:
            self.is_long = True
        elif letter == LETTER_D:
            self.only_self = True

    def is_listed_inside(self, path: Bytes) -> bool:
        """Whether `path` is a directory whose entries are listed."""
        if self.only_self:
            return False
        stat = Stat()
        try:
            sys.newfstatat(AT_FDCWD, path, stat, 0)
        except OSError:
            return False
        return stat.mode & S_IFMT == S_IFDIR

    @raises()
    def list(self, path: Bytes) -> None:
        """Lists a file, or what is in a directory."""
        if not self.is_listed_inside(path):
            self.print_entry(path, path)
            return
        names = StringList()
        self.collect(path, names)
        names.sort(ByteOrder())
        entry = PathBuffer()
        for index in range(names.count):
            entry.join(path, names.get(index))
            try:
                self.print_entry(entry.content(), names.get(index))
            except OSError as error:
                report_error(entry.content(), errno_of(error))

    @raises()
    def collect(self, path: Bytes, names: StringList) -> None:
        """Gathers the names in a directory that are to be shown."""
        reader = DirectoryReader()
        reader.open(path)
        try:
            while reader.step():
                if self.with_hidden or reader.name[0] != POINT:
                    names.add(reader.name)
        finally:
            reader.close()

    @raises()
    def print_entry(self, path: Bytes, name: Bytes) -> None:
        """Prints the line of one file."""
        stat = Stat()
        sys.newfstatat(AT_FDCWD, path, stat, AT_SYMLINK_NOFOLLOW)
        if not self.is_long:
            print(text(name))
            return
        print_mode(stat.mode)
        print(f" {stat.links:3} ", end="")
        self.print_owner(stat.uid)
        self.print_owner(stat.gid)
        print(f"{stat.size_bytes:9} ", end="")
        date = Date()
        date.set_from_seconds(stat.modified.seconds)
        print(f"{date.year:04}-{date.month:02}-{date.day:02} ", end="")
        print(f"{date.hour:02}:{date.minute:02} {text(name)}", end="")
        if stat.mode & S_IFMT == S_IFLNK:
            target: Array[u8] = array(PATH_MAX)
            length = sys.readlinkat(AT_FDCWD, path, target[:])
            print(f" -> {text(target[:length])}", end="")
        print("")

    def print_owner(self, user: u32) -> None:
        """Prints the name of a user or group number: principal n + 1 is user n."""
        if not self.has_principals:
            self.principals.load()
            self.has_principals = True
        name: Bytes = b""
        if user < 0xFFFF_FFFF:
            name = self.principals.name_of(user + 1)
        if len(name) > 0:
            print(text(name), end="")
            for _ in range(min(len(name), OWNER_WIDTH), OWNER_WIDTH):
                print(" ", end="")
        else:
            print(f"{user:<8}", end="")


def kind_letter(mode: u32) -> str:
    """Returns the letter of a file's kind."""
    kind = mode & S_IFMT
    if kind == S_IFDIR:
        return "d"
    if kind == S_IFLNK:
        return "l"
    if kind == S_IFCHR:
        return "c"
    if kind == S_IFBLK:
        return "b"
    if kind == S_IFIFO:
        return "p"
    if kind == S_IFSOCK:
        return "s"
    return "-"


def print_mode(mode: u32) -> None:
    """Prints kind and permissions as ten letters."""
    print(kind_letter(mode), end="")
    for index in range(PERMISSION_COUNT):
        bit = u32(1) << (PERMISSION_COUNT - 1 - index)
        letter: u8 = MINUS
        if mode & bit != 0:
            letter = PERMISSION_LETTERS[index]
        print(f"{letter:c}", end="")
