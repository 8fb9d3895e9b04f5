"""A model's manifest: which files belong to it, how long they are, and their SHA-256.

A small part of TOML: comments, `[section]`, `key = "text"` without escapes, `key = number`.
Read are

    name = "house"
    [model]
    file = "house.bin"
    bytes = 4249372
    sha256 = "…64 hexadecimal digits…"
    [tokenizer]
    …the same three keys

Other keys and sections are for people.
"""

from __future__ import annotations

from bare import Array, Bytes, array, inline, struct, u8, u64, usize
from bare.lib.sha256 import DIGEST_SIZE, sha256

NEWLINE = ord("\n")
QUOTE = ord('"')
COMMENT = ord("#")
SECTION = ord("[")
EQUALS = ord("=")
SPACE = ord(" ")
TAB = ord("\t")
CARRIAGE_RETURN = ord("\r")
ZERO = ord("0")
NINE = ord("9")
LOWER_A = ord("a")
LOWER_F = ord("f")
LARGEST_LENGTH: u64 = 1 << 40
HEX_DIGITS: usize = 2 * DIGEST_SIZE


@struct
class FileRecord:
    """What the manifest says about one file."""

    file: Bytes = b""
    length: u64 = 0
    digest: Array[u8] = array(32)
    has_length: bool = False
    has_digest: bool = False

    def is_complete(self) -> bool:
        """Whether all three keys were there."""
        return len(self.file) > 0 and self.has_length and self.has_digest

    def matches(self, content: Bytes) -> bool:
        """Whether `content` has the length and the digest."""
        if len(content) != self.length:
            return False
        digest: Array[u8] = array(32)
        sha256(content, digest)
        return digest == self.digest


@struct
class Manifest:
    """A parsed manifest; its text must stay where it is."""

    name: Bytes = b""
    model: FileRecord = inline()
    tokenizer: FileRecord = inline()

    def parse(self, text: Bytes) -> bool:
        """Reads the text; False where it is malformed or a key is missing."""
        section: Bytes = b""
        start: usize = 0
        while start < len(text):
            end = line_end(text, start)
            line = trimmed(text[start:end])
            start = end + 1
            if len(line) == 0 or line[0] == COMMENT:
                continue
            if line[0] == SECTION:
                section = line
            elif not self.read_pair(section, line):
                return False
        return len(self.name) > 0 and self.model.is_complete() and self.tokenizer.is_complete()

    def read_pair(self, section: Bytes, line: Bytes) -> bool:
        """Takes one `key = value`; False where it is not one, or a value is not what it must be."""
        equals: usize = 0
        while equals < len(line) and line[equals] != EQUALS:
            equals += 1
        if equals == len(line):
            return False
        key = trimmed(line[:equals])
        value = trimmed(line[equals + 1 :])
        if section == b"" and key == b"name":
            self.name = unquoted(value)
            return len(self.name) > 0
        if section == b"[model]":
            return read_file_key(self.model, key, value)
        if section == b"[tokenizer]":
            return read_file_key(self.tokenizer, key, value)
        return True


def read_file_key(record: FileRecord, key: Bytes, value: Bytes) -> bool:
    """Takes one key of a file's section; False where the value is malformed."""
    if key == b"file":
        record.file = unquoted(value)
        return len(record.file) > 0
    if key == b"bytes":
        record.has_length = read_length(record, value)
        return record.has_length
    if key == b"sha256":
        record.has_digest = read_digest(record, unquoted(value))
        return record.has_digest
    return True


def read_length(record: FileRecord, digits: Bytes) -> bool:
    """Reads a decimal number of bytes."""
    record.length = 0
    for digit in digits:
        if digit < ZERO or digit > NINE or record.length > LARGEST_LENGTH:
            return False
        record.length = record.length * 10 + (digit - ZERO)
    return len(digits) > 0


def read_digest(record: FileRecord, digits: Bytes) -> bool:
    """Reads 64 lower-case hexadecimal digits."""
    if len(digits) != HEX_DIGITS:
        return False
    for index in range(HEX_DIGITS):
        digit = digits[index]
        value: u8 = 0
        if ZERO <= digit <= NINE:
            value = digit - ZERO
        elif LOWER_A <= digit <= LOWER_F:
            value = digit - LOWER_A + 10
        else:
            return False
        half = record.digest[index // 2] & 0x0F
        record.digest[index // 2] = half << 4 | value
    return True


def unquoted(value: Bytes) -> Bytes:
    """Returns the text between quotes, empty where there are none."""
    if len(value) < 2 or value[0] != QUOTE or value[len(value) - 1] != QUOTE:
        return b""
    return value[1 : len(value) - 1]


def trimmed(line: Bytes) -> Bytes:
    """Returns `line` without blanks at its ends."""
    start: usize = 0
    end = len(line)
    while start < end and is_blank(line[start]):
        start += 1
    while end > start and is_blank(line[end - 1]):
        end -= 1
    return line[start:end]


def is_blank(byte: u8) -> bool:
    """Whether a byte is a space, a tab or a carriage return."""
    return byte in (SPACE, TAB, CARRIAGE_RETURN)


def line_end(text: Bytes, start: usize) -> usize:
    """Returns where the line that begins at `start` ends, without its newline."""
    end = start
    while end < len(text) and text[end] != NEWLINE:
        end += 1
    return end
