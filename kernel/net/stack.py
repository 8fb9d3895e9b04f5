"""`NetStack`: the network stack's state, its lock, and what sockets and devices call.

How to use it. Whatever is done here is done under `lock`; interrupts take it, so nothing blocks and
nothing is copied from or to a program under it. Who has sent calls `flush` before it gives the lock
back: devices are told once for all frames, and what goes over the loopback arrives then. A receiver
that is called by the stack does not call `flush`; the stack does it behind the batch.

Sending, without a copy of the payload:

    with stack.lock:
        stack.find_path(path)                      # once for a socket; again where is_current(path)
        frame = stack.begin_frame(path)            # says False; ENETUNREACH
        length = build_tcp(frame.header[TRANSPORT_OFFSET:], header)
        frame.header_length = TRANSPORT_OFFSET + length
        frame.add_fragment(...)                    # at most MAX_FRAGMENTS
        stack.send(frame, path, PROTOCOL_TCP)
        stack.flush()
"""

from __future__ import annotations

from abi.errno import EADDRNOTAVAIL, EEXIST, ENETUNREACH, ENOMEM, ESRCH
from bare import Allocator, Bytes, allocate, inline, raises, struct, u8, u32, u64
from kernel.device.log import Log
from kernel.device.net import FrameListener, NetDevice, TxFrame
from kernel.device.packet import Packet, PacketPool, PacketQueue
from kernel.net.iface.interface import Interface, Path
from kernel.net.iface.receiver import IcmpReceiver, TcpReceiver, UdpReceiver
from kernel.net.wire.address import Ipv4Address
from kernel.security.random import RandomGenerator
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock
from kernel.time.timer_queue import TimerQueue

TRANSPORT_OFFSET: u32 = 34
"""Where the transport's header begins in `TxFrame.header`."""


@struct
class NetStack(FrameListener):
    """The machine's network stack. One."""

    allocator: Allocator
    clock: Clock
    timers: TimerQueue
    log: Log
    random: RandomGenerator
    lock: SpinLock = inline()
    # Guarded by lock.
    packets: PacketPool = inline()
    interfaces: Interface | None = None
    """First interface, the loopback."""
    generation: u64 = 1
    """Counts changes of addresses and routes; a `Path` of another one is found again."""
    udp: UdpReceiver | None = None
    tcp: TcpReceiver | None = None
    icmp: IcmpReceiver | None = None

    # --- sending

    @raises(ENETUNREACH)
    def find_path(self, path: Path) -> None:
        """Fills in which way packets to `path.destination` go. Keeps a source that is set."""

    def is_current(self, path: Path) -> bool:
        """Whether a path is as good as on the day when it was found."""
        return path.generation == self.generation

    def begin_frame(self, path: Path) -> TxFrame | None:
        """Returns a frame whose header is filled in from TRANSPORT_OFFSET on; None: the device has
        no room, `FrameListener.sent` tells when. Then `send` or `NetDevice.abandon`.
        """
        interface = path.interface
        return None if interface is None else interface.device.begin_frame()

    def send(self, frame: TxFrame, path: Path, protocol: u8) -> None:
        """Sends a frame with a transport's header and payload; at most `path.mtu` bytes of IPv4.

        It waits where the neighbour's address is asked for (bounded: it may be dropped).
        """

    def send_packets(self, packets: PacketQueue, path: Path, protocol: u8) -> None:
        """Sends a datagram whose bytes, transport's header first, lie in packets, which it takes.

        More than one packet makes fragments: all but the last hold `fragment_room(path)` bytes.
        """

    def fragment_room(self, path: Path) -> u32:
        """Returns the bytes behind the IPv4 header of a fragment that is not the last."""
        return (path.mtu - 20) // 8 * 8

    def flush(self) -> None:
        """Tells devices what was sent, and delivers what the loopback holds."""

    # --- configuration

    def find_interface(self, name: Bytes) -> Interface | None:
        """Returns the interface of a name."""
        return None

    def interface_of(self, address: Ipv4Address) -> Interface | None:
        """Returns the interface that has an address: what `bind` asks."""
        return None

    @raises(EADDRNOTAVAIL)
    def set_address(self, interface: Interface, address: Ipv4Address, prefix_length: u32) -> None:
        """Gives an interface its address, ANY_ADDRESS for none, and announces it (RFC 5227, 2.3).
        Routes that lead through the network of the old one are gone.
        """

    def set_up(self, interface: Interface) -> None:
        """Lets packets through an interface."""

    def set_down(self, interface: Interface) -> None:
        """Lets none through any more."""

    @raises(EEXIST, ENETUNREACH, ENOMEM)
    def add_route(
        self, prefix: Ipv4Address, length: u32, gateway: Ipv4Address, interface: Interface
    ) -> None:
        """Sends packets for a prefix to a gateway, 0 for a network without one."""

    @raises(ESRCH)
    def remove_route(self, prefix: Ipv4Address, length: u32, gateway: Ipv4Address) -> None:
        """Takes a route away."""

    # --- devices

    @raises(ENOMEM)
    def attach(self, device: NetDevice, name: Bytes) -> Interface:
        """Makes an interface of a device, down and without an address."""
        interface = allocate(self.allocator, Interface)
        interface.device = device
        return interface

    def interrupted(self, device: NetDevice) -> None:
        """Serves a device."""

    def received(self, device: NetDevice, packet: Packet) -> None:
        """Takes a frame."""

    def sent(self, device: NetDevice) -> None:
        """Lets what waits for room send."""
