"""`NetStack`: the network stack's state, its lock, and what sockets and devices call.

How to use it. Whatever is done here is done under `lock`; interrupts take it, so nothing blocks and
nothing is copied from or to a program under it. Who has sent calls `flush` before it gives the lock
back: devices are told once for all frames, what goes over the loopback arrives then, and the timer
is set. A receiver that the stack calls does not call `flush`; the stack does, behind the batch.

Sending, without a copy of the payload:

    with stack.lock:
        if not stack.is_current(path):
            stack.find_path(path)                  # ENETUNREACH
        frame = stack.begin_frame(path)            # None: no room, `RoomReceiver` tells when
        length = build_tcp(frame.header[TRANSPORT_OFFSET:], header)
        frame.header_length = TRANSPORT_OFFSET + length
        frame.add_fragment(...)                    # at most MAX_FRAGMENTS
        stack.send(frame, path, PROTOCOL_TCP)
        stack.flush()

Where a device has more frames than the budget of one round, its interrupt stays off and the stack's
thread goes on, which gets its turn like any other: a flood costs its share of the CPU and no more.
"""

from __future__ import annotations

from abi.errno import EADDRNOTAVAIL, EEXIST, ENETUNREACH, ENOBUFS, ENOMEM, ESRCH
from bare import Array, Bytes, allocate, array, inline, raises, struct, u8, u32, u64
from kernel.device.net import STALL_MS, NetDevice, TxFrame
from kernel.device.packet import Packet, PacketQueue
from kernel.mm.frame import FrameAllocator
from kernel.net.iface.arp import age_neighbours, announce
from kernel.net.iface.input import age_fragments, receive_frame
from kernel.net.iface.interface import Interface, Path
from kernel.net.iface.layer import NANOSECONDS_PER_MS, NEVER, Ipv4Layer
from kernel.net.iface.loopback import Loopback
from kernel.net.iface.output import begin_bulk_frame, begin_frame, send_frame, send_packets
from kernel.net.iface.routing import find_path
from kernel.net.wire.address import ANY_ADDRESS, LOOPBACK_ADDRESS, Ipv4Address
from kernel.net.wire.ethernet import ethernet_address
from kernel.net.wire.ipv4 import IPV4_HEADER_SIZE
from kernel.params import NET_BUDGET, NET_MEMORY_SHARE, NET_SPARE_PACKETS
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.timer_queue import Timer

PACKETS_PER_FRAME = 2


@struct
class NetTimer(Timer):
    """Wakes the stack for what is due: ARP and fragments."""

    stack: NetStack | None = None

    def fire(self) -> None:
        """Does it."""
        stack = self.stack
        if stack is not None:
            stack.time_passed()


@struct
class NetStack(Ipv4Layer):
    """The machine's network stack. One."""

    lock: SpinLock = inline()
    # Guarded by lock.
    timer: NetTimer = inline()
    armed_ms: u64 = NEVER
    """What the timer is set to."""
    loopback_device: Loopback = inline()
    work: WaitQueue = inline()
    """The stack's thread."""
    has_work: bool = False
    last_index: u32 = 0
    ethernet_count: u32 = 0

    @raises(ENOMEM, EADDRNOTAVAIL)
    def start(self, frames: FrameAllocator) -> None:
        """Begins with the loopback, up. What has no default is set."""
        self.lock.lock_class = LockClass.NET
        self.timer.stack = self
        limit = u32(frames.free_frames() // NET_MEMORY_SHARE * PACKETS_PER_FRAME)
        self.packets.start(frames, self.allocator, limit, NET_SPARE_PACKETS)
        self.start_layer()
        loopback = self.attach(self.loopback_device, b"lo")
        self.loopback = loopback
        with self.lock:
            self.set_address(loopback, LOOPBACK_ADDRESS, 8)
            self.set_up(loopback)

    # --- sending; lock held

    @raises(ENETUNREACH)
    def find_path(self, path: Path) -> None:
        """Fills in which way packets to `path.destination` go. Keeps a source that is set."""
        find_path(self, path)

    def begin_frame(self, path: Path) -> TxFrame | None:
        """Returns a frame whose header is to be filled in from TRANSPORT_OFFSET on; None: the
        device has no room, `RoomReceiver` tells when. Then `send`, or `NetDevice.abandon`.
        """
        return begin_frame(self, path)

    def begin_bulk_frame(self, path: Path) -> TxFrame | None:
        """As `begin_frame`, for payload: leaves room for what cannot wait."""
        return begin_bulk_frame(self, path)

    def send(self, frame: TxFrame, path: Path, protocol: u8) -> None:
        """Sends a frame with a transport's header and payload; at most `path.mtu` bytes of IPv4.

        It waits where the neighbour's address is asked for (bounded: it may be dropped).
        """
        send_frame(self, frame, path, protocol, 0)

    def send_packets(self, packets: PacketQueue, path: Path, protocol: u8) -> None:
        """Sends a datagram whose bytes, transport's header first, lie in packets, which it takes.

        More than one packet makes fragments: all but the last hold `fragment_room(path)` bytes.
        """
        send_packets(self, packets, path, protocol)

    def fragment_room(self, path: Path) -> u32:
        """Returns the bytes behind the IPv4 header of a fragment that is not the last."""
        return (path.mtu - IPV4_HEADER_SIZE) // 8 * 8

    def flush(self) -> None:
        """Tells devices what was sent, delivers what the loopback holds, and sets the timer."""
        loopback = self.loopback
        if self.loopback_device.queue.count > 0 and loopback is not None:
            self._serve(loopback)
        interface = self.interfaces
        while interface is not None:
            interface.device.flush()
            interface = interface.next
        if self.deadline_ms < self.armed_ms:
            self.armed_ms = self.deadline_ms
            self.timers.add(self.timer, self.armed_ms * NANOSECONDS_PER_MS)

    # --- configuration; lock held

    def find_interface(self, name: Bytes) -> Interface | None:
        """Returns the interface of a name."""
        interface = self.interfaces
        while interface is not None and interface.text() != name:
            interface = interface.next
        return interface

    @raises(EADDRNOTAVAIL)
    def set_address(self, interface: Interface, address: Ipv4Address, prefix_length: u32) -> None:
        """Gives an interface its address, ANY_ADDRESS for none, and announces it (RFC 5227, 2.3).
        Routes and neighbours that it had are gone.
        """
        if prefix_length > 32 or not (address == ANY_ADDRESS or interface.may_assign(address)):
            raise OSError(EADDRNOTAVAIL)
        interface.address = address
        interface.prefix_length = prefix_length
        self._forget(interface)
        if interface.is_up:
            announce(interface)

    def set_up(self, interface: Interface) -> None:
        """Lets packets through an interface."""
        if not interface.is_up:
            interface.is_up = True
            self.generation += 1
            announce(interface)

    def set_down(self, interface: Interface) -> None:
        """Lets none through any more."""
        interface.is_up = False
        self._forget(interface)

    @raises(EEXIST, ENETUNREACH, ENOBUFS, ENOMEM)
    def add_route(
        self, prefix: Ipv4Address, length: u32, gateway: Ipv4Address, interface: Interface
    ) -> None:
        """Sends packets for a prefix to a gateway, 0 for a network without one.

        ENETUNREACH: the gateway is no neighbour; ENOBUFS: too many routes.
        """
        if gateway != ANY_ADDRESS and not interface.is_on_link(gateway):
            raise OSError(ENETUNREACH)
        self.routes.add(prefix, length, gateway, interface)
        self.generation += 1

    @raises(ESRCH)
    def remove_route(self, prefix: Ipv4Address, length: u32, gateway: Ipv4Address) -> None:
        """Takes a route away."""
        self.routes.remove(prefix, length, gateway)
        self.generation += 1

    # --- devices; lock not held

    @raises(ENOMEM)
    def attach(self, device: NetDevice, name: Bytes) -> Interface:
        """Makes an interface of a device, down and without an address."""
        interface = allocate(self.allocator, Interface)
        interface.device = device
        interface.arp.allocator = self.allocator
        interface.name_length = u32(len(name))
        interface.name[: len(name)].copy_from(name)
        with self.lock:
            device.start(self.packets, self)
            interface.station = ethernet_address(device.address)
            self.last_index += 1
            interface.index = self.last_index
            self._append(interface)
        return interface

    @raises(ENOMEM)
    def attach_ethernet(self, device: NetDevice) -> None:
        """Makes the next interface `ethN` of a device."""
        name: Array[u8] = array(4)
        name.copy_from(b"eth0")
        assert self.ethernet_count < 10, "more interfaces than names"
        name[3] += u8(self.ethernet_count)
        self.ethernet_count += 1
        self.attach(device, name)

    def interrupted(self, device: NetDevice) -> None:
        """Serves a device."""
        with self.lock:
            interface = self.interface_for(device)
            if interface is not None:
                self._serve(interface)
                self.flush()

    def time_passed(self) -> None:
        """Does what is due. In an interrupt."""
        with self.lock:
            now_ms = self.now_ms()
            self.armed_ms = NEVER
            age_fragments(self, now_ms)
            self.deadline_ms = self.reassembly.deadline_ms()
            interface = self.interfaces
            while interface is not None:
                if interface.device.is_stalled:
                    self._serve(interface)
                age_neighbours(self, interface, now_ms)
                self.wake_by(interface.arp.deadline_ms())
                interface = interface.next
            self.flush()

    def wait_for_work(self) -> None:
        """Blocks until a device has more than one round could do, and does the next round."""
        with self.lock:
            while not self.has_work:
                self.work.wait(self.lock)
            self.serve_pending()

    def serve_pending(self) -> None:
        """Does a round for each device that has more. Lock held."""
        self.has_work = False
        interface = self.interfaces
        while interface is not None:
            if interface.is_pending:
                interface.is_pending = False
                self._serve(interface)
            interface = interface.next
        self.flush()

    # --- called by devices; lock held

    def received(self, device: NetDevice, packet: Packet) -> None:
        """Takes a frame."""
        interface = self.interface_for(device)
        if interface is None:
            packet.release()
        else:
            receive_frame(self, interface, packet)

    def sent(self, device: NetDevice) -> None:
        """Lets what waits for room send."""
        receiver = self.room
        interface = self.interface_for(device)
        if receiver is not None and interface is not None:
            receiver.receive_room(interface)

    def _serve(self, interface: Interface) -> None:
        """Does a round for a device."""
        device = interface.device
        if device.service(NET_BUDGET):
            self._postpone(interface)
        elif device.is_stalled:
            self.wake_by(self.now_ms() + STALL_MS)

    def _postpone(self, interface: Interface) -> None:
        """Leaves the rest of a device's frames to the stack's thread."""
        interface.is_pending = True
        self.has_work = True
        self.work.wake_one()

    def _forget(self, interface: Interface) -> None:
        """Drops what was learned through an interface."""
        self.routes.remove_through(interface)
        self.reassembly.drop_through(interface)
        interface.arp.clear()
        interface.has_met_gateway = False
        interface.has_echo = False
        self.generation += 1

    def _append(self, interface: Interface) -> None:
        last = self.interfaces
        if last is None:
            self.interfaces = interface
            return
        while True:
            following = last.next
            if following is None:
                last.next = interface
                return
            last = following
