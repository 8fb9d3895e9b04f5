"""ARP: asks for neighbours' addresses, answers for ours. RFC 826; RFC 1122, 2.3.2; RFC 5227.

Nothing that others send makes an entry: see `arp_cache.py`. An address of ours that another host
uses is reported, and defended at most every ten seconds (RFC 5227, 2.4 (b)); whether an address is
free is for the program to probe that chooses it.
"""

from __future__ import annotations

from bare import text, u64
from kernel.device.packet import Packet
from kernel.net.iface.address_text import AddressText
from kernel.net.iface.arp_cache import RETRY_MS, STALE_MS, TRIES, ArpEntry, ArpState
from kernel.net.iface.interface import Interface
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.iface.unreachable import report_unreachable
from kernel.net.wire.address import ANY_ADDRESS, Ipv4Address
from kernel.net.wire.arp import ARP_SIZE, ArpOperation, build_arp, parse_arp
from kernel.net.wire.ethernet import (
    BROADCAST_ADDRESS,
    ETHERNET_HEADER_SIZE,
    TYPE_ARP,
    TYPE_IPV4,
    EthernetAddress,
    build_ethernet,
)

DEFEND_MS: u64 = 10_000
"""DEFEND_INTERVAL of RFC 5227."""


def receive_arp(layer: Ipv4Layer, interface: Interface, packet: Packet) -> None:
    """Reads an ARP packet, which stays the caller's."""
    message = parse_arp(packet.bytes())
    if message is None:
        layer.counters.bad_headers += 1
        return
    sender = message.sender_ipv4
    if interface.address == ANY_ADDRESS:
        return
    if sender == interface.address:
        if message.sender() != interface.station:
            _defend(layer, interface, message.sender())
        return
    if sender != ANY_ADDRESS:
        entry = interface.arp.find(sender)
        if entry is not None:
            _confirm(layer, interface, entry, message.sender())
    if message.is_request() and message.target_ipv4 == interface.address:
        _send(interface, message.sender(), ArpOperation.REPLY, message.sender(), sender)


def hold_for(layer: Ipv4Layer, interface: Interface, address: Ipv4Address, packet: Packet) -> None:
    """Lets a datagram wait for a neighbour, whom it asks if nobody has yet. Takes the packet."""
    entry = interface.arp.find(address)
    if entry is None:
        try:
            entry = interface.arp.add(address, layer.now_ms())
        except OSError:
            layer.counters.no_room += 1
            packet.release()
            return
        layer.wake_by(entry.deadline_ms)
        _ask(interface, address, BROADCAST_ADDRESS)
    interface.arp.hold(entry, packet)


def confirm_use(layer: Ipv4Layer, interface: Interface, entry: ArpEntry) -> None:
    """Notes that an entry is used: one that is not fresh asks its neighbour whether it is there."""
    if entry.state == ArpState.STALE:
        entry.state = ArpState.PROBING
        entry.tries = 1
        entry.deadline_ms = layer.now_ms() + RETRY_MS
        layer.wake_by(entry.deadline_ms)
        _ask(interface, entry.address, entry.station)


def announce(interface: Interface) -> None:
    """Tells all neighbours our address (RFC 5227, 2.3), so that they forget who had it before."""
    if not interface.device.is_loopback and interface.address != ANY_ADDRESS:
        _ask(interface, interface.address, BROADCAST_ADDRESS)


def age_neighbours(layer: Ipv4Layer, interface: Interface, now_ms: u64) -> None:
    """Does what is due: asks again, gives up, forgets."""
    while True:
        entry = interface.arp.expired(now_ms)
        if entry is None:
            return
        match entry.state:
            case ArpState.CONFIRMED:
                entry.state = ArpState.STALE
                entry.deadline_ms = now_ms + STALE_MS
                interface.arp.generation += 1
            case ArpState.STALE:
                interface.arp.remove(entry)
            case ArpState.INCOMPLETE | ArpState.PROBING:
                _try_again(layer, interface, entry, now_ms)


def _try_again(layer: Ipv4Layer, interface: Interface, entry: ArpEntry, now_ms: u64) -> None:
    """Asks once more, or reports that nobody is there."""
    if entry.tries < TRIES:
        entry.tries += 1
        entry.deadline_ms = now_ms + RETRY_MS
        is_known = entry.state == ArpState.PROBING
        _ask(interface, entry.address, entry.station if is_known else BROADCAST_ADDRESS)
        return
    layer.counters.unresolved += 1
    while True:
        packet = interface.arp.take_waiting(entry)
        if packet is None:
            break
        report_unreachable(layer, packet)
        packet.release()
    interface.arp.remove(entry)


def _confirm(
    layer: Ipv4Layer, interface: Interface, entry: ArpEntry, station: EthernetAddress
) -> None:
    """Notes a neighbour's address and sends what waited for it."""
    interface.arp.confirm(entry, station, layer.now_ms())
    layer.wake_by(entry.deadline_ms)
    if not interface.has_met_gateway and layer.routes.has_gateway(entry.address):
        interface.has_met_gateway = True
        _log_gateway(layer, entry)
    while True:
        packet = interface.arp.take_waiting(entry)
        if packet is None:
            return
        frame = interface.device.begin_frame()
        if frame is None:
            layer.counters.no_room += 1
            packet.release()
            continue
        build_ethernet(frame.header, station, interface.station, TYPE_IPV4)
        frame.header_length = ETHERNET_HEADER_SIZE
        frame.add_fragment(packet.address + packet.start, packet.length(), 0)
        frame.packet = packet
        interface.device.submit(frame)


def _defend(layer: Ipv4Layer, interface: Interface, station: EthernetAddress) -> None:
    """Another host has our address."""
    now_ms = layer.now_ms()
    if interface.defended_ms != 0 and now_ms - interface.defended_ms < DEFEND_MS:
        return
    interface.defended_ms = now_ms
    other = AddressText()
    layer.log.warning(f"net: {text(other.station(station))} also uses this machine's address")
    announce(interface)


def _ask(interface: Interface, address: Ipv4Address, station: EthernetAddress) -> None:
    """Asks for the address of a neighbour, all of them or one whose address may still be right."""
    _send(interface, station, ArpOperation.REQUEST, 0, address)


def _send(
    interface: Interface,
    destination: EthernetAddress,
    operation: ArpOperation,
    target: EthernetAddress,
    target_ipv4: Ipv4Address,
) -> None:
    """Sends a packet; where the device has no room nothing is sent, and asked again later."""
    frame = interface.device.begin_frame()
    if frame is None:
        return
    build_ethernet(frame.header, destination, interface.station, TYPE_ARP)
    build_arp(
        frame.header[ETHERNET_HEADER_SIZE:],
        operation,
        interface.station,
        interface.address,
        target,
        target_ipv4,
    )
    frame.header_length = ETHERNET_HEADER_SIZE + ARP_SIZE
    interface.device.submit(frame)


def _log_gateway(layer: Ipv4Layer, entry: ArpEntry) -> None:
    address = AddressText()
    station = AddressText()
    layer.log.info(
        f"net-a: ARP reply, {text(address.ipv4(entry.address))} is at"
        f" {text(station.station(entry.station))}"
    )
