"""Endless frames that nobody should send: floods, fragments, lies, noise. All from a seed."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from tests.support import frames
from tests.support.frame_peer import GUEST_ADDRESS, GUEST_MAC, PEER_ADDRESS, PEER_MAC
from tests.support.frames import ACK, FIN, MORE_FRAGMENTS, PSH, RST, SYN

Attack = Callable[[random.Random], Iterator[bytes]]

LISTENING = 8080
OTHER_HOSTS = ("10.1.0.0", 0xFFFF)
LARGEST_PAYLOAD = 1480


def syn_flood(chance: random.Random) -> Iterator[bytes]:
    """Connections that are begun and forgotten, from everywhere, to open and closed ports."""
    while True:
        source = (stranger(chance), chance.randrange(1, 65536))
        port = LISTENING if chance.random() < 0.8 else chance.randrange(1, 65536)
        options = struct.pack(">BBH", 2, 4, chance.choice((0, 1, 536, 1460, 65535)))
        segment = frames.tcp(
            source, (GUEST_ADDRESS, port), chance.getrandbits(32), 0, SYN, options=options
        )
        yield to_guest(frames.ipv4(source[0], GUEST_ADDRESS, frames.TCP, segment))


def stray_segments(chance: random.Random) -> Iterator[bytes]:
    """Segments of no connection, with every combination of flags."""
    while True:
        source = (stranger(chance), chance.randrange(65536))
        flags = chance.choice((0, ACK, RST, FIN, PSH | ACK, SYN | ACK, SYN | FIN, RST | ACK, 63))
        target = (GUEST_ADDRESS, chance.choice((LISTENING, chance.randrange(65536))))
        numbers = (chance.getrandbits(32), chance.getrandbits(32))
        payload = chance.randbytes(chance.choice((0, 1, 100, 1400)))
        segment = frames.tcp(source, target, *numbers, flags, payload)
        yield to_guest(frames.ipv4(source[0], GUEST_ADDRESS, frames.TCP, segment))


def fragment_flood(chance: random.Random) -> Iterator[bytes]:
    """Fragments that never become whole, overlap, or reach behind the largest packet."""
    while True:
        source = stranger(chance) if chance.random() < 0.5 else PEER_ADDRESS
        identification = chance.randrange(65536)
        for _ in range(chance.randint(1, 4)):
            offset = chance.choice((0, 1, 3, 185, 8190, 8191, chance.randrange(8192)))
            more = MORE_FRAGMENTS if chance.random() < 0.8 else 0
            payload = chance.randbytes(chance.choice((1, 7, 8, 40, 1000, LARGEST_PAYLOAD)))
            protocol = chance.choice((frames.TCP, frames.UDP, frames.ICMP, 255))
            yield to_guest(
                frames.ipv4(
                    source,
                    GUEST_ADDRESS,
                    protocol,
                    payload,
                    identification=identification,
                    fragment=more | offset,
                )
            )


def arp_flood(chance: random.Random) -> Iterator[bytes]:
    """Questions and answers of hosts that do not exist; the peer's own address is left alone."""
    while True:
        hardware = chance.randbytes(6)
        address = stranger(chance) if chance.random() < 0.5 else neighbour(chance)
        operation = chance.choice((frames.ARP_REQUEST, frames.ARP_REPLY, 0, 3, 65535))
        target = chance.choice((GUEST_ADDRESS, neighbour(chance), address))
        packet = frames.arp(operation, (hardware, address), (bytes(6), target))
        if chance.random() < 0.2:
            packet = packet[: chance.randrange(len(packet))]
        receiver = GUEST_MAC if chance.random() < 0.5 else frames.BROADCAST
        yield frames.ethernet(receiver, hardware, frames.ARP, packet)


def datagram_flood(chance: random.Random) -> Iterator[bytes]:
    """Datagrams to ports that nobody has, pings, and errors about what was never sent."""
    while True:
        source = stranger(chance)
        payload = chance.randbytes(chance.randrange(LARGEST_PAYLOAD - 8))
        kind = chance.randrange(3)
        if kind == 0:
            target = (GUEST_ADDRESS, chance.randrange(65536))
            data = frames.udp((source, chance.randrange(65536)), target, payload)
            packet = frames.ipv4(source, GUEST_ADDRESS, frames.UDP, data)
        elif kind == 1:
            data = frames.icmp(frames.ECHO_REQUEST, 0, chance.getrandbits(32), payload)
            packet = frames.ipv4(source, GUEST_ADDRESS, frames.ICMP, data)
        else:
            quoted = frames.ipv4(GUEST_ADDRESS, source, chance.choice((6, 17, 1)), payload[:64])
            data = frames.icmp(chance.choice((3, 4, 5, 11, 12)), chance.randrange(16), 576, quoted)
            packet = frames.ipv4(source, GUEST_ADDRESS, frames.ICMP, data)
        yield to_guest(packet)


def garbage(chance: random.Random) -> Iterator[bytes]:
    """Frames of the other attacks with some bytes changed, cut short, or pure noise."""
    sources = [attack(chance) for attack in (syn_flood, fragment_flood, arp_flood, datagram_flood)]
    while True:
        if chance.random() < 0.2:
            kind = chance.choice((frames.IPV4, frames.ARP, 0x86DD, chance.randrange(65536)))
            noise = chance.randbytes(chance.randrange(1486))
            yield frames.ethernet(GUEST_MAC, PEER_MAC, kind, noise)
            continue
        frame = bytearray(next(chance.choice(sources)))
        for _ in range(chance.randint(1, 8)):
            frame[chance.randrange(12, len(frame))] = chance.randrange(256)
        length = len(frame) if chance.random() < 0.7 else chance.randint(14, len(frame))
        yield bytes(frame[:length])


ATTACKS: dict[str, Attack] = {
    "fragments": fragment_flood,
    "SYN flood": syn_flood,
    "stray segments": stray_segments,
    "ARP flood": arp_flood,
    "datagrams": datagram_flood,
    "garbage": garbage,
}


def to_guest(packet: bytes) -> bytes:
    """A frame from the peer to the guest."""
    return frames.ethernet(GUEST_MAC, PEER_MAC, frames.IPV4, packet)


def stranger(chance: random.Random) -> str:
    """An address far away."""
    first, mask = OTHER_HOSTS
    return str(IPv4Address(first) + chance.randrange(1, mask))


def neighbour(chance: random.Random) -> str:
    """An address of the guest's network that is neither the guest's nor the peer's."""
    return f"10.0.2.{chance.choice((3, 4, chance.randrange(20, 250)))}"
