"""`ResponseHead`: what the head of a response says about itself and its body (RFC 9112)."""

from __future__ import annotations

from abi.errno import EBADMSG, EPROTONOSUPPORT
from bare import Bytes, raises, struct, u8, u32, u64, usize
from user.lib.http.characters import COLON, CR, LF, SPACE, is_same_word
from user.lib.numbers import parse_unsigned
from user.lib.strings import find_byte, is_digit, starts_with, trimmed

VERSION: bytes = b"HTTP/1."
VERSION_SIZE: usize = 8
CODE_SIZE: usize = 3
UNIT: bytes = b"bytes "
MINUS = ord("-")
ZERO = ord("0")
NO_CONTENT: u32 = 204
NOT_MODIFIED: u32 = 304


@struct
class ResponseHead:
    """The fields that a client needs; views of the bytes that were read."""

    status: u32 = 0
    reason: Bytes = b""
    location: Bytes = b""
    has_length: bool = False
    length: u64 = 0
    is_chunked: bool = False
    has_range: bool = False
    range_start: u64 = 0

    @raises(EBADMSG, EPROTONOSUPPORT)
    def read(self, head: Bytes) -> None:
        """Reads a head up to its empty line. EPROTONOSUPPORT: a coding that is not known."""
        self.location = b""
        self.has_length = False
        self.is_chunked = False
        self.has_range = False
        end = find_byte(head, LF, 0)
        self._take_status(without_return(head[:end]))
        start = end + 1
        while start < len(head):
            end = find_byte(head, LF, start)
            line = without_return(head[start:end])
            if len(line) > 0:
                self._take_field(line)
            start = end + 1

    def has_body(self) -> bool:
        """Whether anything follows the head, to an answer to GET (RFC 9112, 6.3)."""
        return self.status >= 200 and self.status not in (NO_CONTENT, NOT_MODIFIED)

    def is_redirection(self) -> bool:
        """Whether another address is to be asked."""
        return self.status in (301, 302, 303, 307, 308) and len(self.location) > 0

    @raises(EBADMSG)
    def _take_status(self, line: Bytes) -> None:
        start = VERSION_SIZE + 1
        if not starts_with(line, VERSION) or len(line) < start + CODE_SIZE:
            raise OSError(EBADMSG)
        if line[VERSION_SIZE] != SPACE:
            raise OSError(EBADMSG)
        self.status = 0
        for byte in line[start : start + CODE_SIZE]:
            if not is_digit(byte):
                raise OSError(EBADMSG)
            self.status = self.status * 10 + (byte - ZERO)
        self.reason = trimmed(line[start + CODE_SIZE :])

    @raises(EBADMSG, EPROTONOSUPPORT)
    def _take_field(self, line: Bytes) -> None:
        colon = find_byte(line, COLON, 0)
        if colon == len(line):
            raise OSError(EBADMSG)
        name = line[:colon]
        value = trimmed(line[colon + 1 :])
        if is_same_word(name, b"content-length"):
            self._take_length(value)
        elif is_same_word(name, b"transfer-encoding"):
            if not is_same_word(value, b"chunked"):
                raise OSError(EPROTONOSUPPORT)
            self.is_chunked = True
        elif is_same_word(name, b"content-encoding"):
            if not is_same_word(value, b"identity"):
                raise OSError(EPROTONOSUPPORT)
        elif is_same_word(name, b"location"):
            self.location = value
        elif is_same_word(name, b"content-range"):
            self._take_range(value)

    @raises(EBADMSG)
    def _take_length(self, value: Bytes) -> None:
        """Takes a length; two that differ make framing a guess (RFC 9112, 6.3)."""
        length = number_of(value)
        if self.has_length and length != self.length:
            raise OSError(EBADMSG)
        self.length = length
        self.has_length = True

    @raises(EBADMSG)
    def _take_range(self, value: Bytes) -> None:
        """Takes where the part begins that a partial answer holds."""
        if starts_with(value, UNIT):
            end = find_byte(value, MINUS, 0)
            if end < len(value):
                self.range_start = number_of(value[len(UNIT) : end])
                self.has_range = True


@raises(EBADMSG)
def number_of(value: Bytes) -> u64:
    """Reads digits."""
    try:
        return parse_unsigned(value)
    except OSError:
        raise OSError(EBADMSG) from None


def without_return(line: Bytes) -> Bytes:
    """Returns a line without the CR at its end."""
    if len(line) > 0 and line[len(line) - 1] == CR:
        return line[: len(line) - 1]
    return line


def head_length(data: Bytes) -> usize:
    """Returns the bytes of a head up to and with its empty line; 0 where that has not come."""
    at_start = False
    for index in range(len(data)):
        byte: u8 = data[index]
        if byte == LF:
            if at_start:
                return index + 1
            at_start = True
        elif byte != CR:
            at_start = False
    return 0
