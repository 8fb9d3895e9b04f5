"""The least DHCP server: it offers and grants one address. RFC 2131, RFC 2132."""

from __future__ import annotations

import struct

from tests.support import frames
from tests.support.frames import Packet

SERVER_PORT, CLIENT_PORT = 67, 68
DISCOVER, OFFER, REQUEST, ACKNOWLEDGE = 1, 2, 3, 5
OPTIONS_OFFSET = 240
COOKIE = bytes.fromhex("63825363")
LEASE_S = 86_400
MASK, ROUTER, NAME_SERVER, LEASE, KIND, SERVER, END = 1, 3, 6, 51, 53, 54, 255


def is_request(packet: Packet) -> bool:
    """Whether a packet is for a DHCP server."""
    if packet.protocol != frames.UDP:
        return False
    return bool(struct.unpack(">H", packet.payload[2:4])[0] == SERVER_PORT)


def answer(message: bytes, server: str, address: str, lease_s: int = LEASE_S) -> bytes | None:
    """Returns the IPv4 packet that answers a client's message; None for one without an answer."""
    if len(message) < OPTIONS_OFFSET or message[236:240] != COOKIE:
        return None
    kind = message_kind(message[OPTIONS_OFFSET:])
    if kind not in (DISCOVER, REQUEST):
        return None
    head = bytearray(message[:OPTIONS_OFFSET])
    head[0] = 2
    head[16:20] = frames.packed(address)
    head[20:24] = frames.packed(server)
    options = option(KIND, bytes([OFFER if kind == DISCOVER else ACKNOWLEDGE]))
    options += option(SERVER, frames.packed(server)) + option(MASK, frames.packed("255.255.255.0"))
    options += option(ROUTER, frames.packed(server)) + option(NAME_SERVER, frames.packed(server))
    options += option(LEASE, struct.pack(">I", lease_s)) + bytes([END])
    source, destination = (server, SERVER_PORT), ("255.255.255.255", CLIENT_PORT)
    datagram = frames.udp(source, destination, bytes(head) + options)
    return frames.ipv4(source[0], destination[0], frames.UDP, datagram)


def message_kind(options: bytes) -> int:
    """Returns the message's kind; 0 where it has none."""
    place = 0
    while place + 1 < len(options) and options[place] != END:
        if options[place] == 0:
            place += 1
            continue
        if options[place] == KIND:
            return options[place + 2]
        place += 2 + options[place + 1]
    return 0


def option(code: int, value: bytes) -> bytes:
    """An option with its length."""
    return bytes([code, len(value)]) + value
