"""What transports implement to get packets from the IPv4 layer: called with the stack's lock held,
from interrupts too; none blocks.

A receiver that returns True owns the packet from then on; one that returns False leaves it, and the
sender is told that nobody listens. A packet's bytes are then the payload behind the transport's
header, which was checked (lengths, checksum) and parsed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import i32, struct, u8, u16, u32
from kernel.device.packet import Packet
from kernel.net.iface.interface import Interface
from kernel.net.wire.address import Ipv4Address
from kernel.net.wire.tcp import TcpHeader
from kernel.net.wire.udp import UdpHeader


@struct
class Arrival:
    """How a packet came. In the frame of its reader: keep nothing of it."""

    interface: Interface
    source: Ipv4Address = 0
    destination: Ipv4Address = 0
    protocol: u8 = 0
    time_to_live: u8 = 0
    traffic_class: u8 = 0
    is_broadcast: bool = False
    """Whether it was for more than one host, by its IPv4 or its Ethernet address: not for TCP, and
    no error is sent about it (RFC 1122, 3.2.2).
    """
    datagram_start: u32 = 0
    """Where the IPv4 header stands in the packet's memory."""


@struct
class UdpReceiver(ABC):
    """Gets UDP datagrams; a large one comes as several packets, linked by `next`."""

    @abstractmethod
    def receive_udp(self, packet: Packet, arrival: Arrival, header: UdpHeader) -> bool:
        """Takes a datagram. False: no socket is bound to its port."""


@struct
class TcpReceiver(ABC):
    """Gets TCP segments."""

    @abstractmethod
    def receive_tcp(self, packet: Packet, arrival: Arrival, header: TcpHeader) -> None:
        """Takes a segment, and owns the packet always: TCP answers for itself with RST."""


@struct
class IcmpError:
    """An error that a router or a host reported about a packet of ours. RFC 1122, 3.2.2.

    Anybody can send one: TCP believes it only where `sequence` is in flight (RFC 5927, 4.1).
    """

    type: u8 = 0
    code: u8 = 0
    errno: i32 = 0
    """What a socket reports: ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EMSGSIZE, EPROTO."""
    is_hard: bool = False
    """Whether trying again is of no use. TCP treats all as soft once connected (RFC 5927, 5.2)."""
    mtu: u32 = 0
    """With EMSGSIZE: what fits (RFC 1191); 0 where the router did not say."""
    reporter: Ipv4Address = 0
    protocol: u8 = 0
    local: Ipv4Address = 0
    local_port: u16 = 0
    remote: Ipv4Address = 0
    remote_port: u16 = 0
    sequence: u32 = 0
    """TCP: the sequence number of the packet."""


@struct
class IcmpReceiver(ABC):
    """Gets ICMP messages that are for sockets."""

    @abstractmethod
    def receive_echo_reply(self, packet: Packet, arrival: Arrival, identifier: u16) -> bool:
        """Takes the answer to an echo request: the whole ICMP message, checked. False: not ours."""

    @abstractmethod
    def receive_error(self, error: IcmpError) -> None:
        """Learns of an error. `error` is in the caller's frame."""


@struct
class RoomReceiver(ABC):
    """Learns that a device that had no frame left has some again."""

    @abstractmethod
    def receive_room(self, interface: Interface) -> None:
        """Goes on with what waits to be sent."""
