"""Request targets (RFC 9112, 3.2) and the file path that one means.

A path is decoded once and taken apart at slashes: empty and `.` segments fall away, and a segment
that begins with a point names nothing, which hides dot files and leaves no way up with `..`.
"""

from __future__ import annotations

from bare import Bytes, Span, struct, u8, usize
from user.lib.http.characters import IS_TARGET, PERCENT, POINT, QUESTION, SLASH, is_same_word
from user.lib.http.host import end_of_host, is_host
from user.lib.http.request import Method
from user.lib.http.status import Status
from user.lib.strings import NOT_HEX, find_byte, hex_value

HTTP: bytes = b"http://"
HTTPS: bytes = b"https://"


def is_target_of(method: Method, target: Bytes) -> bool:
    """Whether `target` has one of the forms that `method` allows."""
    if len(target) == 0:
        return False
    for byte in target:
        if not IS_TARGET[byte]:
            return False
    if method == Method.CONNECT:
        host = end_of_host(target)
        return host > 0 and host + 1 < len(target) and is_host(target)
    if target[0] == SLASH:
        return True
    if target == b"*":
        return method == Method.OPTIONS
    authority = authority_of(target)
    return len(authority) > 0 and end_of_host(authority) > 0 and is_host(authority)


def scheme_length(target: Bytes) -> usize:
    """Returns how long the scheme of an absolute target is with its slashes, 0 for another form."""
    if len(target) > len(HTTP) and is_same_word(target[: len(HTTP)], HTTP):
        return len(HTTP)
    if len(target) > len(HTTPS) and is_same_word(target[: len(HTTPS)], HTTPS):
        return len(HTTPS)
    return 0


def authority_of(target: Bytes) -> Bytes:
    """Returns host and port of an absolute target, empty for another form."""
    start = scheme_length(target)
    if start == 0:
        return b""
    end = start
    while end < len(target) and target[end] != SLASH and target[end] != QUESTION:
        end += 1
    return target[start:end]


def path_of(target: Bytes) -> Bytes:
    """Returns the path of a target as it was sent, without the query; `/` where it is empty."""
    start = scheme_length(target) + len(authority_of(target))
    end = find_byte(target, QUESTION, start)
    return target[start:end] if end > start else b"/"


def query_of(target: Bytes) -> Bytes:
    """Returns what follows the question mark, empty where there is none."""
    question = find_byte(target, QUESTION, 0)
    return target[question + 1 :] if question < len(target) else b""


@struct
class ServedPath:
    """A path inside the served folder: `/`, or segments that each begin with a slash."""

    buffer: Span[u8]
    length: usize = 0
    is_directory: bool = False
    """Whether the path ended in a slash, so that it can only mean a directory."""

    def content(self) -> Bytes:
        """Returns the path, without a slash at its end unless it is `/`."""
        return self.buffer[: self.length]

    def set_from(self, path: Bytes) -> Status:
        """Decodes and normalises `path` as it was sent.

        BAD_REQUEST where the encoding is wrong or hides a NUL, NOT_FOUND where nothing can be
        served under the name, URI_TOO_LONG where the buffer is too small; else CONTINUE.
        """
        self.length = 0
        self.is_directory = True
        position: usize = 0
        while position < len(path):
            end = find_byte(path, SLASH, position)
            status = self.add_segment(path[position:end])
            if status != Status.CONTINUE:
                return status
            position = end + 1
        if self.length == 0:
            return self.add_byte(SLASH)
        self.is_directory = ends_as_directory(path)
        return Status.CONTINUE

    def add_segment(self, segment: Bytes) -> Status:
        """Adds a segment, decoded; empty ones and `.` are left out."""
        if len(segment) == 0 or segment == b"." or is_same_word(segment, b"%2e"):
            return Status.CONTINUE
        start = self.length
        status = self.add_byte(SLASH)
        position: usize = 0
        while position < len(segment) and status == Status.CONTINUE:
            byte = segment[position]
            position += 1
            if byte == PERCENT:
                if position + 2 > len(segment):
                    return Status.BAD_REQUEST
                high = hex_value(segment[position])
                low = hex_value(segment[position + 1])
                if high == NOT_HEX or low == NOT_HEX:
                    return Status.BAD_REQUEST
                byte = high << 4 | low
                position += 2
                if byte == 0:
                    return Status.BAD_REQUEST
                if byte == SLASH:
                    return Status.NOT_FOUND
            status = self.add_byte(byte)
        if status == Status.CONTINUE and self.buffer[start + 1] == POINT:
            return Status.NOT_FOUND
        return status

    def add_byte(self, byte: u8) -> Status:
        """Adds one byte."""
        if self.length == len(self.buffer):
            return Status.URI_TOO_LONG
        self.buffer[self.length] = byte
        self.length += 1
        return Status.CONTINUE


def ends_as_directory(path: Bytes) -> bool:
    """Whether `path` ends in a slash or in a `.` segment."""
    start = len(path)
    while start > 0 and path[start - 1] != SLASH:
        start -= 1
    last = path[start:]
    return len(last) == 0 or last == b"." or is_same_word(last, b"%2e")
