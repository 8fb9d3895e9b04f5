"""Frames and IPv4 packets in: what is not for us, or cannot be, goes no further. RFC 1122, 3.2.1.

Nothing is forwarded. A packet is for us only where its address is that of the interface that it
came through (the strong model of RFC 1122, 3.3.4.2).
"""

from __future__ import annotations

from bare import Bytes, u32, u64
from kernel.device.packet import Packet
from kernel.net.iface.arp import receive_arp
from kernel.net.iface.icmp_errors import send_error
from kernel.net.iface.interface import Interface
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.iface.reassembly import Datagram
from kernel.net.iface.receiver import Arrival
from kernel.net.iface.transport import deliver
from kernel.net.wire.address import (
    ANY_ADDRESS,
    is_loopback,
    is_unicast,
)
from kernel.net.wire.ethernet import (
    ETHERNET_HEADER_SIZE,
    TYPE_ARP,
    TYPE_IPV4,
    is_group_address,
    parse_ethernet,
)
from kernel.net.wire.icmp import CODE_REASSEMBLY_TIME, TYPE_TIME_EXCEEDED
from kernel.net.wire.ipv4 import IPV4_HEADER_SIZE, Ipv4Header, parse_ipv4

OPTION_END = 0
OPTION_NOTHING = 1
OPTION_LOOSE_ROUTE = 131
OPTION_STRICT_ROUTE = 137


def receive_frame(layer: Ipv4Layer, interface: Interface, packet: Packet) -> None:
    """Takes a frame from a device."""
    header = parse_ethernet(packet.bytes())
    if header is None or not interface.is_up:
        packet.release()
        return
    destination = header.destination()
    is_group = is_group_address(destination)
    is_ours = is_group or destination == interface.station
    if not is_ours or is_group_address(header.source()):
        packet.release()
        return
    type = header.type
    packet.drop_front(ETHERNET_HEADER_SIZE)
    if type == TYPE_IPV4:
        receive_ipv4(layer, interface, packet, is_group)
        return
    if type == TYPE_ARP and not interface.device.is_loopback:
        receive_arp(layer, interface, packet)
    packet.release()


def receive_ipv4(layer: Ipv4Layer, interface: Interface, packet: Packet, is_group: bool) -> None:
    """Takes an IPv4 packet; `is_group`: its frame was for more than one station."""
    layer.counters.received += 1
    header = parse_ipv4(packet.bytes())
    if header is None:
        layer.counters.bad_headers += 1
        packet.release()
        return
    length = header.header_length()
    packet.shorten(u32(header.total_length))
    arrival = Arrival(interface)
    arrival.source = header.source
    arrival.destination = header.destination
    arrival.protocol = header.protocol
    arrival.time_to_live = header.time_to_live
    arrival.traffic_class = header.traffic_class
    arrival.is_broadcast = is_group or interface.is_broadcast(header.destination)
    arrival.datagram_start = packet.start
    if not _is_believable(arrival) or _has_source_route(packet.bytes()[IPV4_HEADER_SIZE:length]):
        layer.counters.martians += 1
        packet.release()
        return
    packet.drop_front(length)
    if header.is_fragment():
        _receive_fragment(layer, packet, arrival, header)
    else:
        deliver(layer, packet, arrival)


def age_fragments(layer: Ipv4Layer, now_ms: u64) -> None:
    """Gives up datagrams that took too long, and tells who sent their beginning."""
    while True:
        datagram = layer.reassembly.expired(now_ms)
        if datagram is None:
            return
        layer.counters.reassembly_failures += 1
        _report_timeout(layer, datagram)
        layer.reassembly.drop(datagram)


def _receive_fragment(
    layer: Ipv4Layer, packet: Packet, arrival: Arrival, header: Ipv4Header
) -> None:
    """Takes a fragment, and delivers its datagram if that is whole now."""
    start = arrival.datagram_start
    datagram = layer.reassembly.add(packet, header, start, arrival.interface, layer.now_ms())
    layer.wake_by(layer.reassembly.deadline_ms())
    if datagram is None:
        return
    layer.counters.reassembled += 1
    arrival.datagram_start = datagram.header_start
    deliver(layer, layer.reassembly.take_packets(datagram), arrival)


def _report_timeout(layer: Ipv4Layer, datagram: Datagram) -> None:
    """Sends an error about a datagram's first fragment, without which nothing is said."""
    first = datagram.first
    interface = datagram.interface
    if first is None or interface is None or not datagram.has_start():
        return
    arrival = Arrival(interface)
    arrival.source = datagram.source
    arrival.destination = datagram.destination
    arrival.is_broadcast = interface.is_broadcast(datagram.destination)
    arrival.datagram_start = datagram.header_start
    send_error(layer, first, arrival, TYPE_TIME_EXCEEDED, CODE_REASSEMBLY_TIME)


def _is_believable(arrival: Arrival) -> bool:
    """Whether a packet with these addresses may come through this interface, and is for us.

    The loopback carries what we send to any address of ours. Elsewhere the source is one host that
    is not us, or nobody yet (RFC 1122, 3.2.1.3 (a)), which only reaches all; the destination is our
    address or all hosts'.
    """
    interface = arrival.interface
    if interface.device.is_loopback:
        return True
    source = arrival.source
    destination = arrival.destination
    if interface.is_broadcast(source) or (source == interface.address and source != ANY_ADDRESS):
        return False
    if interface.is_broadcast(destination):
        return is_unicast(source) or source == ANY_ADDRESS
    if arrival.is_broadcast or not is_unicast(source) or is_loopback(destination):
        return False
    return destination == interface.address and destination != ANY_ADDRESS


def _has_source_route(options: Bytes) -> bool:
    """Whether options say which way a packet has to go (RFC 7126, 4.3: drop), or are malformed."""
    rest = options
    while len(rest) > 0 and rest[0] != OPTION_END:
        if rest[0] == OPTION_NOTHING:
            rest = rest[1:]
            continue
        if rest[0] in (OPTION_LOOSE_ROUTE, OPTION_STRICT_ROUTE):
            return True
        if len(rest) < 2 or rest[1] < 2 or rest[1] > len(rest):
            return True
        rest = rest[rest[1] :]
    return False
