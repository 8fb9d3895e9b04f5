"""ICMP in: echo requests are answered, errors go to sockets. RFC 792; RFC 1122, 3.2.2.

Redirects are ignored: they serve who wants to read along, and our routes are set by programs. So
are source quench (RFC 6633) and requests for time stamps and masks.
"""

from __future__ import annotations

from abi.errno import (
    ECONNREFUSED,
    EHOSTUNREACH,
    EMSGSIZE,
    ENETUNREACH,
    ENOPROTOOPT,
    EOPNOTSUPP,
    EPROTO,
)
from bare import i32, text, u8, u32
from kernel.device.packet import Packet, PacketQueue
from kernel.net.iface.address_text import AddressText
from kernel.net.iface.chain import add_chain
from kernel.net.iface.interface import Path
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.iface.output import send_packets
from kernel.net.iface.receiver import Arrival, IcmpError
from kernel.net.iface.routing import find_path
from kernel.net.iface.unreachable import read_quotation
from kernel.net.wire.checksum import Checksum
from kernel.net.wire.icmp import (
    CODE_FRAGMENTATION_NEEDED,
    CODE_PORT_UNREACHABLE,
    CODE_PROTOCOL_UNREACHABLE,
    ICMP_HEADER_SIZE,
    TYPE_ECHO_REPLY,
    TYPE_ECHO_REQUEST,
    TYPE_PARAMETER_PROBLEM,
    TYPE_TIME_EXCEEDED,
    TYPE_UNREACHABLE,
    IcmpHeader,
    icmp_header,
    turn_echo,
)
from kernel.net.wire.ipv4 import PROTOCOL_ICMP

NET_CODES = (0, 6, 8, 9, 11)
"""Codes of TYPE_UNREACHABLE that mean a network: RFC 1122, 3.2.2.1."""


def receive_icmp(layer: Ipv4Layer, packet: Packet, arrival: Arrival) -> None:
    """Takes a message."""
    header = icmp_header(packet.bytes())
    sum = Checksum()
    add_chain(sum, packet)
    if header is None or sum.finish() != 0:
        layer.counters.bad_transport += 1
        packet.release()
    elif header.type == TYPE_ECHO_REQUEST:
        _answer_echo(layer, packet, arrival, header)
    elif header.type == TYPE_ECHO_REPLY:
        _deliver_echo(layer, packet, arrival, header)
    else:
        if header.type in (TYPE_UNREACHABLE, TYPE_TIME_EXCEEDED, TYPE_PARAMETER_PROBLEM):
            _deliver_error(layer, packet, arrival, header)
        packet.release()


def _answer_echo(layer: Ipv4Layer, packet: Packet, arrival: Arrival, header: IcmpHeader) -> None:
    """Sends an echo request back where it came from, as it lies. Takes the packet."""
    if arrival.is_broadcast:
        packet.release()
        return
    if not layer.echo_limit.allows(layer.clock.now_ns()):
        layer.counters.limited += 1
        packet.release()
        return
    path = Path()
    path.destination = arrival.source
    path.source = arrival.destination
    path.traffic_class = arrival.traffic_class
    try:
        find_path(layer, path)
    except OSError:
        packet.release()
        return
    turn_echo(header)
    packets = PacketQueue()
    part: Packet | None = packet
    while part is not None:
        rest = part.more
        part.more = None
        packets.append(part)
        part = rest
    send_packets(layer, packets, path, PROTOCOL_ICMP)


def _deliver_echo(layer: Ipv4Layer, packet: Packet, arrival: Arrival, header: IcmpHeader) -> None:
    """Gives an echo reply to who asked. Takes the packet."""
    interface = arrival.interface
    source = arrival.source
    if not interface.has_echo and layer.routes.has_gateway(source):
        interface.has_echo = True
        address = AddressText()
        layer.log.info(f"net-a OK: ICMP echo reply from {text(address.ipv4(source))}")
    receiver = layer.icmp
    if receiver is None or not receiver.receive_echo_reply(packet, arrival, header.identifier):
        packet.release()


def _deliver_error(layer: Ipv4Layer, packet: Packet, arrival: Arrival, header: IcmpHeader) -> None:
    """Tells a socket what came of a packet of ours; the packet stays the caller's."""
    receiver = layer.icmp
    error = IcmpError()
    if receiver is None or not read_quotation(packet.bytes()[ICMP_HEADER_SIZE:], error):
        return
    if error.local != arrival.destination:
        return
    error.type = header.type
    error.code = header.code
    error.reporter = arrival.source
    error.errno = errno_for(header.type, header.code)
    error.is_hard = header.type == TYPE_UNREACHABLE and header.code in (
        CODE_PROTOCOL_UNREACHABLE,
        CODE_PORT_UNREACHABLE,
        CODE_FRAGMENTATION_NEEDED,
    )
    if error.errno == EMSGSIZE:
        error.mtu = u32(header.sequence)
    receiver.receive_error(error)


def errno_for(type: u8, code: u8) -> i32:
    """Returns what a socket reports for an error."""
    if type == TYPE_PARAMETER_PROBLEM:
        return EPROTO
    if type == TYPE_TIME_EXCEEDED:
        return EHOSTUNREACH
    if code == CODE_PROTOCOL_UNREACHABLE:
        return ENOPROTOOPT
    if code == CODE_PORT_UNREACHABLE:
        return ECONNREFUSED
    if code == CODE_FRAGMENTATION_NEEDED:
        return EMSGSIZE
    if code == 5:
        return EOPNOTSUPP
    return ENETUNREACH if code in NET_CODES else EHOSTUNREACH
