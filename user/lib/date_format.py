"""Dates as text: the conversions of `date +FORMAT`. POSIX.1-2017, XCU date, in the C locale."""

from __future__ import annotations

from abi.errno import EINVAL
from bare import Bytes, encode, i64, raises, struct, u8, usize, write_to
from bare.lib.writer import Writer
from user.lib.dates import Date

PERCENT: u8 = ord("%")
DAYS: tuple[str, ...] = (
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
)  # fmt: skip
MONTHS: tuple[str, ...] = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
SHORT_NAME = 3
COMPOSED_LETTERS: tuple[str, ...] = ("D", "F", "R", "T", "c")
COMPOSED: tuple[str, ...] = ("%m/%d/%y", "%Y-%m-%d", "%H:%M", "%H:%M:%S", "%a %b %e %T %Y")
"""What the letters of COMPOSED_LETTERS stand for."""


@struct
class DateFormatter:
    """A moment and where its text goes."""

    output: Writer
    date: Date
    seconds: i64
    """Since 1970-01-01 00:00:00 UTC."""

    @raises(EINVAL)
    def print(self, form: Bytes) -> None:
        """Prints `form` with its conversions replaced; EINVAL for one that is not known."""
        index: usize = 0
        while index < len(form):
            if form[index] != PERCENT:
                self.output.write(form[index : index + 1])
            elif index + 1 == len(form):
                raise OSError(EINVAL)
            else:
                index += 1
                self.print_conversion(form[index : index + 1])
            index += 1

    @raises(EINVAL)
    def print_conversion(self, letter: Bytes) -> None:
        """Prints what `%letter` stands for."""
        for place in range(len(COMPOSED_LETTERS)):
            if encode(COMPOSED_LETTERS[place]) == letter:
                self.print(encode(COMPOSED[place]))
                return
        if not (self.print_date(letter) or self.print_time(letter) or self.print_name(letter)):
            raise OSError(EINVAL)

    def print_date(self, letter: Bytes) -> bool:
        """Prints a number of the calendar; False for any other letter."""
        date = self.date
        if letter == b"Y":
            write_to(self.output, f"{date.year:04}")
        elif letter == b"y":
            write_to(self.output, f"{date.year % 100:02}")
        elif letter == b"m":
            write_to(self.output, f"{date.month:02}")
        elif letter == b"d":
            write_to(self.output, f"{date.day:02}")
        elif letter == b"e":
            write_to(self.output, f"{date.day:2}")
        elif letter == b"j":
            write_to(self.output, f"{date.day_of_year():03}")
        elif letter == b"u":
            write_to(self.output, f"{7 if date.weekday == 0 else date.weekday}")
        elif letter == b"w":
            write_to(self.output, f"{date.weekday}")
        else:
            return False
        return True

    def print_time(self, letter: Bytes) -> bool:
        """Prints a number of the clock; False for any other letter."""
        date = self.date
        if letter == b"H":
            write_to(self.output, f"{date.hour:02}")
        elif letter == b"M":
            write_to(self.output, f"{date.minute:02}")
        elif letter == b"S":
            write_to(self.output, f"{date.second:02}")
        elif letter == b"s":
            write_to(self.output, f"{self.seconds}")
        elif letter == b"Z":
            self.output.write(b"UTC")
        elif letter == b"z":
            self.output.write(b"+0000")
        else:
            return False
        return True

    def print_name(self, letter: Bytes) -> bool:
        """Prints a name or a character; False for any other letter."""
        day = encode(DAYS[self.date.weekday])
        month = encode(MONTHS[self.date.month - 1])
        if letter == b"A":
            self.output.write(day)
        elif letter == b"a":
            self.output.write(day[:SHORT_NAME])
        elif letter == b"B":
            self.output.write(month)
        elif letter == b"b" or letter == b"h":
            self.output.write(month[:SHORT_NAME])
        elif letter == b"n":
            self.output.write(b"\n")
        elif letter == b"t":
            self.output.write(b"\t")
        elif letter == b"%":
            self.output.write(b"%")
        else:
            return False
        return True
