"""echo - write the arguments, separated by spaces.

usage: echo [-n] [WORD...]

  -n   no newline at the end

Backslashes are written as they are.
"""

from __future__ import annotations

from bare import i32, text, usize
from user.lib.arguments import Arguments


def main(arguments: Arguments) -> i32:
    """Prints the words."""
    first: usize = 1
    end = "\n"
    if arguments.count > 1 and arguments.get(1) == b"-n":
        first = 2
        end = ""
    for index in range(first, arguments.count):
        if index > first:
            print(" ", end="")
        print(text(arguments.get(index)), end="")
    print(end, end="")
    return 0
