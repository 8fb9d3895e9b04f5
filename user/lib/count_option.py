"""The option of `head` and `tail` that says how much of a file."""

from __future__ import annotations

from bare import Bytes, struct, text, u64, usize
from user.lib.arguments import Arguments
from user.lib.numbers import parse_unsigned
from user.lib.report import usage_error

MINUS = ord("-")
PLUS = ord("+")
ZERO = ord("0")
NINE = ord("9")
LETTER_C = ord("c")
LETTER_N = ord("n")
DEFAULT_LINES = 10


@struct
class CountOption:
    """How many lines or bytes, and the index of the first operand."""

    count: u64 = DEFAULT_LINES
    counts_bytes: bool = False
    is_position: bool = False
    """`+N`: from the Nth on, counted from 1."""
    first: usize = 1

    def parse(self, arguments: Arguments) -> None:
        """Reads `-n N`, `-c N`, also as one word, and `-N` and `--`; may end the program."""
        while self.first < arguments.count:
            word = arguments.get(self.first)
            if len(word) < 2 or word[0] != MINUS:
                return
            self.first += 1
            if word == b"--":
                return
            if word[1] >= ZERO and word[1] <= NINE:
                self.counts_bytes = False
                self.take(word[1:])
            elif word[1] != LETTER_N and word[1] != LETTER_C:
                usage_error(f"unknown option {text(word)}")
            else:
                self.counts_bytes = word[1] == LETTER_C
                self.take_value(arguments, word)

    def take_value(self, arguments: Arguments, word: Bytes) -> None:
        """Reads the rest of an option's word, or the next word."""
        if len(word) > 2:
            self.take(word[2:])
        elif self.first < arguments.count:
            self.first += 1
            self.take(arguments.get(self.first - 1))
        else:
            usage_error(f"option {text(word)} needs a number")

    def take(self, word: Bytes) -> None:
        """Reads a number, with `+` before it for a position; a usage error ends the program."""
        self.is_position = len(word) > 0 and word[0] == PLUS
        try:
            self.count = parse_unsigned(word[1:] if self.is_position else word)
        except OSError:
            usage_error(f"not a number: {text(word)}")
