"""The form of a case: bytes of requests, and what a server has to answer to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MODIFIED = 1_767_225_600
"""When every file of an image was modified, as its specification says."""

LAST_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"
BEFORE = "Wed, 31 Dec 2025 23:59:59 GMT"
AFTER = "Thu, 01 Jan 2026 00:00:01 GMT"
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
INDEX = b"<p>swift-os httpd</p>\n"
TAG = f'"{MODIFIED:x}-0-{len(ALPHABET):x}"'
"""The tag of `/alphabet.txt`: seconds, nanoseconds and size in hexadecimal digits."""


@dataclass(frozen=True)
class Reply:
    """A response: its status, and of the rest what a case is about. `None`: no such field."""

    status: int
    body: bytes | None = None
    fields: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Bytes of one connection and the responses to them, in order."""

    section: str
    """Of RFC 9112 or 9110, whichever the name of the list says."""

    name: str
    sent: bytes
    replies: tuple[Reply, ...]
    closes: bool
    """Whether the server closes the connection behind the last response."""

    is_of_library: bool = False
    """Whether `httpd` decides otherwise than the small server of the tests."""

    @property
    def identity(self) -> str:
        """The name of the test."""
        return f"{self.section} {self.name}"


def case(
    section: str,
    name: str,
    sent: bytes,
    *replies: int | Reply,
    closes: bool | None = None,
    is_of_library: bool = False,
) -> Case:
    """Makes a case. Unless it says otherwise, 4xx and 5xx of framing close the connection."""
    whole = tuple(Reply(reply) if isinstance(reply, int) else reply for reply in replies)
    if closes is None:
        closes = bool(whole) and whole[-1].status in (400, 408, 413, 414, 417, 431, 505)
    return Case(section, name, sent, whole, closes, is_of_library)


def get(*lines: str, target: str = "/alphabet.txt", version: str = "1.1") -> bytes:
    """A GET with a Host line and the given lines."""
    return request("GET", *lines, target=target, version=version)


def request(method: str, *lines: str, target: str = "/alphabet.txt", version: str = "1.1") -> bytes:
    """A request with a Host line, the given lines and no body."""
    head = [f"{method} {target} HTTP/{version}", "Host: example", *lines, "", ""]
    return "\r\n".join(head).encode("latin-1")


def post(body: bytes, *lines: str) -> bytes:
    """A POST, whose method no file allows, so that the body has to be read to answer 405."""
    return request("POST", *lines) + body


def chunked(body: bytes) -> bytes:
    """A POST with the given bytes as chunked coding, and a GET behind it."""
    return post(body, "Transfer-Encoding: chunked") + get()
