"""ICMP errors out: what they are about, how often, and when never. RFC 1122, 3.2.2."""

from __future__ import annotations

from bare import u8, u32, view
from kernel.device.packet import Packet, PacketQueue
from kernel.net.iface.interface import Path
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.iface.output import send_packets
from kernel.net.iface.receiver import Arrival
from kernel.net.iface.routing import find_path
from kernel.net.iface.unreachable import QUOTED_BYTES
from kernel.net.wire.address import is_loopback, is_unicast
from kernel.net.wire.icmp import ICMP_HEADER_SIZE, build_icmp
from kernel.net.wire.ipv4 import PROTOCOL_ICMP, Ipv4Header


def send_error(layer: Ipv4Layer, packet: Packet, arrival: Arrival, type: u8, code: u8) -> None:
    """Tells the sender of a packet, which stays the caller's, why it came to nothing.

    Nothing is sent about packets that were not for us alone or whose sender is not one host, and
    above a rate.
    """
    if arrival.is_broadcast:
        return
    if not is_unicast(arrival.source) and not is_loopback(arrival.source):
        return
    if not layer.error_limit.allows(layer.clock.now_ns()):
        layer.counters.limited += 1
        return
    path = Path()
    path.destination = arrival.source
    path.source = arrival.destination
    packets = PacketQueue()
    try:
        find_path(layer, path)
        packets.append(layer.packets.take())
    except OSError:
        return
    message = packets.first
    assert message is not None
    _write_error(message, packet, arrival.datagram_start, type, code)
    layer.counters.errors_sent += 1
    send_packets(layer, packets, path, PROTOCOL_ICMP)


def _write_error(message: Packet, about: Packet, start: u32, type: u8, code: u8) -> None:
    """Writes an error with the IPv4 header, and eight bytes more, of what it is about."""
    header_length = view(Ipv4Header, about.memory, start).header_length()
    end = min(about.end, start + header_length + QUOTED_BYTES)
    message.end = ICMP_HEADER_SIZE + end - start
    message.memory[ICMP_HEADER_SIZE : message.end].copy_from(about.memory[start:end])
    build_icmp(message.bytes(), type, code, 0, 0)
