"""The receiving side of a virtio network device. Virtio 1.2, 5.1.6.3.

Every descriptor of the queue is one packet that waits for a frame. A received packet goes to the
listener as it is, and a new one takes its place; without a new one the frame is dropped and its
packet waits again, so that the ring never runs dry. The stack's lock is held throughout.

Nothing that the device reports is trusted: EIO says that it broke the rules, and then the device is
to be reset.
"""

from __future__ import annotations

from abi.errno import EIO, ENOMEM
from bare import (
    Allocator,
    Span,
    allocate_span,
    inline,
    load_u16,
    raises,
    release,
    struct,
    u8,
    u16,
    u32,
)
from kernel.device.net import FrameListener, NetDevice
from kernel.device.packet import PACKET_BYTES, Packet, PacketPool
from kernel.drivers.virtio.net_send import NetSender
from kernel.drivers.virtio.queue import BROKEN, NOTHING, Chain, VirtQueue

NET_HEADER_BYTES: u32 = 12
"""struct virtio_net_hdr of a modern device, with or without mergeable buffers."""
GSO_OFFSET = 1
BUFFERS_OFFSET = 10
NO_SEGMENTATION: u8 = 0
LEAD_BYTES: u32 = 2
"""Left free in front, so that the IP header behind 12 + 14 bytes of others is aligned."""
BUFFER_BYTES: u32 = PACKET_BYTES - LEAD_BYTES
ETHERNET_HEADER_BYTES: u32 = 14


@struct
class PostedPacket:
    """The packet that waits behind a descriptor."""

    packet: Packet | None = None


@struct
class NetReceiver:
    """The queue of packets that wait for frames. Zeroed, then `setup`, then `fill`."""

    device: NetDevice
    queue: VirtQueue = inline()
    has_merging: bool
    """Whether a frame may lie in several buffers."""
    posted: Span[PostedPacket]
    """By descriptor."""
    packets: PacketPool
    listener: FrameListener
    gathered: Packet | None
    """The first buffer of a frame of which `missing` more are to come."""
    missing: u32
    is_too_long: bool
    """The gathered frame does not fit a packet."""

    @raises(ENOMEM)
    def setup(self, allocator: Allocator) -> None:
        """Makes room to remember the packets; the queue is set up already."""
        self.posted = allocate_span(allocator, PostedPacket, self.queue.size)

    def tear_down(self, allocator: Allocator) -> None:
        """Takes back what `setup` made."""
        release(allocator, self.posted)

    @raises(ENOMEM)
    def fill(self, packets: PacketPool, listener: FrameListener) -> None:
        """Posts a packet for every descriptor; none where one is missing."""
        self.packets = packets
        self.listener = listener
        try:
            while self.queue.free_count > 0:
                self._post(packets.take())
        except OSError:
            self.release_all()
            raise
        self.queue.publish()

    def release_all(self) -> None:
        """Gives all packets back: the device has seen none, or was reset."""
        for posted in self.posted:
            packet = posted.packet
            posted.packet = None
            if packet is not None:
                packet.release()
        gathered = self.gathered
        self.gathered = None
        if gathered is not None:
            gathered.release()

    @raises(EIO)
    def receive(self, budget: u32, sender: NetSender | None) -> u32:
        """Takes at most `budget` buffers that the device has filled, while `sender`, where one is
        given, has room for answers; returns how many.
        """
        frames_before = self.device.counters.received_frames
        count: u32 = 0
        while count < budget and (sender is None or sender.has_room()):
            head = self.queue.pop()
            if head == NOTHING:
                break
            if head == BROKEN:
                raise OSError(EIO)
            packet = self.posted[head].packet
            assert packet is not None, "received into a descriptor without a packet"
            self.posted[head].packet = None
            self.queue.free(head)
            self._take_buffer(packet, self.queue.written)
            count += 1
        counters = self.device.counters
        batch = u32(counters.received_frames - frames_before)
        counters.largest_receive_batch = max(counters.largest_receive_batch, batch)
        return count

    @raises(EIO)
    def _take_buffer(self, packet: Packet, written: u32) -> None:
        """Takes a filled buffer: a frame, or a piece of one."""
        try:
            if self.missing > 0:
                self._gather(packet, written)
            else:
                self._begin(packet, written)
        except OSError:
            packet.release()
            raise

    @raises(EIO)
    def _begin(self, packet: Packet, written: u32) -> None:
        """Takes the first buffer of a frame, or the only one."""
        if written < NET_HEADER_BYTES or written > BUFFER_BYTES:
            raise OSError(EIO)
        header = packet.memory[LEAD_BYTES : LEAD_BYTES + NET_HEADER_BYTES]
        buffers: u16 = 1
        if self.has_merging:
            buffers = load_u16(header, BUFFERS_OFFSET)
        if buffers == 0 or buffers > self.queue.size or header[GSO_OFFSET] != NO_SEGMENTATION:
            raise OSError(EIO)
        packet.start = LEAD_BYTES + NET_HEADER_BYTES
        packet.end = LEAD_BYTES + written
        if buffers == 1:
            if self._hand_on(packet):
                self.device.counters.by_reference_received += 1
            return
        self.gathered = packet
        self.missing = buffers - 1
        self.is_too_long = False

    @raises(EIO)
    def _gather(self, packet: Packet, written: u32) -> None:
        """Takes a further buffer of a frame; its bytes go behind those of the first."""
        first = self.gathered
        assert first is not None, "pieces of no frame"
        if written == 0 or written > BUFFER_BYTES:
            raise OSError(EIO)
        if first.end + written > PACKET_BYTES:
            self.is_too_long = True
        elif not self.is_too_long:
            piece = packet.memory[LEAD_BYTES : LEAD_BYTES + written]
            first.memory[first.end : first.end + written].copy_from(piece)
            first.end += written
            self.device.counters.copied_bytes += written
        self._post(packet)
        self.missing -= 1
        if self.missing > 0:
            return
        self.gathered = None
        if self.is_too_long:
            self._refuse(first)
        else:
            self._hand_on(first)

    def _hand_on(self, packet: Packet) -> bool:
        """Gives a whole frame to the listener; returns whether it did."""
        if packet.length() < ETHERNET_HEADER_BYTES:
            self._refuse(packet)
            return False
        counters = self.device.counters
        try:
            self._post(self.packets.take())
        except OSError:
            counters.received_dropped += 1
            self._post(packet)
            return False
        counters.received_frames += 1
        counters.received_bytes += packet.length()
        self.listener.received(self.device, packet)
        return True

    def _refuse(self, packet: Packet) -> None:
        """Counts a frame that cannot be used; its packet waits for another."""
        self.device.counters.received_errors += 1
        self._post(packet)

    def _post(self, packet: Packet) -> None:
        """Lets a packet wait for a frame."""
        chain = Chain()
        self.queue.add(chain, packet.address + LEAD_BYTES, BUFFER_BYTES, True)
        self.queue.submit(chain)
        self.posted[chain.head].packet = packet
