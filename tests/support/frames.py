"""Builds and reads Ethernet, ARP, IPv4, ICMP, UDP and TCP, from the RFCs and not from the kernel.

Builders take what a header says as keyword arguments, right or wrong: a hostile frame is an honest
one with a lie in it. Readers expect honest frames and raise ValueError for others.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from ipaddress import IPv4Address

BROADCAST = b"\xff" * 6
IPV4 = 0x0800
ARP = 0x0806
ICMP, TCP, UDP = 1, 6, 17
ARP_REQUEST, ARP_REPLY = 1, 2
ECHO_REPLY, ECHO_REQUEST = 0, 8
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MORE_FRAGMENTS = 0x2000
DONT_FRAGMENT = 0x4000
MSS_OPTION = 2


def checksum(data: bytes) -> int:
    """The Internet checksum. RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(destination: bytes, source: bytes, kind: int, payload: bytes) -> bytes:
    """An Ethernet frame, not padded."""
    return destination + source + struct.pack(">H", kind) + payload


def arp(operation: int, sender: tuple[bytes, str], target: tuple[bytes, str]) -> bytes:
    """An ARP packet; sender and target are (hardware, protocol) addresses. RFC 826."""
    head = struct.pack(">HHBBH", 1, IPV4, 6, 4, operation)
    return head + sender[0] + packed(sender[1]) + target[0] + packed(target[1])


def ipv4(
    source: str,
    destination: str,
    protocol: int,
    payload: bytes,
    *,
    identification: int = 0,
    fragment: int = 0,
    ttl: int = 64,
    options: bytes = b"",
    total_length: int | None = None,
) -> bytes:
    """An IPv4 packet; `fragment` holds the flags and the offset in units of 8. RFC 791."""
    words = 5 + len(options) // 4
    length = 4 * words + len(payload) if total_length is None else total_length
    head = struct.pack(">BBHHHBB", 0x40 | words, 0, length, identification, fragment, ttl, protocol)
    addresses = packed(source) + packed(destination) + options
    total = checksum(head + b"\0\0" + addresses)
    return head + struct.pack(">H", total) + addresses + payload


def icmp(kind: int, code: int, rest: int, payload: bytes) -> bytes:
    """An ICMP message. RFC 792."""
    total = checksum(struct.pack(">BBHI", kind, code, 0, rest) + payload)
    return struct.pack(">BBHI", kind, code, total, rest) + payload


def udp(source: tuple[str, int], destination: tuple[str, int], payload: bytes) -> bytes:
    """A UDP datagram. RFC 768."""
    head = struct.pack(">HHH", source[1], destination[1], 8 + len(payload))
    pseudo = pseudo_header(source[0], destination[0], UDP, 8 + len(payload))
    total = checksum(pseudo + head + b"\0\0" + payload) or 0xFFFF
    return head + struct.pack(">H", total) + payload


def tcp(
    source: tuple[str, int],
    destination: tuple[str, int],
    sequence: int,
    acknowledgement: int,
    flags: int,
    payload: bytes = b"",
    *,
    window: int = 65535,
    options: bytes = b"",
) -> bytes:
    """A TCP segment; the length of `options` is a multiple of 4. RFC 9293, 3.1."""
    offset = (5 + len(options) // 4) << 4
    head = struct.pack(
        ">HHIIBBH",
        source[1],
        destination[1],
        sequence & 0xFFFF_FFFF,
        acknowledgement & 0xFFFF_FFFF,
        offset,
        flags,
        window,
    )
    rest = b"\0\0" + options + payload
    pseudo = pseudo_header(source[0], destination[0], TCP, len(head) + 2 + len(rest))
    return head + struct.pack(">H", checksum(pseudo + head + b"\0\0" + rest)) + rest


def pseudo_header(source: str, destination: str, protocol: int, length: int) -> bytes:
    """What the checksums of UDP and TCP cover besides the packet. RFC 9293, 3.1."""
    return packed(source) + packed(destination) + struct.pack(">BBH", 0, protocol, length)


def packed(address: str) -> bytes:
    """The four bytes of an address."""
    return IPv4Address(address).packed


@dataclass(frozen=True)
class Segment:
    """A TCP segment."""

    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: int
    window: int
    payload: bytes
    options: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Packet:
    """An IPv4 packet."""

    source: str
    destination: str
    protocol: int
    identification: int
    fragment: int
    ttl: int
    payload: bytes

    def is_sound(self) -> bool:
        """Whether the transport's checksum is right."""
        if self.fragment & 0x3FFF:
            return True
        if self.protocol == ICMP:
            return checksum(self.payload) == 0
        if self.protocol == UDP and self.payload[6:8] == b"\0\0":
            return True
        length = len(self.payload)
        pseudo = pseudo_header(self.source, self.destination, self.protocol, length)
        return checksum(pseudo + self.payload) == 0

    def segment(self) -> Segment:
        """Reads the TCP segment in it."""
        if self.protocol != TCP or len(self.payload) < 20:
            raise ValueError("no TCP segment")
        fields = struct.unpack(">HHIIBBH", self.payload[:16])
        source, destination, sequence, acknowledgement, offset, flags, window = fields
        length = offset >> 4 << 2
        if not 20 <= length <= len(self.payload):
            raise ValueError("data offset of a TCP segment")
        options = read_options(self.payload[20:length])
        rest = self.payload[length:]
        return Segment(
            source, destination, sequence, acknowledgement, flags & 63, window, rest, options
        )


def read_ipv4(data: bytes) -> Packet:
    """Reads an IPv4 packet, without the padding behind it. Raises ValueError."""
    if len(data) < 20 or data[0] >> 4 != 4:
        raise ValueError("no IPv4 packet")
    length = (data[0] & 15) * 4
    _, _, total, identification, fragment, ttl, protocol = struct.unpack(">BBHHHBB", data[:10])
    if length < 20 or not length <= total <= len(data) or checksum(data[:length]) != 0:
        raise ValueError("header of an IPv4 packet")
    source, destination = str(IPv4Address(data[12:16])), str(IPv4Address(data[16:20]))
    payload = data[length:total]
    return Packet(source, destination, protocol, identification, fragment, ttl, payload)


def read_options(data: bytes) -> dict[int, bytes]:
    """Reads the options of a TCP header by kind. RFC 9293, 3.2."""
    options = {}
    place = 0
    while place < len(data) and data[place] != 0:
        if data[place] == 1:
            place += 1
            continue
        if place + 1 >= len(data) or not 2 <= data[place + 1] <= len(data) - place:
            raise ValueError("options of a TCP segment")
        options[data[place]] = data[place + 2 : place + data[place + 1]]
        place += data[place + 1]
    return options
