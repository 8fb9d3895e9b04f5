"""DNS messages built by hand, independent of the code under test (RFC 1035, 4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

A, CNAME, TXT, AAAA = 1, 5, 16, 28
INTERNET = 1


def name(text: str) -> bytes:
    """Returns a name in wire form."""
    labels = text.encode().split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


@dataclass(frozen=True)
class Query:
    """A question that was sent."""

    data: bytes

    @property
    def identifier(self) -> int:
        return int(struct.unpack_from(">H", self.data)[0])

    @property
    def question(self) -> bytes:
        return self.data[12:]

    @property
    def kind(self) -> int:
        return int(struct.unpack(">H", self.data[-4:-2])[0])

    @property
    def text(self) -> str:
        parts, position = [], 12
        while self.data[position]:
            size = self.data[position]
            parts.append(self.data[position + 1 : position + 1 + size].decode())
            position += 1 + size
        return ".".join(parts)


def record(owner: bytes, kind: int, data: bytes, ttl: int = 60, family: int = INTERNET) -> bytes:
    """Returns a resource record; `owner` is in wire form or a pointer."""
    return owner + struct.pack(">HHIH", kind, family, ttl, len(data)) + data


def pointer(offset: int) -> bytes:
    """Returns a compressed name."""
    return struct.pack(">H", 0xC000 | offset)


def a(owner: bytes, address: str, ttl: int = 60) -> bytes:
    """Returns an A record."""
    return record(owner, A, IPv4Address(address).packed, ttl)


def aaaa(owner: bytes, address: str, ttl: int = 60) -> bytes:
    """Returns an AAAA record."""
    return record(owner, AAAA, IPv6Address(address).packed, ttl)


def reply(
    query: Query,
    *records: bytes,
    code: int = 0,
    truncated: bool = False,
    question: bytes | None = None,
    identifier: int | None = None,
    flags: int = 0x8180,
) -> bytes:
    """Returns the answer to a query."""
    flags |= code | (0x0200 if truncated else 0)
    head = struct.pack(
        ">HHHHHH",
        query.identifier if identifier is None else identifier,
        flags,
        1,
        len(records),
        0,
        0,
    )
    return head + (query.question if question is None else question) + b"".join(records)
