"""ARP for IPv4 over Ethernet. RFC 826, RFC 5227."""

from __future__ import annotations

from bare import Enum16, Span, big_endian, struct, u8, u16, u32, u64, view
from kernel.net.wire.address import Ipv4Address
from kernel.net.wire.ethernet import TYPE_IPV4, EthernetAddress, is_group_address

ARP_SIZE: u32 = 28
HARDWARE_ETHERNET: u16 = 1
ETHERNET_SIZE: u8 = 6
IPV4_SIZE: u8 = 4


class ArpOperation(Enum16):
    """What a packet wants."""

    REQUEST = 1
    REPLY = 2


@struct(packed=True, size=28)
class ArpPacket:
    """A packet, where it lies."""

    hardware: u16 = big_endian()
    protocol: u16 = big_endian()
    hardware_size: u8
    protocol_size: u8
    operation: u16 = big_endian()
    sender_high: u16 = big_endian()
    sender_low: u32 = big_endian()
    sender_ipv4: u32 = big_endian()
    target_high: u16 = big_endian()
    target_low: u32 = big_endian()
    target_ipv4: u32 = big_endian()

    def sender(self) -> EthernetAddress:
        """Returns the sender's Ethernet address."""
        return u64(self.sender_high) << 32 | self.sender_low

    def is_request(self) -> bool:
        """Whether it asks; else it answers."""
        return self.operation == u16(ArpOperation.REQUEST)


def parse_arp(data: Span[u8]) -> ArpPacket | None:
    """Returns a packet, None where it is not one of IPv4 over Ethernet from one station."""
    if len(data) < ARP_SIZE:
        return None
    packet = view(ArpPacket, data, 0)
    if packet.hardware != HARDWARE_ETHERNET or packet.protocol != TYPE_IPV4:
        return None
    if packet.hardware_size != ETHERNET_SIZE or packet.protocol_size != IPV4_SIZE:
        return None
    if packet.operation not in (1, 2) or is_group_address(packet.sender()):
        return None
    return packet


def build_arp(
    into: Span[u8],
    operation: ArpOperation,
    sender: EthernetAddress,
    sender_ipv4: Ipv4Address,
    target: EthernetAddress,
    target_ipv4: Ipv4Address,
) -> None:
    """Writes a packet of ARP_SIZE bytes at the start of `into`."""
    packet = view(ArpPacket, into, 0)
    packet.hardware = HARDWARE_ETHERNET
    packet.protocol = TYPE_IPV4
    packet.hardware_size = ETHERNET_SIZE
    packet.protocol_size = IPV4_SIZE
    packet.operation = u16(operation)
    packet.sender_high = u16(sender >> 32)
    packet.sender_low = u32(sender & 0xFFFF_FFFF)
    packet.sender_ipv4 = sender_ipv4
    packet.target_high = u16(target >> 32)
    packet.target_low = u32(target & 0xFFFF_FFFF)
    packet.target_ipv4 = target_ipv4
