"""`HeadParser`: reads the head of a request, line by line as the lines become complete.

Strict where leniency lets two readers see different requests (RFC 9112, 11.2): lines end in CRLF,
nothing stands between a name and its colon, no line is folded, lengths are digits, and a request
that speaks of its length twice is refused.

What is refused does not depend on how the bytes were cut into pieces.
"""

from __future__ import annotations

from bare import Bytes, struct, u8, u32, usize
from user.lib.http.characters import (
    COLON,
    COMMA,
    CR,
    IS_TOKEN,
    LF,
    SPACE,
    TAB,
    ZERO,
    is_field_text,
    is_same_word,
    is_token,
)
from user.lib.http.digits import saturating_value
from user.lib.http.fields import Field, field_of, has_element
from user.lib.http.host import is_host
from user.lib.http.request import HIGHEST_MINOR, Method, Request, method_of
from user.lib.http.status import Status
from user.lib.http.target import is_target_of
from user.lib.strings import find_byte, is_digit, trimmed

MOST_REQUEST_LINE_BYTES: usize = 8192
"""RFC 9112, 3 recommends at least 8000."""

MOST_HEAD_BYTES: usize = 12 * 1024
MOST_FIELDS: u32 = 100
MOST_BLANK_LINES: u8 = 4
"""Empty lines before a request, which old clients send behind a body (RFC 9112, 2.2)."""

MOST_METHOD_BYTES: usize = 32
VERSION_BYTES: usize = 8
MAJOR: usize = 5
MINOR: usize = 7


@struct
class HeadParser:
    """How far the head that begins a buffer is read."""

    searched: usize = 0
    """No line ends before this."""

    line_start: usize = 0
    fields: u32 = 0
    blank_lines: u8 = 0
    has_request_line: bool = False
    is_complete: bool = False

    def reset(self) -> None:
        """Begins a new head."""
        self.searched = 0
        self.line_start = 0
        self.fields = 0
        self.blank_lines = 0
        self.has_request_line = False
        self.is_complete = False

    def advance(self, data: Bytes, request: Request) -> Status:
        """Reads the complete lines of `data`, all bytes from the first of the head on.

        Afterwards `line_start` is where the body begins if `is_complete`. CONTINUE if all is well.
        """
        while not self.is_complete:
            end = find_byte(data, LF, self.searched)
            self.searched = end
            status = self.check_length(data[self.line_start : end])
            if status != Status.CONTINUE or end == len(data):
                return status
            status = self.take_line(data, end, request)
            if status != Status.CONTINUE:
                return status
            self.searched = end + 1
            self.line_start = end + 1
        return Status.CONTINUE

    def check_length(self, line: Bytes) -> Status:
        """Judges a line, or the part of it that has come, by length and first byte."""
        if not self.has_request_line:
            if len(line) > 0 and line[0] != CR and not IS_TOKEN[line[0]]:
                return Status.BAD_REQUEST
            if len(line) > MOST_REQUEST_LINE_BYTES:
                return Status.URI_TOO_LONG
        if self.line_start + len(line) >= MOST_HEAD_BYTES:
            return Status.FIELDS_TOO_LARGE
        return Status.CONTINUE

    def take_line(self, data: Bytes, end: usize, request: Request) -> Status:
        """Reads the line whose LF is at `end`."""
        start = self.line_start
        if end == start or data[end - 1] != CR:
            return Status.BAD_REQUEST
        line = data[start : end - 1]
        if not self.has_request_line:
            return self.take_first_line(line, request)
        if len(line) == 0:
            self.is_complete = True
            request.head = data[: end + 1]
            return check_framing(request)
        self.fields += 1
        if self.fields > MOST_FIELDS:
            return Status.FIELDS_TOO_LARGE
        return take_field_line(line, u32(start), request)

    def take_first_line(self, line: Bytes, request: Request) -> Status:
        """Reads a request line, or passes over an empty line before it."""
        if len(line) == 0:
            self.blank_lines += 1
            if self.blank_lines > MOST_BLANK_LINES:
                return Status.BAD_REQUEST
            return Status.CONTINUE
        self.has_request_line = True
        request.fields_start = u32(self.line_start + len(line) + 2)
        return take_request_line(line, u32(self.line_start), request)


def take_request_line(line: Bytes, offset: u32, request: Request) -> Status:
    """Reads method, target and version, which single spaces separate (RFC 9112, 3)."""
    first = find_byte(line, SPACE, 0)
    if not is_token(line[:first]) or first == len(line):
        return Status.BAD_REQUEST
    second = find_byte(line, SPACE, first + 1)
    if second == len(line):
        return Status.BAD_REQUEST
    status = take_version(line[second + 1 :], request)
    if status != Status.CONTINUE:
        return status
    if first > MOST_METHOD_BYTES:
        return Status.NOT_IMPLEMENTED
    request.method = method_of(line[:first])
    request.method_place.start = offset
    request.method_place.length = u32(first)
    request.target_place.start = offset + u32(first) + 1
    request.target_place.length = u32(second - first - 1)
    if not is_target_of(request.method, line[first + 1 : second]):
        return Status.BAD_REQUEST
    return Status.CONTINUE


def take_version(version: Bytes, request: Request) -> Status:
    """Reads `HTTP/1.x`; versions above 1.1 are answered as 1.1 (RFC 9110, 2.5)."""
    if len(version) != VERSION_BYTES or version[:MAJOR] != b"HTTP/":
        return Status.BAD_REQUEST
    if version[MAJOR + 1 : MINOR] != b"." or not is_digit(version[MINOR]):
        return Status.BAD_REQUEST
    if not is_digit(version[MAJOR]):
        return Status.BAD_REQUEST
    if version[MAJOR] != ZERO + 1:
        return Status.VERSION_NOT_SUPPORTED
    request.minor = min(version[MINOR] - ZERO, HIGHEST_MINOR)
    request.keeps_alive = request.minor > 0
    return Status.CONTINUE


def take_field_line(line: Bytes, offset: u32, request: Request) -> Status:
    """Reads a field line (RFC 9112, 5) that begins at `offset` of the head."""
    colon = find_byte(line, COLON, 0)
    if colon == len(line) or not is_token(line[:colon]):
        return Status.BAD_REQUEST
    if not is_field_text(line[colon + 1 :]):
        return Status.BAD_REQUEST
    field = field_of(line[:colon])
    if field == Field.OTHER:
        return Status.CONTINUE
    value = trimmed(line[colon + 1 :])
    number = u8(field)
    if request.counts[number] == 0:
        start = colon + 1
        while start < len(line) and (line[start] == SPACE or line[start] == TAB):
            start += 1
        place = request.places[number]
        place.start = offset + u32(start)
        place.length = u32(len(value))
    request.counts[number] = min(request.counts[number], 254) + 1
    return check_field(field, value, request)


def check_field(field: Field, value: Bytes, request: Request) -> Status:
    """Judges the fields on which framing and routing rest, each as soon as it is there."""
    match field:
        case Field.HOST:
            if request.counts[u8(field)] > 1 or not is_host(value):
                return Status.BAD_REQUEST
        case Field.CONTENT_LENGTH:
            if request.counts[u8(field)] > 1:
                return Status.BAD_REQUEST
            return take_content_length(value, request)
        case Field.TRANSFER_ENCODING:
            if request.counts[u8(field)] > 1:
                return Status.BAD_REQUEST
            return take_transfer_encoding(value, request)
        case Field.CONNECTION:
            if has_element(value, b"close"):
                request.asks_to_close = True
            elif request.minor == 0 and has_element(value, b"keep-alive"):
                request.keeps_alive = True
        case Field.EXPECT:
            if request.minor > 0:
                if not is_same_word(value, b"100-continue"):
                    return Status.EXPECTATION_FAILED
                request.expects_continue = True
        case _:
            pass
    return Status.CONTINUE


def take_content_length(value: Bytes, request: Request) -> Status:
    """Reads a body's length: digits only (RFC 9110, 8.6), saturated where there are too many."""
    length = saturating_value(value)
    if length is None:
        return Status.BAD_REQUEST
    request.content_length = length
    return Status.CONTINUE


def take_transfer_encoding(value: Bytes, request: Request) -> Status:
    """Takes `chunked` alone; other codings before it are not implemented (RFC 9112, 6.1)."""
    if is_same_word(value, b"chunked"):
        request.is_chunked = True
        return Status.CONTINUE
    comma = len(value)
    while comma > 0 and value[comma - 1] != COMMA:
        comma -= 1
    if comma > 0 and is_same_word(trimmed(value[comma:]), b"chunked"):
        if has_element(value[: comma - 1], b"chunked"):
            return Status.BAD_REQUEST
        return Status.NOT_IMPLEMENTED
    return Status.BAD_REQUEST


def check_framing(request: Request) -> Status:
    """Judges a complete head as a whole and decides whether the connection goes on."""
    if request.minor > 0 and not request.has(Field.HOST):
        return Status.BAD_REQUEST
    if request.has(Field.TRANSFER_ENCODING):
        if request.has(Field.CONTENT_LENGTH) or request.minor == 0:
            return Status.BAD_REQUEST
    if request.method == Method.TRACE and request.has_body():
        return Status.BAD_REQUEST
    if request.asks_to_close:
        request.keeps_alive = False
    return Status.CONTINUE
