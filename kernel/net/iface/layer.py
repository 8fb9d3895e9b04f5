"""`Ipv4Layer`: all state of interfaces and IPv4, which `NetStack` guards with its lock."""

from __future__ import annotations

from bare import Allocator, Array, array, inline, load_u16, struct, u8, u16, u64
from kernel.device.log import Log
from kernel.device.net import FrameListener, NetDevice
from kernel.device.packet import PacketPool
from kernel.net.iface.interface import Interface, Path
from kernel.net.iface.rate_limit import RateLimit
from kernel.net.iface.reassembly import Reassembly
from kernel.net.iface.receiver import IcmpReceiver, RoomReceiver, TcpReceiver, UdpReceiver
from kernel.net.iface.route_table import RouteTable
from kernel.net.wire.address import ANY_ADDRESS, Ipv4Address
from kernel.net.wire.tcp import TcpHeader
from kernel.security.random import RandomGenerator
from kernel.time.clock import Clock
from kernel.time.timer_queue import TimerQueue

NANOSECONDS_PER_MS = 1_000_000
NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF
ECHOES_PER_SECOND = 1_000
ECHO_BURST = 100
ERRORS_PER_SECOND = 100
"""ICMP errors that we send. RFC 1812, 4.3.2.8 asks routers for a limit; hosts need one as much."""
ERROR_BURST = 20
REASSEMBLY_SHARE = 8
"""Fragments may hold one part in this many of all packets."""


@struct
class Ipv4Counters:
    """What has come of packets since boot."""

    received: u64 = 0
    """IPv4 packets."""
    bad_headers: u64 = 0
    martians: u64 = 0
    """Packets from or to addresses that cannot be, or that are not for us."""
    bad_transport: u64 = 0
    """Wrong lengths or checksums behind the IPv4 header."""
    reassembled: u64 = 0
    reassembly_failures: u64 = 0
    """Datagrams that took too long."""
    limited: u64 = 0
    """Answers not given because there were too many."""
    errors_sent: u64 = 0
    unresolved: u64 = 0
    """Neighbours that did not answer."""
    no_room: u64 = 0
    """Packets of ours dropped because the device had no frame or memory was short."""


@struct
class Ipv4Layer(FrameListener):
    """Interfaces, routes, fragments, and who gets what arrives."""

    allocator: Allocator
    clock: Clock
    timers: TimerQueue
    log: Log
    random: RandomGenerator
    packets: PacketPool = inline()
    interfaces: Interface | None = None
    """First interface, the loopback."""
    loopback: Interface | None = None
    generation: u64 = 1
    """Counts changes of addresses and routes; a `Path` of another one is found again."""
    routes: RouteTable = inline()
    reassembly: Reassembly = inline()
    echo_limit: RateLimit = inline()
    error_limit: RateLimit = inline()
    counters: Ipv4Counters = inline()
    tcp_header: TcpHeader = inline()
    """The header of the segment that is being delivered."""
    deadline_ms: u64 = NEVER
    """When `NetStack` has something to do if nothing happens before."""
    udp: UdpReceiver | None = None
    tcp: TcpReceiver | None = None
    icmp: IcmpReceiver | None = None
    room: RoomReceiver | None = None

    def start_layer(self) -> None:
        """Prepares what `allocator` and `packets` are set for."""
        self.routes.allocator = self.allocator
        self.reassembly.allocator = self.allocator
        self.reassembly.packet_limit = self.packets.limit // REASSEMBLY_SHARE
        self.echo_limit.set_rate(ECHOES_PER_SECOND, ECHO_BURST)
        self.error_limit.set_rate(ERRORS_PER_SECOND, ERROR_BURST)

    def now_ms(self) -> u64:
        """Returns milliseconds since boot."""
        return self.clock.now_ns() // NANOSECONDS_PER_MS

    def wake_by(self, time_ms: u64) -> None:
        """Has the stack look at what is due at a time."""
        self.deadline_ms = min(self.deadline_ms, time_ms)

    def interface_of(self, address: Ipv4Address) -> Interface | None:
        """Returns the interface that has an address: what `bind` asks."""
        interface = self.interfaces
        while interface is not None:
            if interface.address == address and address != ANY_ADDRESS:
                return interface
            interface = interface.next
        return None

    def interface_for(self, device: NetDevice) -> Interface | None:
        """Returns the interface of a device."""
        interface = self.interfaces
        while interface is not None and interface.device is not device:
            interface = interface.next
        return interface

    def is_current(self, path: Path) -> bool:
        """Whether a path is as good as on the day when it was found."""
        return path.generation == self.generation

    def random_u16(self) -> u16:
        """Returns a number that cannot be guessed."""
        number: Array[u8] = array(2)
        self.random.fill(number)
        return load_u16(number, 0)
