"""grep - print lines that match a pattern.

usage: grep [-Fcilnqv] PATTERN [FILE...]

  -F  the pattern is plain text        -c  print only how many lines match
  -i  letters match in either case     -l  print only names of files with a match
  -n  print line numbers               -q  print nothing, only tell by the status
  -v  print lines that do not match

A pattern knows . * ^ $ [set] [^set] and \\ before one of them. The status is 0 with a match, 1
without, 2 after an error.
"""

from __future__ import annotations

from bare import Bytes, i32, raises, struct, text, u64
from bare.lib.text import Text
from user.lib.arguments import Arguments, Options
from user.lib.input import Input
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.pattern import Pattern
from user.lib.report import usage_error
from user.lib.standard import standard

ERROR_STATUS = 2
STANDARD_INPUT = b"(standard input)"


@struct
class Searcher(InputVisitor):
    """The pattern and what is printed of lines that it selects."""

    pattern: Pattern
    is_inverted: bool = False
    with_numbers: bool = False
    with_names: bool = False
    only_count: bool = False
    only_names: bool = False
    is_quiet: bool = False
    found: bool = False

    def set_option(self, letter: Bytes) -> None:
        """Takes one option letter."""
        if letter == b"v":
            self.is_inverted = True
        elif letter == b"n":
            self.with_numbers = True
        elif letter == b"c":
            self.only_count = True
        elif letter == b"l":
            self.only_names = True
        elif letter == b"q":
            self.is_quiet = True
        elif letter == b"i":
            self.pattern.ignores_case = True
        else:
            self.pattern.is_plain = True

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Searches `source` line by line."""
        shown = name if len(name) > 0 and name != b"-" else STANDARD_INPUT
        line = Text(standard().heap)
        number: u64 = 0
        count: u64 = 0
        while source.read_line(line):
            number += 1
            if self.pattern.matches(line.view()) != self.is_inverted:
                self.found = True
                count += 1
                if self.is_quiet or self.only_names:
                    break
                if not self.only_count:
                    self.print_line(shown, number, line.view())
        if self.only_names and count > 0 and not self.is_quiet:
            print(text(shown))
        elif self.only_count and not self.is_quiet:
            self.print_name(shown)
            print(count)

    def print_name(self, name: Bytes) -> None:
        """Prints the file's name and a colon where several files are searched."""
        if self.with_names:
            print(f"{text(name)}:", end="")

    def print_line(self, name: Bytes, number: u64, line: Bytes) -> None:
        """Prints a selected line."""
        self.print_name(name)
        if self.with_numbers:
            print(f"{number}:", end="")
        print(text(line))


def main(arguments: Arguments) -> i32:
    """Searches every input."""
    pattern = Pattern()
    searcher = Searcher(pattern)
    options = Options(arguments, b"Fcilnqv")
    while options.next():
        searcher.set_option(options.letter_word())
    if options.index >= arguments.count:
        usage_error("no pattern given")
    pattern.source = arguments.get(options.index)
    if not pattern.is_valid():
        usage_error("the pattern ends in a [ without ] or in a single backslash")
    searcher.with_names = options.index + 2 < arguments.count
    status = visit_inputs(arguments, options.index + 1, searcher)
    if status != 0:
        return ERROR_STATUS
    return 0 if searcher.found else 1
