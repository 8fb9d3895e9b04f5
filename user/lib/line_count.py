"""The option of `head` and `tail` that says how many lines."""

from __future__ import annotations

from bare import Bytes, struct, text, u64, usize
from user.lib.arguments import Arguments
from user.lib.numbers import parse_unsigned
from user.lib.report import usage_error

MINUS = ord("-")
ZERO = ord("0")
NINE = ord("9")
LETTER_N = ord("n")
DEFAULT_LINES = 10


@struct
class LineCount:
    """How many lines, and the index of the first operand."""

    lines: u64 = DEFAULT_LINES
    first: usize = 1

    def parse(self, arguments: Arguments) -> None:
        """Reads `-n N`, `-nN` or `-N` and `--`; a usage error ends the program."""
        while self.first < arguments.count:
            word = arguments.get(self.first)
            if len(word) < 2 or word[0] != MINUS:
                return
            self.first += 1
            if word == b"--":
                return
            if word[1] >= ZERO and word[1] <= NINE:
                self.lines = count_of(word[1:])
            elif word[1] != LETTER_N:
                usage_error(f"unknown option {text(word)}")
            elif len(word) > 2:
                self.lines = count_of(word[2:])
            elif self.first < arguments.count:
                self.lines = count_of(arguments.get(self.first))
                self.first += 1
            else:
                usage_error("option -n needs a number")


def count_of(word: Bytes) -> u64:
    """Reads a number of lines; a usage error ends the program."""
    try:
        return parse_unsigned(word)
    except OSError:
        usage_error(f"not a number of lines: {text(word)}")
