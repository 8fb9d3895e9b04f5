"""Range requests: which parts of a file a client wants (RFC 9110, 14)."""

from __future__ import annotations

from bare import Array, Bytes, Enum8, array, saturating_add, struct, u64, usize
from user.lib.http.characters import EQUALS, MINUS, is_same_word
from user.lib.http.digits import LARGEST, saturating_value
from user.lib.http.fields import ListElements
from user.lib.strings import find_byte, trimmed

MOST_RANGES = 16
"""A client that asks for more gets the whole file (RFC 9110, 14.2 and 17.15)."""


class RangeVerdict(Enum8):
    """What is to be done about a Range field."""

    WHOLE = 0
    """It is not one that is understood, or not worth it: send the whole file."""

    PARTIAL = 1
    UNSATISFIABLE = 2


@struct
class ByteRange:
    """Bytes `first` to `first + length - 1` of a file."""

    first: u64 = 0
    length: u64 = 0

    def last(self) -> u64:
        """Returns the number of the last byte."""
        return self.first + self.length - 1


@struct
class RangeSet:
    """The parts of a file that a request asks for and that are there."""

    count: usize = 0
    ranges: Array[ByteRange] = array(MOST_RANGES)

    def parse(self, value: Bytes, size_bytes: u64) -> RangeVerdict:
        """Reads the value of a Range field for a file of `size_bytes`."""
        self.count = 0
        equals = find_byte(value, EQUALS, 0)
        if equals == len(value) or not is_same_word(value[:equals], b"bytes"):
            return RangeVerdict.WHOLE
        asked: usize = 0
        elements = ListElements(value[equals + 1 :])
        while elements.next():
            asked += 1
            if asked > MOST_RANGES or not self.add(elements.element, size_bytes):
                return RangeVerdict.WHOLE
        if asked == 0:
            return RangeVerdict.WHOLE
        if self.count == 0:
            return RangeVerdict.UNSATISFIABLE
        if self.count > 1 and self.total() > size_bytes:
            return RangeVerdict.WHOLE
        return RangeVerdict.PARTIAL

    def add(self, spec: Bytes, size_bytes: u64) -> bool:
        """Adds `A-B`, `A-` or `-N`, unless nothing of it is there; False if it is no range."""
        hyphen = find_byte(spec, MINUS, 0)
        if hyphen == len(spec):
            return False
        from_text = trimmed(spec[:hyphen])
        to_text = trimmed(spec[hyphen + 1 :])
        if len(from_text) == 0:
            return self.add_suffix(to_text, size_bytes)
        first = saturating_value(from_text)
        last = saturating_value(to_text) if len(to_text) > 0 else LARGEST
        if first is None or last is None or last < first:
            return False
        if first < size_bytes:
            self.put(first, min(last, size_bytes - 1) - first + 1)
        return True

    def add_suffix(self, digits: Bytes, size_bytes: u64) -> bool:
        """Adds the last bytes of the file."""
        wanted = saturating_value(digits)
        if wanted is None:
            return False
        length = min(wanted, size_bytes)
        if length > 0:
            self.put(size_bytes - length, length)
        return True

    def put(self, first: u64, length: u64) -> None:
        """Adds a range."""
        entry = self.ranges[self.count]
        entry.first = first
        entry.length = length
        self.count += 1

    def total(self) -> u64:
        """Returns how many bytes all ranges have together, at most 2**64 - 1."""
        total: u64 = 0
        for index in range(self.count):
            total = saturating_add(total, self.ranges[index].length)
        return total
