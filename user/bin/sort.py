"""sort - sort lines.

usage: sort [-nru] [FILE...]

  -n   by the number at the start of the line
  -r   in reverse
  -u   leave out lines that are equal to the one before
"""

from __future__ import annotations

from bare import Bytes, errno_of, i32, i64, inline, raises, struct, text, usize
from bare.lib.text import Text
from user.lib.arguments import Arguments, Options
from user.lib.input import Input
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.report import report_error
from user.lib.standard import standard
from user.lib.string_list import Order, StringList
from user.lib.strings import compare

LETTER_N = ord("n")
LETTER_R = ord("r")
SPACE = ord(" ")
TAB = ord("\t")
MINUS = ord("-")
ZERO = ord("0")
NINE = ord("9")
DIGITS_MAX = 18


def leading_number(line: Bytes) -> i64:
    """Returns the decimal number that the line starts with, after blanks; 0 for none.

    Digits beyond the eighteenth are not looked at.
    """
    index: usize = 0
    while index < len(line) and (line[index] == SPACE or line[index] == TAB):
        index += 1
    is_negative = index < len(line) and line[index] == MINUS
    if is_negative:
        index += 1
    value: i64 = 0
    end = min(index + DIGITS_MAX, len(line))
    while index < end and line[index] >= ZERO and line[index] <= NINE:
        value = value * 10 + (line[index] - ZERO)
        index += 1
    return -value if is_negative else value


@struct
class LineOrder(Order):
    """The order that the options ask for."""

    is_numeric: bool = False
    is_reversed: bool = False

    def compare(self, left: Bytes, right: Bytes) -> i32:
        """Compares numbers first where asked, then bytes."""
        result: i32 = 0
        if self.is_numeric:
            left_number = leading_number(left)
            right_number = leading_number(right)
            if left_number != right_number:
                result = -1 if left_number < right_number else 1
        if result == 0:
            result = compare(left, right)
        return -result if self.is_reversed else result


@struct
class Collector(InputVisitor):
    """Gathers the lines of all inputs."""

    lines: StringList = inline()

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Adds the lines of `source`."""
        line = Text(standard().heap)
        while source.read_line(line):
            self.lines.add(line.view())


def print_lines(lines: StringList, is_unique: bool) -> None:
    """Prints the sorted lines."""
    for index in range(lines.count):
        line = lines.get(index)
        if not is_unique or index == 0 or lines.get(index - 1) != line:
            print(text(line))


def main(arguments: Arguments) -> i32:
    """Collects, sorts and prints."""
    order = LineOrder()
    is_unique = False
    options = Options(arguments, b"nru")
    while options.next():
        if options.letter == LETTER_N:
            order.is_numeric = True
        elif options.letter == LETTER_R:
            order.is_reversed = True
        else:
            is_unique = True
    collector = Collector()
    status = visit_inputs(arguments, options.index, collector)
    try:
        collector.lines.sort(order)
    except OSError as error:
        report_error(b"sort", errno_of(error))
        return 1
    print_lines(collector.lines, is_unique)
    return status
