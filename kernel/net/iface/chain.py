"""Datagrams in several packets, linked by `more`: what is done over all of them."""

from __future__ import annotations

from bare import u32
from kernel.device.packet import Packet
from kernel.net.wire.checksum import Checksum


def chain_length(first: Packet) -> u32:
    """Returns the bytes of all packets."""
    total: u32 = 0
    packet: Packet | None = first
    while packet is not None:
        total += packet.length()
        packet = packet.more
    return total


def add_chain(sum: Checksum, first: Packet) -> None:
    """Adds the bytes of all packets to a checksum."""
    packet: Packet | None = first
    while packet is not None:
        sum.add(packet.bytes())
        packet = packet.more
