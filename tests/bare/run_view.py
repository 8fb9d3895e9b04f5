"""view() lays a packed struct over bytes."""

from __future__ import annotations

from bare import Array, Span, array, big_endian, bits, inline, size_of, struct, u8, u16, u32, view


@struct(packed=True)
class Address:
    """Four bytes."""

    value: u32 = big_endian()


@struct(packed=True, size=13)
class Header:
    """A header as it stands on the wire."""

    length: u8 = bits(4)
    version: u8 = bits(4)
    port: u16 = big_endian()
    mark: u16
    source: Address = inline()
    tail: Array[u8] = array(4)


def parse(packet: Span[u8]) -> u32:
    """Reads a header."""
    header = view(Header, packet, 1)
    return u32(header.version) * 1000 + header.length


def main() -> None:
    """Writes by bytes, reads by fields, and the other way round."""
    packet: Array[u8] = array(20)
    packet[1] = 0x45
    packet[2] = 0x01
    packet[3] = 0xBB
    packet[4] = 0x01
    header = view(Header, packet, 1)
    print(parse(packet), header.port, header.mark, size_of(Header))
    header.source.value = 0x0A00_0001
    header.port = 80
    header.tail[3] = 9
    header.version = 6
    for byte in packet[: 1 + size_of(Header)]:
        print(f"{byte:02x}", end=" ")
    print()
