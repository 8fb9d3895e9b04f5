"""uname - print the system's names.

usage: uname [-asnrvm]

  -s  the system's name (the default)   -n  the node's name
  -r  the release                       -v  the version, with the build
  -m  the machine                       -a  all of them
"""

from __future__ import annotations

from abi.process import UnameInfo
from bare import Array, Bytes, array, errno_of, i32, struct, text, u8, usize
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.report import report_error
from user.lib.strings import until_zero

ORDER = b"snrvm"
ALL = ord("a")


@struct
class Wanted:
    """Which names are printed, by their place in ORDER, and how many have been."""

    letters: Array[u8] = array(len(ORDER))
    printed: usize = 0

    def add(self, letter: u8) -> None:
        """Asks for the name of an option letter, or for all."""
        for index in range(len(ORDER)):
            if letter == ORDER[index] or letter == ALL:
                self.letters[index] = 1

    def word(self, place: usize, name: Bytes) -> None:
        """Prints the name at `place` if it is wanted, after a space if it is not the first."""
        if self.letters[place] == 0:
            return
        if self.printed > 0:
            print(" ", end="")
        print(text(until_zero(name)), end="")
        self.printed += 1


def main(arguments: Arguments) -> i32:
    """Prints the names that the letters ask for, always in the same order."""
    info = UnameInfo()
    try:
        sys.uname(info)
    except OSError as error:
        report_error(b"uname", errno_of(error))
        return 1
    wanted = Wanted()
    options = Options(arguments, b"asnrvm")
    while options.next():
        wanted.add(options.letter)
    options.refuse_operands()
    if options.index == 1:
        wanted.add(ORDER[0])
    wanted.word(0, info.system[:])
    wanted.word(1, info.node[:])
    wanted.word(2, info.release[:])
    wanted.word(3, info.version[:])
    wanted.word(4, info.machine[:])
    print("")
    return 0
