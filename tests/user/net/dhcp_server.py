"""A DHCP server built by hand, independent of the code under test (RFC 2131, RFC 2132)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from ipaddress import IPv4Address

HEAD = struct.Struct(">BBBBIHH4s4s4s4s16s64s128s")
MAGIC = b"\x63\x82\x53\x63"
DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK = range(1, 7)
MASK, ROUTER, DNS, ADDRESS, LEASE, OVERLOAD, TYPE, SERVER, T1, T2 = (
    1,
    3,
    6,
    50,
    51,
    52,
    53,
    54,
    58,
    59,
)


def packed(address: str) -> bytes:
    """Returns an address in network order."""
    return IPv4Address(address).packed


@dataclass(frozen=True)
class Message:
    """A message that a client sent."""

    data: bytes

    @property
    def fields(self) -> tuple[int, ...]:
        return HEAD.unpack_from(self.data)

    @property
    def transaction(self) -> int:
        return self.fields[4]

    @property
    def is_broadcast(self) -> bool:
        return bool(self.fields[6] & 0x8000)

    @property
    def client(self) -> str:
        return str(IPv4Address(self.fields[7]))

    @property
    def hardware(self) -> bytes:
        return self.data[28:34]

    @property
    def options(self) -> dict[int, bytes]:
        assert self.data[236:240] == MAGIC
        found, position = {}, 240
        while self.data[position] != 255:
            size = self.data[position + 1]
            found[self.data[position]] = self.data[position + 2 : position + 2 + size]
            position += 2 + size
        return found

    @property
    def kind(self) -> int:
        return self.options[TYPE][0]


@dataclass
class Server:
    """What the server gives away."""

    address: str = "10.0.2.15"
    identifier: str = "10.0.2.2"
    lease_s: int = 86400
    extra: dict[int, bytes] = field(default_factory=dict)

    def options(self) -> dict[int, bytes]:
        """Returns the options of an offer and an acknowledgement."""
        return {
            SERVER: packed(self.identifier),
            LEASE: struct.pack(">I", self.lease_s),
            MASK: packed("255.255.255.0"),
            ROUTER: packed("10.0.2.2"),
            DNS: packed("10.0.2.3") + packed("10.0.2.4"),
            **self.extra,
        }

    def answer(
        self,
        message: Message,
        kind: int,
        options: dict[int, bytes] | None = None,
        name: bytes = b"",
        file: bytes = b"",
        transaction: int | None = None,
        hardware: bytes | None = None,
    ) -> bytes:
        """Returns an answer to a message."""
        head = HEAD.pack(
            2,
            1,
            6,
            0,
            message.transaction if transaction is None else transaction,
            0,
            0,
            bytes(4),
            bytes(4) if kind == NAK else packed(self.address),
            packed(self.identifier),
            bytes(4),
            message.hardware if hardware is None else hardware,
            name,
            file,
        )
        chosen = self.options() if options is None else options
        return head + MAGIC + encode({TYPE: bytes([kind]), **chosen})


def encode(options: dict[int, bytes]) -> bytes:
    """Returns options with their end."""
    return b"".join(bytes([o, len(v)]) + v for o, v in options.items()) + b"\xff"
