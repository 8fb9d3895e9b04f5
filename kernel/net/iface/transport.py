"""Packets to the transports: checksums and headers are read here, once."""

from __future__ import annotations

from bare import u32, wrapping_add
from kernel.device.packet import Packet
from kernel.net.iface.chain import add_chain, chain_length
from kernel.net.iface.icmp import receive_icmp
from kernel.net.iface.icmp_errors import send_error
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.iface.receiver import Arrival, TcpReceiver
from kernel.net.wire.checksum import Checksum
from kernel.net.wire.icmp import (
    CODE_PORT_UNREACHABLE,
    CODE_PROTOCOL_UNREACHABLE,
    TYPE_UNREACHABLE,
)
from kernel.net.wire.ipv4 import PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP
from kernel.net.wire.tcp import FLAG_FIN, FLAG_PSH, FLAG_SYN, TcpHeader, parse_tcp
from kernel.net.wire.udp import UDP_HEADER_SIZE, UdpHeader, udp_header


def deliver(layer: Ipv4Layer, packet: Packet, arrival: Arrival) -> None:
    """Takes a whole datagram, its bytes from the transport's header on."""
    if arrival.protocol == PROTOCOL_TCP:
        _deliver_tcp(layer, packet, arrival)
    elif arrival.protocol == PROTOCOL_UDP:
        _deliver_udp(layer, packet, arrival)
    elif arrival.protocol == PROTOCOL_ICMP:
        receive_icmp(layer, packet, arrival)
    else:
        send_error(layer, packet, arrival, TYPE_UNREACHABLE, CODE_PROTOCOL_UNREACHABLE)
        packet.release()


def _deliver_udp(layer: Ipv4Layer, packet: Packet, arrival: Arrival) -> None:
    """Takes a UDP datagram."""
    header = _udp_header(packet, arrival)
    if header is None:
        layer.counters.bad_transport += 1
        packet.release()
        return
    packet.drop_front(UDP_HEADER_SIZE)
    receiver = layer.udp
    if receiver is None or not receiver.receive_udp(packet, arrival, header):
        send_error(layer, packet, arrival, TYPE_UNREACHABLE, CODE_PORT_UNREACHABLE)
        packet.release()


def _udp_header(packet: Packet, arrival: Arrival) -> UdpHeader | None:
    """Returns the header of a datagram whose length and checksum are right, and takes away what is
    behind it.
    """
    available = chain_length(packet)
    header = udp_header(packet.bytes(), available)
    if header is None:
        return None
    length = u32(header.length)
    if packet.more is None:
        packet.shorten(length)
    elif length != available:
        return None
    if header.checksum != 0:
        sum = Checksum()
        sum.add_pseudo_header(arrival.source, arrival.destination, PROTOCOL_UDP, length)
        add_chain(sum, packet)
        if sum.finish() != 0:
            return None
    return header


def _deliver_tcp(layer: Ipv4Layer, packet: Packet, arrival: Arrival) -> None:
    """Takes a TCP segment; one that is not for us alone is nothing (RFC 9293, 3.9.2.3)."""
    receiver = layer.tcp
    if receiver is None or arrival.is_broadcast:
        packet.release()
        return
    header = layer.tcp_header
    sum = Checksum()
    length = chain_length(packet)
    sum.add_pseudo_header(arrival.source, arrival.destination, PROTOCOL_TCP, length)
    add_chain(sum, packet)
    if sum.finish() != 0 or not parse_tcp(packet.bytes(), header):
        layer.counters.bad_transport += 1
        packet.release()
        return
    packet.drop_front(header.length)
    if packet.more is None:
        receiver.receive_tcp(packet, arrival, header)
    else:
        _deliver_parts(receiver, packet, arrival, header)


def _deliver_parts(
    receiver: TcpReceiver, first: Packet, arrival: Arrival, header: TcpHeader
) -> None:
    """Delivers a segment that came in fragments as a segment for each."""
    flags = header.flags
    part: Packet | None = first
    while part is not None:
        rest = part.more
        part.more = None
        header.flags = flags if rest is None else flags & (0xFF ^ FLAG_FIN ^ FLAG_PSH)
        following = wrapping_add(header.sequence, part.length())
        if flags & FLAG_SYN != 0:
            following = wrapping_add(following, 1)
        receiver.receive_tcp(part, arrival, header)
        flags &= 0xFF ^ FLAG_SYN
        header.sequence = following
        part = rest
