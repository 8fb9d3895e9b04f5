"""`Interface`: a network device with an address, and `Path`: which way packets go from here."""

from __future__ import annotations

from bare import Array, Bytes, Enum8, array, inline, struct, u8, u16, u32, u64
from kernel.device.net import NetDevice
from kernel.net.iface.arp_cache import ArpCache
from kernel.net.wire.address import (
    ANY_ADDRESS,
    LIMITED_BROADCAST,
    Ipv4Address,
    has_prefix,
    is_unicast,
    prefix_mask,
)
from kernel.net.wire.ethernet import EthernetAddress

NAME_SIZE = 16
"""Bytes of an interface's name with its end: IFNAMSIZ."""
DEFAULT_TIME_TO_LIVE: u8 = 64
"""RFC 1700."""


@struct
class Interface:
    """A network device and how it is configured. Guarded by the stack's lock."""

    device: NetDevice
    index: u32 = 0
    """From 1, the loopback's."""
    name: Array[u8] = array(NAME_SIZE)
    name_length: u32 = 0
    is_up: bool = False
    station: EthernetAddress = 0
    """The device's Ethernet address."""
    address: Ipv4Address = ANY_ADDRESS
    """ANY_ADDRESS: none; only broadcasts come in, and go out from there."""
    prefix_length: u32 = 0
    arp: ArpCache = inline()
    defended_ms: u64 = 0
    """When its address was last defended against another host that has it."""
    is_pending: bool = False
    """The device has more for us: the stack's thread goes on."""
    has_met_gateway: bool = False
    """A gateway has answered ARP: said in the log once."""
    has_echo: bool = False
    """A gateway has answered an echo request: said in the log once."""
    next: Interface | None = None

    def text(self) -> Bytes:
        """Returns the name."""
        return self.name[: self.name_length]

    def mtu(self) -> u32:
        """Returns the bytes of the largest IPv4 datagram that goes out whole."""
        return self.device.mtu

    def broadcast_address(self) -> Ipv4Address:
        """Returns the address of all hosts of the network (RFC 919)."""
        return self.address | (prefix_mask(self.prefix_length) ^ 0xFFFF_FFFF)

    def is_broadcast(self, address: Ipv4Address) -> bool:
        """Whether an address means all hosts of this network."""
        if address == LIMITED_BROADCAST:
            return True
        return (
            self.address != ANY_ADDRESS
            and self.prefix_length < 31
            and address == self.broadcast_address()
        )

    def is_on_link(self, address: Ipv4Address) -> bool:
        """Whether a host with this address is a neighbour."""
        return self.address != ANY_ADDRESS and has_prefix(self.address, self.prefix_length, address)

    def may_assign(self, address: Ipv4Address) -> bool:
        """Whether the interface may have this address."""
        return self.device.is_loopback or is_unicast(address)


class Fragmentation(Enum8):
    """Whether routers may cut a packet up."""

    ALLOWED = 0
    FORBIDDEN = 1
    """DF is set: the MTU of the way is found by ICMP (RFC 1191). TCP does that."""


@struct
class Path:
    """Which way the packets of one socket go, and how they are marked. Embed one; zeroed leads
    nowhere. `NetStack.find_path` fills it in, and again where `generation` is not the stack's.
    """

    destination: Ipv4Address = 0
    source: Ipv4Address = 0
    """ANY_ADDRESS before `find_path`: take the interface's."""
    next_hop: Ipv4Address = 0
    """Whom to ask for by ARP."""
    interface: Interface | None = None
    bound: Interface | None = None
    """The only interface that it may use (SO_BINDTODEVICE)."""
    generation: u64 = 0
    mtu: u32 = 0
    is_broadcast: bool = False
    # The socket's.
    fragmentation: Fragmentation = Fragmentation.ALLOWED
    time_to_live: u8 = DEFAULT_TIME_TO_LIVE
    traffic_class: u8 = 0
    # Filled in by the last transmission.
    neighbour: EthernetAddress = 0
    neighbour_generation: u64 = 0
    identification: u16 = 0
