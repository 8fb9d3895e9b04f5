"""wc - count lines, words and bytes.

usage: wc [-lwc] [FILE...]

  -l   lines
  -w   words
  -c   bytes

Without a letter: all three. A last line gives the total of several files.
"""

from __future__ import annotations

from bare import Bytes, i32, raises, struct, text, u8, u64
from user.lib.arguments import Arguments, Options
from user.lib.input import Input
from user.lib.inputs import InputVisitor, visit_inputs

NEWLINE = ord("\n")
SPACE = ord(" ")
TAB = ord("\t")
CARRIAGE_RETURN = ord("\r")
LETTER_L = ord("l")
LETTER_W = ord("w")


@struct
class Counter(InputVisitor):
    """Which columns are wanted, and the totals so far."""

    with_lines: bool = False
    with_words: bool = False
    with_bytes: bool = False
    lines: u64 = 0
    words: u64 = 0
    size_bytes: u64 = 0

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Counts `source`, prints its line and adds it to the totals."""
        lines: u64 = 0
        words: u64 = 0
        size_bytes: u64 = 0
        in_word = False
        while source.fill():
            piece = source.take()
            size_bytes += len(piece)
            for byte in piece:
                if byte == NEWLINE:
                    lines += 1
                is_space = byte == SPACE or (byte >= TAB and byte <= CARRIAGE_RETURN)
                if in_word and is_space:
                    in_word = False
                elif not in_word and not is_space:
                    in_word = True
                    words += 1
        self.print_line(lines, words, size_bytes, name)
        self.lines += lines
        self.words += words
        self.size_bytes += size_bytes

    def print_line(self, lines: u64, words: u64, size_bytes: u64, name: Bytes) -> None:
        """Prints the wanted columns and the name."""
        if self.with_lines:
            print_column(lines, self.with_words or self.with_bytes or len(name) > 0)
        if self.with_words:
            print_column(words, self.with_lines or self.with_bytes or len(name) > 0)
        if self.with_bytes:
            print_column(size_bytes, self.with_lines or self.with_words or len(name) > 0)
        if len(name) > 0:
            print(f" {text(name)}", end="")
        print("")


def print_column(value: u64, is_padded: bool) -> None:
    """Prints a count, in a column when it does not stand alone."""
    if is_padded:
        print(f"{value:8}", end="")
    else:
        print(f"{value}", end="")


def choose(counter: Counter, letter: u8) -> None:
    """Asks for the column of an option letter."""
    if letter == LETTER_L:
        counter.with_lines = True
    elif letter == LETTER_W:
        counter.with_words = True
    else:
        counter.with_bytes = True


def main(arguments: Arguments) -> i32:
    """Counts every input."""
    counter = Counter()
    options = Options(arguments, b"lwc")
    while options.next():
        choose(counter, options.letter)
    if not (counter.with_lines or counter.with_words or counter.with_bytes):
        counter.with_lines = True
        counter.with_words = True
        counter.with_bytes = True
    status = visit_inputs(arguments, options.index, counter)
    if options.index + 1 < arguments.count:
        counter.print_line(counter.lines, counter.words, counter.size_bytes, b"total")
    return status
