"""The annotation is the type of a field, the default its storage."""

from __future__ import annotations

from bare import Array, array, at, big_endian, inline, struct, u8, u16, u32


@struct
class Header:
    """Part of a packet."""

    kind: u8 = 4
    port: u16 = big_endian(default=0x1234)


@struct
class Packet:
    """Embeds a struct and an array."""

    length: u32
    header: Header = inline()
    name: Array[u8] = array(6)
    tail: u8 = 9


@struct
class Block:
    """Fields at given offsets."""

    control: u32 = at(0x00, default=1)
    status: u32 = at(0x10, default=2)


def main() -> None:
    """Reads and writes embedded parts."""
    packet = Packet(20)
    print(packet.length, packet.header.kind, packet.header.port, packet.tail, len(packet.name))
    header = packet.header
    header.port = 80
    packet.name[2] = 7
    print(packet.header.port, packet.name[2], packet.name[3], header is packet.header)
    other = Packet(21)
    print(other.header.port, other.name[2])
    block = Block()
    block.status += 5
    print(block.control, block.status)
