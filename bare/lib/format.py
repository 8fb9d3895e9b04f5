"""Formatting of integers, text and messages: what the fields of an f-string are lowered to.

The results are CPython's, character for character. Every function takes the field's value and its
format specification, packed into 64 bits by the compiler:

    bits 0-15 width, 16-23 precision, 24-31 kind (ASCII: d x X o b c s f),
    32-39 alignment (ASCII: < > ^, or 0), 40 zero padding, 41 alternate form (#), 42 commas

Nothing is allocated; the writer gets the text in pieces. Floats are in `bare.lib.format_float`, so
that code without a floating-point unit does not meet them.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    FormatStr,
    Span,
    Writer,
    array,
    i64,
    struct,
    u8,
    u64,
    usize,
    wrap_u64,
    wrapping_neg,
    write_to,
)

KIND_DECIMAL = 0x64
KIND_HEX = 0x78
KIND_HEX_UPPER = 0x58
KIND_OCTAL = 0x6F
KIND_BINARY = 0x62
KIND_CHARACTER = 0x63

ALIGN_LEFT = 0x3C
ALIGN_RIGHT = 0x3E
ALIGN_CENTRE = 0x5E

FLAG_ZERO = 1 << 40
FLAG_ALTERNATE = 1 << 41
FLAG_COMMA = 1 << 42

LOWER_DIGITS = b"0123456789abcdef"
UPPER_DIGITS = b"0123456789ABCDEF"
SPACES = b" " * 32
ZEROS = b"0" * 32

MAX_DIGITS = 64
"""Digits of the longest number: 64 bits in base two."""


def format_unsigned(writer: Writer, value: u64, spec: u64) -> None:
    """Writes an unsigned integer; kinds d x X o b c."""
    if kind_of(spec) == KIND_CHARACTER:
        format_character(writer, value, spec)
    else:
        write_integer(writer, b"", value, spec)


def format_signed(writer: Writer, value: i64, spec: u64) -> None:
    """Writes a signed integer; kinds d x X o b c."""
    if kind_of(spec) == KIND_CHARACTER:
        format_character(writer, u64(value), spec)
    elif value < 0:
        write_integer(writer, b"-", wrapping_neg(wrap_u64(value)), spec)
    else:
        write_integer(writer, b"", u64(value), spec)


def format_text(writer: Writer, value: Bytes, spec: u64) -> None:
    """Writes text, padded to a width that counts characters."""
    if width_of(spec) == 0:
        writer.write(value)
        return
    padding = padding_of(count_characters(value), spec)
    before = padding_before(padding, spec, ALIGN_LEFT)
    write_fill(writer, before, spec)
    writer.write(value)
    write_fill(writer, padding - before, spec)


def format_message(writer: Writer, value: FormatStr, spec: u64) -> None:
    """Writes a message inside a message, padded: once to count its characters, once for good."""
    counter = CharacterCounter()
    write_to(counter, value)
    padding = padding_of(counter.count, spec)
    before = padding_before(padding, spec, ALIGN_LEFT)
    write_fill(writer, before, spec)
    write_to(writer, value)
    write_fill(writer, padding - before, spec)


def format_character(writer: Writer, value: u64, spec: u64) -> None:
    """Writes the character with the code point `value`; traps where there is none."""
    encoded: Array[u8] = array(4)
    length = encode_character(encoded, value)
    padding = padding_of(1, spec)
    before = padding_before(padding, spec, ALIGN_RIGHT)
    write_fill(writer, before, spec)
    writer.write(encoded[:length])
    write_fill(writer, padding - before, spec)


@struct
class CharacterCounter(Writer):
    """Counts characters of UTF-8 and keeps nothing."""

    count: usize = 0

    def write(self, data: Bytes) -> None:
        """Counts the characters that begin in `data`."""
        self.count += count_characters(data)


def kind_of(spec: u64) -> u64:
    """Returns the kind, an ASCII letter."""
    return spec >> 24 & 0xFF


def width_of(spec: u64) -> usize:
    """Returns the least number of characters."""
    return spec & 0xFFFF


def padding_of(length: usize, spec: u64) -> usize:
    """Returns how many characters are missing from the width."""
    width = width_of(spec)
    return width - length if width > length else 0


def padding_before(padding: usize, spec: u64, default_align: u64) -> usize:
    """Returns how much of the padding stands before the value."""
    align = spec >> 32 & 0xFF
    if align == 0:
        align = default_align
    if align == ALIGN_LEFT:
        return 0
    if align == ALIGN_CENTRE:
        return padding // 2
    return padding


def write_fill(writer: Writer, count: usize, spec: u64) -> None:
    """Writes `count` fill characters: zeros where the specification says so, else spaces."""
    write_repeated(writer, ZEROS if spec & FLAG_ZERO != 0 else SPACES, count)


def write_repeated(writer: Writer, run: Bytes, count: usize) -> None:
    """Writes the first `count` bytes of `run` repeated for ever."""
    left = count
    while left > len(run):
        writer.write(run)
        left -= len(run)
    if left > 0:
        writer.write(run[:left])


def count_characters(data: Bytes) -> usize:
    """Returns how many characters of UTF-8 begin in `data`."""
    count: usize = 0
    for byte in data:
        if byte & 0xC0 != 0x80:
            count += 1
    return count


def encode_character(target: Span[u8], value: u64) -> usize:
    """Writes the UTF-8 of a code point and returns its length; traps above 0x10FFFF."""
    if value < 0x80:
        target[0] = u8(value)
        return 1
    if value < 0x800:
        target[0] = u8(0xC0 | value >> 6)
        target[1] = u8(0x80 | value & 0x3F)
        return 2
    if value < 0x1_0000:
        target[0] = u8(0xE0 | value >> 12)
        target[1] = u8(0x80 | value >> 6 & 0x3F)
        target[2] = u8(0x80 | value & 0x3F)
        return 3
    assert value <= 0x10_FFFF, "no such character"
    target[0] = u8(0xF0 | value >> 18)
    target[1] = u8(0x80 | value >> 12 & 0x3F)
    target[2] = u8(0x80 | value >> 6 & 0x3F)
    target[3] = u8(0x80 | value & 0x3F)
    return 4


def write_integer(writer: Writer, sign: Bytes, magnitude: u64, spec: u64) -> None:
    """Writes sign, prefix and digits of an integer with padding."""
    digits: Array[u8] = array(MAX_DIGITS)
    first = put_digits(digits, magnitude, kind_of(spec))
    write_number(writer, sign, prefix_of(spec), digits[first:], b"", spec)


def write_number(
    writer: Writer, sign: Bytes, prefix: Bytes, digits: Bytes, tail: Bytes, spec: u64
) -> None:
    """Writes a number from its parts; `tail` is what follows the digits that commas group."""
    fixed = len(sign) + len(prefix) + len(tail)
    has_commas = spec & FLAG_COMMA != 0
    pads_with_zeros = spec & FLAG_ZERO != 0 and spec >> 32 & 0xFF == 0
    places = len(digits)
    if pads_with_zeros:
        places = padded_places(places, padding_of(fixed, spec), has_commas)
    length = fixed + places + (commas_in(places) if has_commas else 0)
    padding = padding_of(length, spec)
    before = padding_before(padding, spec, ALIGN_RIGHT)
    write_fill(writer, before, spec)
    writer.write(sign)
    writer.write(prefix)
    if has_commas:
        write_grouped(writer, digits, places)
    else:
        write_repeated(writer, ZEROS, places - len(digits))
        writer.write(digits)
    writer.write(tail)
    write_fill(writer, padding - before, spec)


def commas_in(places: usize) -> usize:
    """Returns how many commas group `places` digits."""
    return (places - 1) // 3 if places > 0 else 0


def padded_places(digits: usize, room: usize, has_commas: bool) -> usize:
    """Returns how many digits, with leading zeros, fill `room` characters."""
    places = digits
    if not has_commas:
        return max(places, room)
    while places + commas_in(places) < room:
        places += 1
    return places


def write_grouped(writer: Writer, digits: Bytes, places: usize) -> None:
    """Writes digits with leading zeros up to `places` and a comma between groups of three."""
    for place in range(places):
        left = places - place
        if place > 0 and left % 3 == 0:
            writer.write(b",")
        if left > len(digits):
            writer.write(b"0")
        else:
            index = len(digits) - left
            writer.write(digits[index : index + 1])


def prefix_of(spec: u64) -> Bytes:
    """Returns what the alternate form puts before the digits."""
    if spec & FLAG_ALTERNATE == 0:
        return b""
    kind = kind_of(spec)
    if kind == KIND_HEX:
        return b"0x"
    if kind == KIND_HEX_UPPER:
        return b"0X"
    if kind == KIND_OCTAL:
        return b"0o"
    if kind == KIND_BINARY:
        return b"0b"
    return b""


def put_digits(target: Span[u8], value: u64, kind: u64) -> usize:
    """Writes the digits of `value` to the end of `target` and returns the index of the first."""
    if kind == KIND_HEX:
        return put_bits(target, value, 4, LOWER_DIGITS)
    if kind == KIND_HEX_UPPER:
        return put_bits(target, value, 4, UPPER_DIGITS)
    if kind == KIND_OCTAL:
        return put_bits(target, value, 3, LOWER_DIGITS)
    if kind == KIND_BINARY:
        return put_bits(target, value, 1, LOWER_DIGITS)
    return put_decimal(target, value)


def put_bits(target: Span[u8], value: u64, shift: u64, alphabet: Bytes) -> usize:
    """Writes the digits in base `2**shift`, as `put_digits`."""
    mask = (u64(1) << shift) - 1
    index = len(target) - 1
    rest = value
    target[index] = alphabet[rest & mask]
    rest >>= shift
    while rest != 0:
        index -= 1
        target[index] = alphabet[rest & mask]
        rest >>= shift
    return index


def put_decimal(target: Span[u8], value: u64) -> usize:
    """Writes the decimal digits, as `put_digits`."""
    index = len(target) - 1
    rest = value
    target[index] = u8(0x30 + rest % 10)
    rest //= 10
    while rest != 0:
        index -= 1
        target[index] = u8(0x30 + rest % 10)
        rest //= 10
    return index
