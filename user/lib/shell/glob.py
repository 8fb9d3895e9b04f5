"""Patterns of the shell: `*`, `?` and `[…]`. POSIX.1-2017, XCU 2.13.

A pattern is bytes and, for each, a mark: `QUOTED` bytes stand for themselves.
"""

from __future__ import annotations

from bare import Bytes, struct, u8, usize
from user.lib.shell.characters import BANG, CLOSE_BRACKET, MINUS, OPEN_BRACKET, QUESTION, STAR

PLAIN: u8 = 0
QUOTED: u8 = 1
CARET: u8 = ord("^")


@struct
class Pattern:
    """A pattern; `marks` is as long as `text`."""

    text: Bytes
    marks: Bytes

    def is_special(self, index: usize, byte: u8) -> bool:
        """Whether the pattern has `byte`, unquoted, at a place."""
        return self.text[index] == byte and self.marks[index] != QUOTED

    def has_special(self) -> bool:
        """Whether the pattern can match anything but itself."""
        for index in range(len(self.text)):
            if self.marks[index] != QUOTED and self.text[index] in (STAR, QUESTION, OPEN_BRACKET):
                return True
        return False

    def matches(self, name: Bytes) -> bool:
        """Whether the whole of `name` matches.

        One star is remembered: to go back to an earlier one could only help where the later one
        failed to reach the end, which it cannot.
        """
        place: usize = 0
        position: usize = 0
        star = len(self.text)
        star_position: usize = 0
        has_star = False
        while position < len(name):
            if place < len(self.text) and self.is_special(place, STAR):
                has_star = True
                star = place
                star_position = position
                place += 1
                continue
            length: usize = 0
            if place < len(self.text):
                length = self.matched_length(place, name[position])
            if length > 0:
                place += length
                position += 1
            elif has_star:
                star_position += 1
                position = star_position
                place = star + 1
            else:
                return False
        while place < len(self.text) and self.is_special(place, STAR):
            place += 1
        return place == len(self.text)

    def matched_length(self, place: usize, byte: u8) -> usize:
        """Returns how many bytes of the pattern, from `place` on, match one byte; 0 for none."""
        if self.is_special(place, QUESTION):
            return 1
        if self.is_special(place, OPEN_BRACKET):
            end = self.bracket_end(place)
            if end < len(self.text):
                return end + 1 - place if self.bracket_has(place, end, byte) else 0
        return 1 if self.text[place] == byte else 0

    def bracket_end(self, place: usize) -> usize:
        """Returns where the bracket expression at `place` ends; the length where it does not."""
        index = place + 1
        if index < len(self.text) and (
            self.is_special(index, BANG) or self.is_special(index, CARET)
        ):
            index += 1
        if index < len(self.text) and self.is_special(index, CLOSE_BRACKET):
            index += 1
        while index < len(self.text) and not self.is_special(index, CLOSE_BRACKET):
            index += 1
        return index

    def bracket_has(self, place: usize, end: usize, byte: u8) -> bool:
        """Whether a bracket expression admits a byte."""
        index = place + 1
        is_negated = self.is_special(index, BANG) or self.is_special(index, CARET)
        if is_negated:
            index += 1
        is_found = False
        while index < end:
            low = self.text[index]
            high = low
            if index + 2 < end and self.is_special(index + 1, MINUS):
                high = self.text[index + 2]
                index += 2
            if low <= byte <= high:
                is_found = True
            index += 1
        return is_found != is_negated
