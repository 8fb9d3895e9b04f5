"""Entity tags (RFC 9110, 8.8.3): making one for a file, and finding it in a list of them."""

from __future__ import annotations

from bare import Array, Bytes, array, i64, struct, u8, u64, usize, wrap_u64
from bare.lib.format import LOWER_DIGITS, put_bits
from user.lib.http.characters import COMMA, DELETE, MINUS, QUOTE, SPACE, TAB
from user.lib.strings import find_byte

MOST_TAG_BYTES = 52
"""Three numbers of 16 digits, two hyphens and the quotes."""

HEX_SHIFT = 4
WEAK: bytes = b"W/"


@struct
class EntityTag:
    """A strong tag, quotes and all, that changes when the file does."""

    length: usize = 0
    buffer: Array[u8] = array(MOST_TAG_BYTES)

    def view(self) -> Bytes:
        """Returns the tag."""
        return self.buffer[: self.length]

    def set(self, size_bytes: u64, seconds: i64, nanoseconds: i64) -> None:
        """Makes the tag of a file from its size and when it was modified."""
        self.length = 0
        self.add_byte(QUOTE)
        self.add_hex(wrap_u64(seconds))
        self.add_byte(MINUS)
        self.add_hex(wrap_u64(nanoseconds))
        self.add_byte(MINUS)
        self.add_hex(size_bytes)
        self.add_byte(QUOTE)

    def add_byte(self, byte: u8) -> None:
        """Adds one byte."""
        self.buffer[self.length] = byte
        self.length += 1

    def add_hex(self, value: u64) -> None:
        """Adds a number."""
        digits: Array[u8] = array(16)
        first = put_bits(digits, value, HEX_SHIFT, LOWER_DIGITS)
        count = len(digits) - first
        self.buffer[self.length : self.length + count].copy_from(digits[first:])
        self.length += count


@struct
class TagList:
    """Walks over a list of tags; it ends where something else stands.

    `tag` is what `next` stepped to, quotes included and without `W/`, which `is_weak` tells.
    """

    value: Bytes
    position: usize = 0
    is_weak: bool = False
    tag: Bytes = b""

    def next(self) -> bool:
        """Steps to the next tag; False when there is none."""
        self.pass_separators()
        rest = self.value[self.position :]
        self.is_weak = len(rest) > 2 and rest[:2] == WEAK
        if self.is_weak:
            rest = rest[2:]
        if len(rest) < 2 or rest[0] != QUOTE:
            return False
        close = find_byte(rest, QUOTE, 1)
        if close == len(rest) or not is_opaque(rest[1:close]):
            return False
        self.tag = rest[: close + 1]
        self.position = len(self.value) - len(rest) + close + 1
        return True

    def pass_separators(self) -> None:
        """Goes behind blanks and commas."""
        while self.position < len(self.value):
            if self.value[self.position] not in (SPACE, TAB, COMMA):
                return
            self.position += 1


def is_opaque(data: Bytes) -> bool:
    """Whether `data` may stand between the quotes of a tag."""
    for byte in data:
        if byte <= SPACE or byte == DELETE:
            return False
    return True


def has_same_tag(value: Bytes, tag: Bytes) -> bool:
    """Whether a list has `tag`, strong or weak (RFC 9110, 8.8.3.2: weak comparison)."""
    tags = TagList(value)
    while tags.next():
        if tags.tag == tag:
            return True
    return False


def has_strong_tag(value: Bytes, tag: Bytes) -> bool:
    """Whether a list has the strong tag `tag` (strong comparison)."""
    tags = TagList(value)
    while tags.next():
        if not tags.is_weak and tags.tag == tag:
            return True
    return False
