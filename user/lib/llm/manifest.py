"""A model bundle's manifest: which files belong to it, how long they are, their SHA-256, and who
signed that.

A small part of TOML: comments, `[section]`, `key = "text"` without escapes, `key = number`.
Read are

    name = "house"
    generation = 1
    format = "llama2c-f32"
    [file.model]
    path = "model.bin"
    size = 4249372
    sha256 = "…64 hexadecimal digits…"
    [file.tokenizer]
    …the same three keys; this section is not there where `format` is "gguf"
    [signature]
    algo = "ed25519"
    sig = "…128 hexadecimal digits…"

The signature is that of every byte before the line `[signature]`, and nothing comes after it but
its two keys. Other keys and sections are for people.
"""

from __future__ import annotations

from bare import Array, Bytes, Span, array, inline, struct, u8, u64, usize
from bare.lib.ed25519 import SIGNATURE_SIZE, verify
from bare.lib.sha256 import sha256
from user.lib.strings import find_byte, trimmed

NEWLINE = ord("\n")
QUOTE = ord('"')
COMMENT = ord("#")
SECTION = ord("[")
EQUALS = ord("=")
BLANKS = b" \t\r"
ZERO = ord("0")
NINE = ord("9")
LOWER_A = ord("a")
LOWER_F = ord("f")
LARGEST_NUMBER: u64 = 1 << 40
SLASH = ord("/")
MOST_MANIFEST_BYTES: usize = 4096
"""Longer ones are not read."""
GGUF = b"gguf"
SIGNATURE_SECTION = b"[signature]"


@struct
class FileRecord:
    """What the manifest says about one file."""

    path: Bytes = b""
    """A bare name, in the manifest's folder."""
    size: u64 = 0
    digest: Array[u8] = array(32)
    has_size: bool = False
    has_digest: bool = False

    def clear(self) -> None:
        """Forgets everything."""
        self.path = b""
        self.has_size = False
        self.has_digest = False

    def is_complete(self) -> bool:
        """Whether all three keys were there."""
        return len(self.path) > 0 and self.has_size and self.has_digest

    def matches(self, content: Bytes) -> bool:
        """Whether `content` has the length and the digest."""
        if len(content) != self.size:
            return False
        digest: Array[u8] = array(32)
        sha256(content, digest)
        return digest == self.digest


@struct
class Manifest:
    """A parsed manifest; its text must stay where it is."""

    name: Bytes = b""
    generation: u64 = 0
    has_generation: bool = False
    has_own_tokenizer: bool = False
    """Whether the model's file holds the tokenizer too."""
    model: FileRecord = inline()
    tokenizer: FileRecord = inline()
    signed: Bytes = b""
    """What the signature is of."""
    is_signed: bool = False
    has_algorithm: bool = False
    signature: Array[u8] = array(SIGNATURE_SIZE)

    def parse(self, text: Bytes) -> bool:
        """Reads the text; False where it is malformed or a key is missing."""
        self.clear()
        if len(text) > MOST_MANIFEST_BYTES:
            return False
        self.signed = text
        section: Bytes = b""
        start: usize = 0
        while start < len(text):
            end = find_byte(text, NEWLINE, start)
            line = trimmed(text[start:end], BLANKS)
            if line == SIGNATURE_SECTION and section != SIGNATURE_SECTION:
                self.signed = text[:start]
            start = end + 1
            if len(line) == 0 or line[0] == COMMENT:
                continue
            if section == SIGNATURE_SECTION and line[0] == SECTION:
                return False
            if line[0] == SECTION:
                section = line
            elif not self.read_pair(section, line):
                return False
        has_tokenizer = self.has_own_tokenizer or self.tokenizer.is_complete()
        has_files = self.model.is_complete() and has_tokenizer
        return has_files and len(self.name) > 0 and self.has_generation

    def clear(self) -> None:
        """Forgets what was parsed before."""
        self.name = b""
        self.has_generation = False
        self.has_own_tokenizer = False
        self.model.clear()
        self.tokenizer.clear()
        self.is_signed = False
        self.has_algorithm = False

    def is_signed_by(self, public_key: Bytes) -> bool:
        """Whether the signature is there, and that of the key's owner."""
        if not self.is_signed or not self.has_algorithm:
            return False
        return verify(public_key, self.signed, self.signature)

    def read_pair(self, section: Bytes, line: Bytes) -> bool:
        """Takes one `key = value`; False where it is not one, or a value is not what it must be."""
        equals = find_byte(line, EQUALS, 0)
        if equals == len(line):
            return False
        key = trimmed(line[:equals], BLANKS)
        value = trimmed(line[equals + 1 :], BLANKS)
        if section == b"":
            return self.read_identity(key, value)
        if section == b"[file.model]":
            return read_file_key(self.model, key, value)
        if section == b"[file.tokenizer]":
            return read_file_key(self.tokenizer, key, value)
        if section == SIGNATURE_SECTION:
            return self.read_signature(key, value)
        return True

    def read_identity(self, key: Bytes, value: Bytes) -> bool:
        """Takes one key of those before all sections."""
        if key == b"name":
            self.name = unquoted(value)
            return is_bare_name(self.name)
        if key == b"generation":
            number = read_number(value)
            self.has_generation = number <= LARGEST_NUMBER
            self.generation = number
            return self.has_generation
        if key == b"format":
            self.has_own_tokenizer = unquoted(value) == GGUF
        return True

    def read_signature(self, key: Bytes, value: Bytes) -> bool:
        """Takes one key of the signature: there are no others than these."""
        if key == b"algo":
            self.has_algorithm = unquoted(value) == b"ed25519"
            return self.has_algorithm
        if key == b"sig":
            self.is_signed = read_hexadecimal(self.signature, unquoted(value))
            return self.is_signed
        return False


def read_file_key(record: FileRecord, key: Bytes, value: Bytes) -> bool:
    """Takes one key of a file's section; False where the value is malformed."""
    if key == b"path":
        record.path = unquoted(value)
        return is_bare_name(record.path)
    if key == b"size":
        record.size = read_number(value)
        record.has_size = record.size <= LARGEST_NUMBER
        return record.has_size
    if key == b"sha256":
        record.has_digest = read_hexadecimal(record.digest, unquoted(value))
        return record.has_digest
    return True


def is_bare_name(name: Bytes) -> bool:
    """Whether a name stays in its folder: not empty, without a slash, not `.` or `..`."""
    for byte in name:
        if byte == SLASH or byte == 0:
            return False
    return len(name) > 0 and name != b"." and name != b".."


def read_number(digits: Bytes) -> u64:
    """Reads a decimal number; more than LARGEST_NUMBER where it is none, or that large."""
    number: u64 = 0
    for digit in digits:
        if digit < ZERO or digit > NINE or number > LARGEST_NUMBER:
            return LARGEST_NUMBER + 1
        number = number * 10 + (digit - ZERO)
    return number if len(digits) > 0 else LARGEST_NUMBER + 1


def read_hexadecimal(into: Span[u8], digits: Bytes) -> bool:
    """Fills `into` from lower-case hexadecimal digits, two a byte; False where they are not."""
    if len(digits) != 2 * len(into):
        return False
    for index in range(len(digits)):
        digit = digits[index]
        value: u8 = 0
        if ZERO <= digit <= NINE:
            value = digit - ZERO
        elif LOWER_A <= digit <= LOWER_F:
            value = digit - LOWER_A + 10
        else:
            return False
        half = into[index // 2] & 0x0F
        into[index // 2] = half << 4 | value
    return True


def unquoted(value: Bytes) -> Bytes:
    """Returns the text between quotes, empty where there are none."""
    if len(value) < 2 or value[0] != QUOTE or value[len(value) - 1] != QUOTE:
        return b""
    return value[1 : len(value) - 1]
