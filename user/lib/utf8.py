"""UTF-8 (RFC 3629): sizes of characters, and code points as bytes."""

from __future__ import annotations

from bare import Bytes, Span, u8, u32, usize


def character_size(text: Bytes) -> usize:
    """Returns the bytes of the character at the start of `text`; 0 where there is no whole, valid
    one: cut off, overlong, a surrogate, beyond U+10FFFF.
    """
    if len(text) == 0:
        return 0
    size = announced_size(text[0])
    if size == 0 or size > len(text):
        return 0
    for index in range(1, size):
        if text[index] & 0xC0 != 0x80:
            return 0
    if size > 2 and not is_second_valid(text[0], text[1]):
        return 0
    return size


def announced_size(first: u8) -> usize:
    """Returns how many bytes the character has that begins with `first`; 0: none begins so."""
    if first < 0x80:
        return 1
    if 0xC2 <= first < 0xE0:
        return 2
    if 0xE0 <= first < 0xF0:
        return 3
    if 0xF0 <= first < 0xF5:
        return 4
    return 0


def is_second_valid(first: u8, second: u8) -> bool:
    """Whether a second byte may follow the first of a character of three or four. RFC 3629, 4."""
    if first == 0xE0:
        return second >= 0xA0
    if first == 0xED:
        return second < 0xA0
    if first == 0xF0:
        return second >= 0x90
    if first == 0xF4:
        return second < 0x90
    return True


def whole_length(text: Bytes) -> usize:
    """Returns how many bytes of `text` come before a character that is cut off at its end."""
    for back in range(1, min(3, len(text)) + 1):
        place = len(text) - back
        if text[place] & 0xC0 != 0x80:
            return place if announced_size(text[place]) > back else len(text)
    return len(text)


def encode_character(into: Span[u8], character: u32) -> usize:
    """Writes a code point; returns its one to four bytes, for which there must be room."""
    if character < 0x80:
        into[0] = u8(character)
        return 1
    if character < 0x800:
        into[0] = u8(0xC0 | character >> 6)
        into[1] = tail_byte(character)
        return 2
    if character < 0x1_0000:
        into[0] = u8(0xE0 | character >> 12)
        into[1] = tail_byte(character >> 6)
        into[2] = tail_byte(character)
        return 3
    into[0] = u8(0xF0 | character >> 18)
    into[1] = tail_byte(character >> 12)
    into[2] = tail_byte(character >> 6)
    into[3] = tail_byte(character)
    return 4


def tail_byte(bits: u32) -> u8:
    """Returns a byte that goes on a character with the lowest six bits."""
    return u8(0x80 | bits & 0x3F)
