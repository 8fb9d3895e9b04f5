"""Text put into HTML and into URIs."""

from __future__ import annotations

from bare import Array, Bytes, Writer, array, u8, usize
from bare.lib.format import UPPER_DIGITS
from user.lib.http.characters import DELETE, PERCENT, SPACE

AMPERSAND = ord("&")
LESS = ord("<")
GREATER = ord(">")
QUOTE = ord('"')
APOSTROPHE = ord("'")
PATH_MARKS: bytes = b"-._~!$&'()*+,;=:@/"
IS_PATH: tuple[bool, ...] = tuple(
    (chr(byte).isalnum() and byte < DELETE) or byte in PATH_MARKS for byte in range(256)
)


def write_html(out: Writer, data: Bytes) -> None:
    """Writes text that means itself in HTML, in content and in quoted attributes."""
    start: usize = 0
    for index in range(len(data)):
        entity = entity_of(data[index])
        if len(entity) > 0:
            out.write(data[start:index])
            out.write(entity)
            start = index + 1
    out.write(data[start:])


def entity_of(byte: u8) -> Bytes:
    """Returns what stands for `byte`, empty where it stands for itself."""
    if byte == AMPERSAND:
        return b"&amp;"
    if byte == LESS:
        return b"&lt;"
    if byte == GREATER:
        return b"&gt;"
    if byte == QUOTE:
        return b"&quot;"
    if byte == APOSTROPHE:
        return b"&#39;"
    if byte < SPACE or byte == DELETE:
        return b"?"
    return b""


def write_uri_path(out: Writer, path: Bytes) -> None:
    """Writes a path, percent-encoded (RFC 3986, 3.3); slashes separate segments."""
    encoded: Array[u8] = array(3)
    encoded[0] = PERCENT
    for index in range(len(path)):
        byte = path[index]
        if IS_PATH[byte]:
            out.write(path[index : index + 1])
        else:
            encoded[1] = UPPER_DIGITS[byte >> 4]
            encoded[2] = UPPER_DIGITS[byte & 15]
            out.write(encoded[:])
