"""Ethernet frames. IEEE 802.3, 3.1.1; RFC 894.

An Ethernet address is a number of 48 bits, the first byte on the wire highest.
"""

from __future__ import annotations

from bare import Bytes, Span, big_endian, load_u16_be, load_u32_be, struct, u8, u16, u32, u64, view

EthernetAddress = u64
"""An Ethernet address as a number."""

ETHERNET_HEADER_SIZE: u32 = 14
BROADCAST_ADDRESS: EthernetAddress = 0xFFFF_FFFF_FFFF
GROUP_BIT: u64 = 1 << 40
"""Set in addresses of more than one station."""
TYPE_IPV4: u16 = 0x0800
TYPE_ARP: u16 = 0x0806


@struct(packed=True, size=14)
class EthernetHeader:
    """The header of a frame, where it lies."""

    destination_high: u16 = big_endian()
    destination_low: u32 = big_endian()
    source_high: u16 = big_endian()
    source_low: u32 = big_endian()
    type: u16 = big_endian()

    def destination(self) -> EthernetAddress:
        """Returns whom the frame is for."""
        return u64(self.destination_high) << 32 | self.destination_low

    def source(self) -> EthernetAddress:
        """Returns who sent the frame."""
        return u64(self.source_high) << 32 | self.source_low

    def set_destination(self, address: EthernetAddress) -> None:
        """Says whom the frame is for."""
        self.destination_high = u16(address >> 32)
        self.destination_low = u32(address & 0xFFFF_FFFF)

    def set_source(self, address: EthernetAddress) -> None:
        """Says who sends the frame."""
        self.source_high = u16(address >> 32)
        self.source_low = u32(address & 0xFFFF_FFFF)


def parse_ethernet(frame: Span[u8]) -> EthernetHeader | None:
    """Returns the header of a frame, None where it is too short to have one."""
    if len(frame) < ETHERNET_HEADER_SIZE:
        return None
    return view(EthernetHeader, frame, 0)


def build_ethernet(
    into: Span[u8], destination: EthernetAddress, source: EthernetAddress, type: u16
) -> None:
    """Writes a header at the start of `into`."""
    header = view(EthernetHeader, into, 0)
    header.set_destination(destination)
    header.set_source(source)
    header.type = type


def ethernet_address(data: Bytes) -> EthernetAddress:
    """Returns the address that six bytes spell."""
    return u64(load_u16_be(data, 0)) << 32 | load_u32_be(data, 2)


def is_group_address(address: EthernetAddress) -> bool:
    """Whether an address means more than one station; none of them sends."""
    return address & GROUP_BIT != 0
