"""IPv4 headers. RFC 791."""

from __future__ import annotations

from bare import Span, big_endian, bits, struct, u8, u16, u32, view
from kernel.net.wire.address import Ipv4Address
from kernel.net.wire.checksum import checksum

IPV4_HEADER_SIZE: u32 = 20
"""Bytes of a header without options; all that we send have none."""
IPV4_VERSION: u8 = 4
DONT_FRAGMENT: u16 = 0x4000
MORE_FRAGMENTS: u16 = 0x2000
OFFSET_MASK: u16 = 0x1FFF
LARGEST_DATAGRAM: u32 = 65535

PROTOCOL_ICMP: u8 = 1
PROTOCOL_TCP: u8 = 6
PROTOCOL_UDP: u8 = 17


@struct(packed=True, size=20)
class Ipv4Header:
    """The fixed part of a header, where it lies."""

    header_words: u8 = bits(4)
    version: u8 = bits(4)
    traffic_class: u8
    """DSCP and ECN. RFC 2474, RFC 3168."""
    total_length: u16 = big_endian()
    identification: u16 = big_endian()
    fragment: u16 = big_endian()
    """DONT_FRAGMENT, MORE_FRAGMENTS, and the offset in units of eight bytes."""
    time_to_live: u8
    protocol: u8
    checksum: u16 = big_endian()
    source: u32 = big_endian()
    destination: u32 = big_endian()

    def header_length(self) -> u32:
        """Returns the bytes of the header, options included."""
        return u32(self.header_words) * 4

    def is_fragment(self) -> bool:
        """Whether it is a part of a larger datagram."""
        return self.fragment & (MORE_FRAGMENTS | OFFSET_MASK) != 0

    def has_more(self) -> bool:
        """Whether more of its datagram follows."""
        return self.fragment & MORE_FRAGMENTS != 0

    def fragment_offset(self) -> u32:
        """Returns where in its datagram the payload stands, in bytes."""
        return u32(self.fragment & OFFSET_MASK) * 8


def parse_ipv4(data: Span[u8]) -> Ipv4Header | None:
    """Returns the header of a datagram that may have padding behind it; None where version, lengths
    or checksum are wrong. RFC 1122, 3.2.1.
    """
    if len(data) < IPV4_HEADER_SIZE:
        return None
    header = view(Ipv4Header, data, 0)
    length = header.header_length()
    if header.version != IPV4_VERSION or length < IPV4_HEADER_SIZE:
        return None
    if u32(header.total_length) < length or len(data) < header.total_length:
        return None
    if checksum(data[:length]) != 0:
        return None
    return header


def build_ipv4(
    into: Span[u8],
    payload_length: u32,
    protocol: u8,
    source: Ipv4Address,
    destination: Ipv4Address,
    time_to_live: u8,
    traffic_class: u8,
    identification: u16,
    fragment: u16,
) -> None:
    """Writes a header without options at the start of `into`."""
    header = view(Ipv4Header, into, 0)
    header.version = IPV4_VERSION
    header.header_words = 5
    header.traffic_class = traffic_class
    header.total_length = u16(IPV4_HEADER_SIZE + payload_length)
    header.identification = identification
    header.fragment = fragment
    header.time_to_live = time_to_live
    header.protocol = protocol
    header.checksum = 0
    header.source = source
    header.destination = destination
    header.checksum = checksum(into[:IPV4_HEADER_SIZE])
