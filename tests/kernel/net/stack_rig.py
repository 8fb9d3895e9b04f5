"""Bare Python: a network stack without a machine, for the tests beside it and for the fuzzer.

Real memory, heap, locks and timers in the RAM that the test gives; the clock, the wire and the
transports are played here. Bytes come and go through one buffer, the exchange.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Array,
    Bytes,
    Span,
    array,
    errno_of,
    export,
    i64,
    inline,
    raises,
    size_of,
    store_u64,
    struct,
    u8,
    u32,
    u64,
)
from bare.unsafe import address_of, span_at, static_object
from kernel.arch.aarch64.cpu import CpuBase, install_cpu
from kernel.arch.aarch64.layout import PAGE_SIZE, physical_address
from kernel.device.log import Log
from kernel.device.net import TxFrame
from kernel.device.packet import PacketQueue
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.frame import FrameAllocator, FrameCache
from kernel.mm.frame_info import FrameInfo
from kernel.mm.frame_view import frame_bytes
from kernel.mm.heap import KernelHeap
from kernel.net.iface.interface import Fragmentation, Interface, Path
from kernel.net.iface.output import TRANSPORT_OFFSET
from kernel.net.stack import NetStack
from kernel.security.random import RandomGenerator
from kernel.sync.lock_class import LockClass
from kernel.time.clock import Clock
from kernel.time.timer_queue import TimerQueue
from tests.kernel.net.played import PlayedClock, Wire
from tests.kernel.net.recorders import (
    Events,
    IcmpRecorder,
    RoomRecorder,
    TcpRecorder,
    UdpRecorder,
)

LOG_BYTES = 16384
EXCHANGE_BYTES: u64 = 1 << 17


@struct
class Rig:
    """The parts."""

    cpu: CpuBase = inline()
    fault: AllocationFault = inline()
    frames: FrameAllocator = inline()
    heap: KernelHeap = inline()
    source: PlayedClock = inline()
    clock: Clock = inline()
    timers: TimerQueue = inline()
    log: Log = inline()
    random: RandomGenerator = inline()
    stack: NetStack = inline()
    wire: Wire = inline()
    events: Events = inline()
    udp: UdpRecorder = inline()
    tcp: TcpRecorder = inline()
    icmp: IcmpRecorder = inline()
    room: RoomRecorder = inline()
    exchange: Span[u8]
    interface: Interface
    frame_cache: Array[FrameCache] = array(1)
    log_buffer: Array[u8] = array(LOG_BYTES)


def the_rig() -> Rig:
    """Returns the one rig."""
    # SAFETY: one thread runs the test.
    return static_object(Rig)


@export("rig_start")
def start(base: u64, pages: u64, exchange: u64) -> i64:
    """Builds a stack in `pages` pages from kernel address `base` on; returns an error number."""
    rig = the_rig()
    install_cpu(address_of(rig.cpu))
    table_pages = (pages * size_of(FrameInfo) + PAGE_SIZE - 1) // PAGE_SIZE
    first = physical_address(base)
    # SAFETY: the test gave this RAM, and it is not handed to the allocator below.
    table = span_at(FrameInfo, base, pages)
    rig.exchange = span_at(u8, exchange, EXCHANGE_BYTES)
    rig.frames.start(first, table, rig.frame_cache, rig.fault)
    rig.frames.add_range(first + table_pages * PAGE_SIZE, first + pages * PAGE_SIZE)
    rig.heap.start(rig.frames, rig.fault)
    rig.source.current_ns = 1_000_000_000
    rig.clock.source = rig.source
    rig.timers.clock = rig.clock
    rig.timers.lock.lock_class = LockClass.TIMER
    rig.log.start(rig.log_buffer)
    try:
        start_stack(rig)
    except OSError as error:
        return errno_of(error)
    return 0


@raises()
def start_stack(rig: Rig) -> None:
    """Starts the stack with the wire as `eth0`, up."""
    stack = rig.stack
    stack.allocator = rig.heap
    stack.clock = rig.clock
    stack.timers = rig.timers
    stack.log = rig.log
    stack.random = rig.random
    stack.start(rig.frames)
    stack.attach_ethernet(rig.wire)
    rig.udp.events = rig.events
    rig.tcp.events = rig.events
    rig.icmp.events = rig.events
    rig.room.events = rig.events
    stack.udp = rig.udp
    stack.tcp = rig.tcp
    stack.icmp = rig.icmp
    stack.room = rig.room
    interface = stack.find_interface(b"eth0")
    assert interface is not None, "no eth0"
    rig.interface = interface
    with stack.lock:
        stack.set_up(interface)


@export("rig_set_address")
def set_address(address: u64, prefix_length: u64) -> i64:
    """Configures `eth0`; returns an error number."""
    rig = the_rig()
    with rig.stack.lock:
        try:
            rig.stack.set_address(rig.interface, u32(address), u32(prefix_length))
        except OSError as error:
            return errno_of(error)
        rig.stack.flush()
    return 0


@export("rig_set_link")
def set_link(is_up: u64) -> None:
    """Brings `eth0` up or down."""
    rig = the_rig()
    with rig.stack.lock:
        if is_up != 0:
            rig.stack.set_up(rig.interface)
        else:
            rig.stack.set_down(rig.interface)
        rig.stack.flush()


@export("rig_add_route")
def add_route(prefix: u64, length: u64, gateway: u64) -> i64:
    """Adds a route through `eth0`; returns an error number."""
    rig = the_rig()
    with rig.stack.lock:
        try:
            rig.stack.add_route(u32(prefix), u32(length), u32(gateway), rig.interface)
        except OSError as error:
            return errno_of(error)
    return 0


@export("rig_remove_route")
def remove_route(prefix: u64, length: u64, gateway: u64) -> i64:
    """Removes a route; returns an error number."""
    rig = the_rig()
    with rig.stack.lock:
        try:
            rig.stack.remove_route(u32(prefix), u32(length), u32(gateway))
        except OSError as error:
            return errno_of(error)
    return 0


@export("rig_receive")
def receive(length: u64) -> i64:
    """Has a frame arrive that lies in the exchange; 0 where there was no packet for it."""
    rig = the_rig()
    if not queue_frame(rig, rig.exchange[:length]):
        return 0
    rig.stack.interrupted(rig.wire)
    return 1


@export("rig_queue")
def queue(length: u64) -> i64:
    """Has a frame wait in the device; `rig_serve` delivers. 0 where there was no packet."""
    rig = the_rig()
    return 1 if queue_frame(rig, rig.exchange[:length]) else 0


@export("rig_serve")
def serve() -> u64:
    """The device interrupts; returns how many frames still wait."""
    rig = the_rig()
    rig.stack.interrupted(rig.wire)
    return rig.wire.inbound.count


@export("rig_go_on")
def go_on() -> u64:
    """The stack's thread does a round, if it has work; returns how many frames still wait."""
    rig = the_rig()
    with rig.stack.lock:
        if rig.stack.has_work:
            rig.stack.serve_pending()
    return rig.wire.inbound.count


def queue_frame(rig: Rig, frame: Bytes) -> bool:
    """Puts a frame into a packet of the wire."""
    with rig.stack.lock:
        try:
            packet = rig.stack.packets.take()
        except OSError:
            return False
        packet.end = u32(len(frame))
        packet.memory[: len(frame)].copy_from(frame)
        rig.wire.inbound.append(packet)
    return True


@export("rig_sent")
def sent() -> u64:
    """Copies the next frame that was sent to the exchange and returns its length; 0: none."""
    rig = the_rig()
    with rig.stack.lock:
        packet = rig.wire.queue.take_first()
        if packet is None:
            return 0
        length = u64(packet.length())
        rig.exchange[:length].copy_from(packet.bytes())
        packet.release()
    return length


@export("rig_event")
def event() -> u64:
    """Copies the next event to the exchange and returns its length; 0: none."""
    rig = the_rig()
    events = rig.events
    if events.taken == events.used:
        events.taken = 0
        events.used = 0
        return 0
    head = events.bytes[events.taken :]
    size = u64(head[4]) | u64(head[5]) << 8 | u64(head[6]) << 16
    rig.exchange[:size].copy_from(head[:size])
    events.taken += size
    return size


@export("rig_forget")
def forget() -> None:
    """Forgets all events and sent frames."""
    rig = the_rig()
    rig.events.used = 0
    rig.events.taken = 0
    with rig.stack.lock:
        rig.wire.queue.release_all()


@export("rig_set_full")
def set_full(is_full: u64) -> None:
    """Leaves the wire without a frame to send, or ends that."""
    rig = the_rig()
    was_full = rig.wire.is_full
    rig.wire.is_full = is_full != 0
    if was_full and is_full == 0:
        with rig.stack.lock:
            rig.stack.sent(rig.wire)
            rig.stack.flush()


@export("rig_let_stall")
def let_stall() -> None:
    """Has received frames wait while the wire is full."""
    the_rig().wire.may_stall = True


@export("rig_pass_time")
def pass_time(nanoseconds: u64) -> None:
    """Moves the clock; alarms on the way are served when they are due."""
    rig = the_rig()
    end = rig.source.current_ns + nanoseconds
    while rig.source.alarm_ns != 0 and rig.source.alarm_ns <= end:
        rig.source.current_ns = max(rig.source.current_ns, rig.source.alarm_ns)
        rig.timers.run_expired()
    rig.source.current_ns = end


@export("rig_send")
def send(destination: u64, source: u64, length: u64, protocol: u64, piece: u64) -> i64:
    """Sends a datagram whose bytes behind the IPv4 header are in the exchange, in packets of at
    most `piece` bytes; returns an error number.
    """
    rig = the_rig()
    stack = rig.stack
    path = Path()
    path.destination = u32(destination)
    path.source = u32(source)
    packets = PacketQueue()
    with stack.lock:
        try:
            stack.find_path(path)
            fill_packets(rig, packets, rig.exchange[:length], piece)
        except OSError as error:
            packets.release_all()
            return errno_of(error)
        stack.send_packets(packets, path, u8(protocol))
        stack.flush()
    return 0


@raises(ENOMEM)
def fill_packets(rig: Rig, packets: PacketQueue, data: Bytes, piece: u64) -> None:
    """Copies bytes into packets."""
    rest = data
    while len(rest) > 0:
        step = min(piece, len(rest))
        packet = rig.stack.packets.take()
        packet.start = 100
        packet.end = u32(100 + step)
        packet.bytes().copy_from(rest[:step])
        packets.append(packet)
        rest = rest[step:]


@export("rig_send_frame")
def send_frame(destination: u64, header_length: u64, length: u64, protocol: u64) -> i64:
    """Sends a frame: headers of a transport, and a payload that lies in a frame of memory, both in
    the exchange. Returns an error number, ENOMEM where the device had no room.
    """
    rig = the_rig()
    stack = rig.stack
    path = Path()
    path.destination = u32(destination)
    path.fragmentation = Fragmentation.FORBIDDEN
    with stack.lock:
        try:
            stack.find_path(path)
        except OSError as error:
            return errno_of(error)
        frame = stack.begin_frame(path)
        if frame is None:
            return ENOMEM
        end = TRANSPORT_OFFSET + header_length
        frame.header[TRANSPORT_OFFSET:end].copy_from(rig.exchange[:header_length])
        frame.header_length = u32(end)
        try:
            add_page(rig, frame, rig.exchange[header_length:length])
        except OSError as error:
            device = rig.wire
            device.abandon(frame)
            return errno_of(error)
        stack.send(frame, path, u8(protocol))
        stack.flush()
    return 0


@raises(ENOMEM)
def add_page(rig: Rig, frame: TxFrame, data: Bytes) -> None:
    """Gives a frame a payload in a page of its own, whose reference passes to the device."""
    page = rig.frames.alloc(0)
    frame_bytes(page)[: len(data)].copy_from(data)
    frame.add_fragment(page, u32(len(data)), page)


@export("rig_number")
def number(which: u64) -> u64:
    """Returns a number about the rig's state; `tests/kernel/net/rig.py` names them."""
    rig = the_rig()
    stack = rig.stack
    packets = stack.packets
    if which == 0:
        return rig.frames.free_frames()
    if which == 1:
        return packets.count - packets.free_count - rig.wire.queue.count
    if which == 2:
        return rig.interface.arp.count
    if which == 3:
        return rig.interface.arp.waiting_count
    if which == 4:
        return stack.reassembly.count
    if which == 5:
        return stack.reassembly.packet_count
    if which == 6:
        return rig.source.alarm_ns
    return rig.log.ring.written


@export("rig_counters")
def counters() -> u64:
    """Writes the layer's counters to the exchange; returns how many."""
    rig = the_rig()
    counted = rig.stack.counters
    into = rig.exchange
    store_u64(into, 0, counted.received)
    store_u64(into, 8, counted.bad_headers)
    store_u64(into, 16, counted.martians)
    store_u64(into, 24, counted.bad_transport)
    store_u64(into, 32, counted.reassembled)
    store_u64(into, 40, counted.reassembly_failures)
    store_u64(into, 48, counted.limited)
    store_u64(into, 56, counted.errors_sent)
    store_u64(into, 64, counted.unresolved)
    store_u64(into, 72, counted.no_room)
    return 10


@export("rig_read_log")
def read_log() -> u64:
    """Copies the log to the exchange; returns its length."""
    rig = the_rig()
    return rig.log.ring.copy(0, rig.exchange[:LOG_BYTES])
