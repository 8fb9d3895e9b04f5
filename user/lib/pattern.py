"""`Pattern`: basic regular expressions without groups, matched by backtracking.

The method is the one of Thompson's and Pike's small matchers: an item (a character, a point, a
set) with or without a star, tried at every place of the text. Time is at most the product of the
lengths for each star; no memory is used.
"""

from __future__ import annotations

from bare import Bytes, struct, u8, usize
from user.lib.strings import lower_of

POINT = ord(".")
STAR = ord("*")
HAT = ord("^")
DOLLAR = ord("$")
OPEN = ord("[")
CLOSE = ord("]")
MINUS = ord("-")
BACKSLASH = ord("\\")


@struct
class Pattern:
    """The pattern's text and how it is compared."""

    source: Bytes = b""
    is_plain: bool = False
    ignores_case: bool = False

    def is_valid(self) -> bool:
        """Whether every set is closed and no backslash stands at the end."""
        if self.is_plain:
            return True
        index: usize = 0
        while index < len(self.source):
            length = self.item_length(index)
            if length == 0:
                return False
            index += length
        return True

    def matches(self, line: Bytes) -> bool:
        """Whether the pattern matches somewhere in `line`."""
        if self.is_plain:
            return self.finds_plain(line)
        if len(self.source) > 0 and self.source[0] == HAT:
            return self.match_here(1, line, 0)
        for start in range(len(line) + 1):
            if self.match_here(0, line, start):
                return True
        return False

    def finds_plain(self, line: Bytes) -> bool:
        """Whether the text of the pattern is in `line`."""
        if len(self.source) > len(line):
            return False
        for start in range(len(line) - len(self.source) + 1):
            index: usize = 0
            while index < len(self.source):
                if self.fold(line[start + index]) != self.fold(self.source[index]):
                    break
                index += 1
            if index == len(self.source):
                return True
        return False

    def match_here(self, place: usize, line: Bytes, start: usize) -> bool:
        """Whether the pattern from `place` on matches at `start`."""
        item = place
        position = start
        while item < len(self.source):
            if self.source[item] == DOLLAR and item + 1 == len(self.source):
                return position == len(line)
            length = self.item_length(item)
            after = item + length
            if after < len(self.source) and self.source[after] == STAR:
                return self.match_star(item, after + 1, line, position)
            if position == len(line) or not self.item_matches(item, line[position]):
                return False
            position += 1
            item = after
        return True

    def match_star(self, item: usize, rest: usize, line: Bytes, start: usize) -> bool:
        """Whether any number of the item, then the rest of the pattern, match at `start`."""
        end = start
        while end < len(line) and self.item_matches(item, line[end]):
            end += 1
        while not self.match_here(rest, line, end):
            if end == start:
                return False
            end -= 1
        return True

    def item_length(self, place: usize) -> usize:
        """Returns how many bytes the item at `place` takes, 0 for one that is not complete."""
        byte = self.source[place]
        if byte == BACKSLASH:
            return 2 if place + 1 < len(self.source) else 0
        if byte != OPEN:
            return 1
        end = place + 1
        if end < len(self.source) and self.source[end] == HAT:
            end += 1
        if end < len(self.source) and self.source[end] == CLOSE:
            end += 1
        while end < len(self.source) and self.source[end] != CLOSE:
            end += 1
        return end - place + 1 if end < len(self.source) else 0

    def item_matches(self, place: usize, byte: u8) -> bool:
        """Whether the item at `place` matches one byte."""
        item = self.source[place]
        if item == POINT:
            return True
        if item == BACKSLASH:
            return self.fold(self.source[place + 1]) == self.fold(byte)
        if item == OPEN:
            return self.set_matches(place, byte)
        return self.fold(item) == self.fold(byte)

    def set_matches(self, place: usize, byte: u8) -> bool:
        """Whether `byte` is in the set that opens at `place`."""
        end = place + self.item_length(place) - 1
        index = place + 1
        is_negated = self.source[index] == HAT
        if is_negated:
            index += 1
        wanted = self.fold(byte)
        is_in = False
        while index < end:
            if index + 2 < end and self.source[index + 1] == MINUS:
                low = self.fold(self.source[index])
                high = self.fold(self.source[index + 2])
                is_in = is_in or (low <= wanted and wanted <= high)
                index += 3
            else:
                is_in = is_in or self.fold(self.source[index]) == wanted
                index += 1
        return is_in != is_negated

    def fold(self, byte: u8) -> u8:
        """Returns the byte as it is compared: capitals as small letters where case is ignored."""
        return lower_of(byte) if self.ignores_case else byte
