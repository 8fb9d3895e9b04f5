"""UDP headers. RFC 768."""

from __future__ import annotations

from bare import Span, big_endian, struct, u8, u16, u32, view
from kernel.net.wire.checksum import Checksum

UDP_HEADER_SIZE: u32 = 8


@struct(packed=True, size=8)
class UdpHeader:
    """A header, where it lies."""

    source_port: u16 = big_endian()
    destination_port: u16 = big_endian()
    length: u16 = big_endian()
    """Bytes of header and payload."""
    checksum: u16 = big_endian()
    """0: the sender made none."""


def udp_header(data: Span[u8], available: u32) -> UdpHeader | None:
    """Returns the header that `data` begins with; None where it is too short, or the header's
    length is less than itself or more than the `available` bytes. The checksum is the caller's.
    """
    if len(data) < UDP_HEADER_SIZE:
        return None
    header = view(UdpHeader, data, 0)
    if header.length < UDP_HEADER_SIZE or header.length > available:
        return None
    return header


def build_udp(into: Span[u8], source_port: u16, destination_port: u16, payload_length: u32) -> None:
    """Writes a header without checksum at the start of `into`."""
    header = view(UdpHeader, into, 0)
    header.source_port = source_port
    header.destination_port = destination_port
    header.length = u16(UDP_HEADER_SIZE + payload_length)
    header.checksum = 0


def set_udp_checksum(header: Span[u8], sum: Checksum) -> None:
    """Puts the checksum into a built header. `sum` has the pseudo-header, the header and the
    payload; what comes out as 0 is sent as 0xFFFF, since 0 means none.
    """
    value = sum.finish()
    view(UdpHeader, header, 0).checksum = 0xFFFF if value == 0 else value
