"""The header fields that a server looks at, and the elements of lists in their values."""

from __future__ import annotations

from bare import Bytes, Enum8, struct, usize
from user.lib.http.characters import COMMA, QUOTE, is_same_word
from user.lib.strings import trimmed

BACKSLASH = ord("\\")


class Field(Enum8):
    """A field that is found while a head is read; OTHER stands for all that are not."""

    OTHER = 0
    HOST = 1
    CONNECTION = 2
    CONTENT_LENGTH = 3
    TRANSFER_ENCODING = 4
    EXPECT = 5
    CONTENT_TYPE = 6
    RANGE = 7
    IF_RANGE = 8
    IF_MATCH = 9
    IF_NONE_MATCH = 10
    IF_MODIFIED_SINCE = 11
    IF_UNMODIFIED_SINCE = 12
    ACCEPT = 13
    AUTHORIZATION = 14


FIELD_COUNT = 15
NAMES: tuple[bytes, ...] = (
    b"",
    b"host",
    b"connection",
    b"content-length",
    b"transfer-encoding",
    b"expect",
    b"content-type",
    b"range",
    b"if-range",
    b"if-match",
    b"if-none-match",
    b"if-modified-since",
    b"if-unmodified-since",
    b"accept",
    b"authorization",
)


def field_of(name: Bytes) -> Field:
    """Returns which field `name` is; names have no case."""
    for index in range(1, FIELD_COUNT):
        if len(NAMES[index]) == len(name) and is_same_word(name, NAMES[index]):
            return Field(index)
    return Field.OTHER


@struct
class ListElements:
    """Walks over the elements of a comma-separated value (RFC 9110, 5.6.1), empty ones left out.

    Commas in quoted strings do not separate. `element` is what `next` stepped to, trimmed.
    """

    value: Bytes
    position: usize = 0
    element: Bytes = b""

    def next(self) -> bool:
        """Steps to the next element; False when there is none."""
        while self.position < len(self.value):
            end = end_of_element(self.value, self.position)
            self.element = trimmed(self.value[self.position : end])
            self.position = min(end + 1, len(self.value))
            if len(self.element) > 0:
                return True
        return False


def end_of_element(value: Bytes, start: usize) -> usize:
    """Returns where the element that begins at `start` ends: at a comma or the value's end."""
    index = start
    in_quotes = False
    while index < len(value):
        byte = value[index]
        if byte == QUOTE:
            in_quotes = not in_quotes
        elif byte == BACKSLASH and in_quotes:
            index += 1
        elif byte == COMMA and not in_quotes:
            return index
        index += 1
    return min(index, len(value))


def has_element(value: Bytes, lower: Bytes) -> bool:
    """Whether one of the elements of a list is the word `lower`, whatever its case."""
    elements = ListElements(value)
    while elements.next():
        if is_same_word(elements.element, lower):
            return True
    return False
