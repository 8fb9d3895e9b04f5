"""IPv4 out: headers into frames, neighbours' addresses, fragments. RFC 791, 3.2; RFC 6864."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import raises, u8, u16, u32, u64
from kernel.arch.aarch64.layout import PAGE_SIZE
from kernel.device.net import TxFrame
from kernel.device.packet import Packet, PacketQueue
from kernel.mm.frame_view import frame_bytes
from kernel.net.iface.arp import confirm_use, hold_for
from kernel.net.iface.interface import Fragmentation, Interface, Path
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.wire.ethernet import (
    BROADCAST_ADDRESS,
    ETHERNET_HEADER_SIZE,
    TYPE_IPV4,
    build_ethernet,
)
from kernel.net.wire.ipv4 import (
    DONT_FRAGMENT,
    IPV4_HEADER_SIZE,
    MORE_FRAGMENTS,
    build_ipv4,
)

TRANSPORT_OFFSET: u32 = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE
"""Where the transport's header begins in `TxFrame.header`."""


def begin_frame(layer: Ipv4Layer, path: Path) -> TxFrame | None:
    """Returns a frame whose header is to be filled in from TRANSPORT_OFFSET on."""
    interface = path.interface
    if interface is None or not interface.is_up:
        return None
    frame = interface.device.begin_frame()
    if frame is None:
        layer.counters.no_room += 1
    return frame


def begin_bulk_frame(layer: Ipv4Layer, path: Path) -> TxFrame | None:
    """As `begin_frame`, for payload: leaves room for answers."""
    interface = path.interface
    if interface is None or not interface.is_up:
        return None
    frame = interface.device.begin_bulk_frame()
    if frame is None:
        layer.counters.no_room += 1
    return frame


def send_frame(layer: Ipv4Layer, frame: TxFrame, path: Path, protocol: u8, fragment: u16) -> None:
    """Writes the IPv4 and Ethernet headers of a frame and sends it, or lets it wait for ARP."""
    interface = path.interface
    assert interface is not None, "sending without a way"
    _write_ipv4(frame, path, protocol, fragment)
    if interface.device.is_loopback:
        _submit(interface, frame, 0)
    elif path.is_broadcast:
        _submit(interface, frame, BROADCAST_ADDRESS)
    elif path.neighbour_generation == interface.arp.generation:
        _submit(interface, frame, path.neighbour)
    else:
        _resolve(layer, interface, frame, path)


def send_packets(layer: Ipv4Layer, packets: PacketQueue, path: Path, protocol: u8) -> None:
    """Sends a datagram that lies in packets, one fragment each; takes the packets.

    A packet that is larger than the way allows, which only the echo of a frame larger than ours can
    be, is not sent, nor what follows it.
    """
    offset: u32 = 0
    path.identification = u16((u32(path.identification) + 1) & 0xFFFF)
    while True:
        packet = packets.take_first()
        if packet is None:
            return
        fragment = u16(offset // 8)
        offset += packet.length()
        if packets.first is not None:
            fragment |= MORE_FRAGMENTS
        is_too_large = packet.length() + IPV4_HEADER_SIZE > path.mtu
        frame = None if is_too_large else begin_bulk_frame(layer, path)
        if frame is None:
            packet.release()
            packets.release_all()
            return
        frame.header_length = TRANSPORT_OFFSET
        frame.add_fragment(packet.address + packet.start, packet.length(), 0)
        frame.packet = packet
        send_frame(layer, frame, path, protocol, fragment)


def _write_ipv4(frame: TxFrame, path: Path, protocol: u8, fragment: u16) -> None:
    """Writes the IPv4 header.

    What may not be fragmented needs no identification of its own (RFC 6864, 4.1).
    """
    flags = fragment
    if fragment == 0 and path.fragmentation == Fragmentation.FORBIDDEN:
        flags = DONT_FRAGMENT
    build_ipv4(
        frame.header[ETHERNET_HEADER_SIZE:],
        frame.length() - TRANSPORT_OFFSET,
        protocol,
        path.source,
        path.destination,
        path.time_to_live,
        path.traffic_class,
        path.identification,
        flags,
    )


def _submit(interface: Interface, frame: TxFrame, station: u64) -> None:
    """Addresses a frame and sends it."""
    build_ethernet(frame.header, station, interface.station, TYPE_IPV4)
    interface.device.submit(frame)


def _resolve(layer: Ipv4Layer, interface: Interface, frame: TxFrame, path: Path) -> None:
    """Sends a frame if the neighbour is known, else lets a copy of it wait."""
    entry = interface.arp.find(path.next_hop)
    if entry is not None and entry.is_usable():
        path.neighbour = entry.station
        path.neighbour_generation = interface.arp.generation
        _submit(interface, frame, entry.station)
        confirm_use(layer, interface, entry)
        return
    try:
        packet = _copy_of(layer, frame)
    except OSError:
        layer.counters.no_room += 1
        interface.device.abandon(frame)
        return
    interface.device.abandon(frame)
    hold_for(layer, interface, path.next_hop, packet)


@raises(ENOMEM)
def _copy_of(layer: Ipv4Layer, frame: TxFrame) -> Packet:
    """Copies the datagram of a frame into a packet, with room for an Ethernet header in front."""
    packet = layer.packets.take()
    packet.start = ETHERNET_HEADER_SIZE
    packet.end = frame.header_length
    packet.memory[packet.start : packet.end].copy_from(
        frame.header[packet.start : frame.header_length]
    )
    for index in range(frame.fragment_count):
        fragment = frame.fragments[index]
        append_physical(packet, fragment.address, fragment.length)
    return packet


def append_physical(packet: Packet, address: u64, length: u32) -> None:
    """Copies memory of the linear map behind what a packet holds; traps where it does not fit."""
    done: u32 = 0
    while done < length:
        at = address + done
        inside = at % PAGE_SIZE
        step = u32(min(PAGE_SIZE - inside, length - done))
        source = frame_bytes(at - inside)[inside : inside + step]
        packet.memory[packet.end : packet.end + step].copy_from(source)
        packet.end += step
        done += step
