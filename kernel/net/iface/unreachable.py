"""What an error says about a packet of ours: from ICMP, or because a neighbour did not answer."""

from __future__ import annotations

from abi.errno import EHOSTUNREACH
from bare import Span, load_u16_be, load_u32_be, u8, u32, view
from kernel.device.packet import Packet
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.iface.receiver import IcmpError
from kernel.net.wire.icmp import CODE_HOST_UNREACHABLE, TYPE_UNREACHABLE
from kernel.net.wire.ipv4 import IPV4_HEADER_SIZE, IPV4_VERSION, PROTOCOL_TCP, Ipv4Header

QUOTED_BYTES: u32 = 8
"""Bytes behind the IPv4 header that every error quotes. RFC 792."""


def read_quotation(data: Span[u8], error: IcmpError) -> bool:
    """Reads which of our packets an error is about, from as much of it as came back; False where
    that is too little, or a fragment without ports.
    """
    if len(data) < IPV4_HEADER_SIZE:
        return False
    header = view(Ipv4Header, data, 0)
    length = header.header_length()
    if header.version != IPV4_VERSION or length < IPV4_HEADER_SIZE:
        return False
    if len(data) < length + QUOTED_BYTES or header.fragment_offset() != 0:
        return False
    transport = data[length:]
    error.protocol = header.protocol
    error.local = header.source
    error.remote = header.destination
    error.local_port = load_u16_be(transport, 0)
    error.remote_port = load_u16_be(transport, 2)
    error.sequence = load_u32_be(transport, 4) if header.protocol == PROTOCOL_TCP else 0
    return True


def report_unreachable(layer: Ipv4Layer, packet: Packet) -> None:
    """Tells the socket that sent a datagram that its neighbour does not answer (RFC 1122, 2.4)."""
    receiver = layer.icmp
    error = IcmpError()
    if receiver is None or not read_quotation(packet.bytes(), error):
        return
    error.type = TYPE_UNREACHABLE
    error.code = CODE_HOST_UNREACHABLE
    error.errno = EHOSTUNREACH
    error.reporter = error.local
    receiver.receive_error(error)
