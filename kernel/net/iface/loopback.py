"""The loopback: a device that receives what it sends. RFC 1122, 3.2.1.3 (g).

What is sent lies in its queue until the stack's next `flush`, so that nobody's call reaches into
itself.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, array, inline, raises, struct, u8, u32
from kernel.device.net import HEADER_ROOM, FrameListener, NetDevice, TxFrame
from kernel.device.packet import PACKET_BYTES, PacketPool, PacketQueue
from kernel.net.iface.output import append_physical
from kernel.net.wire.ethernet import ETHERNET_HEADER_SIZE

LOOPBACK_MTU: u32 = PACKET_BYTES - ETHERNET_HEADER_SIZE
QUEUE_SHARE = 4
"""The queue may hold one part in this many of all packets."""


@struct
class Loopback(NetDevice):
    """The device of 127/8. One frame is enough: each is copied when it is sent."""

    packets: PacketPool | None = None
    frame: TxFrame = inline()
    room: Array[u8] = array(HEADER_ROOM)
    is_frame_taken: bool = False
    queue: PacketQueue = inline()

    @raises(ENOMEM)
    def start(self, packets: PacketPool, listener: FrameListener) -> None:
        """Is up at once."""
        self.packets = packets
        self.listener = listener
        self.mtu = LOOPBACK_MTU
        self.is_loopback = True
        self.is_up = True
        self.frame.header = self.room

    def service(self, budget: u32) -> bool:
        """Delivers what was sent before; says whether more waits."""
        listener = self.listener
        assert listener is not None, "loopback before its start"
        for _ in range(budget):
            packet = self.queue.take_first()
            if packet is None:
                return False
            self.counters.received_frames += 1
            self.counters.received_bytes += packet.length()
            listener.received(self, packet)
        return self.queue.count > 0

    def begin_frame(self) -> TxFrame | None:
        """Returns the frame."""
        if self.is_frame_taken:
            return None
        self.is_frame_taken = True
        return self.frame

    def submit(self, frame: TxFrame) -> None:
        """Copies a frame into a packet, or drops it where too many wait."""
        self.counters.sent_frames += 1
        self.counters.sent_completed += 1
        self.counters.sent_bytes += frame.length()
        self._enqueue(frame)
        self.abandon(frame)

    def abandon(self, frame: TxFrame) -> None:
        """Takes the frame back."""
        for index in range(frame.fragment_count):
            fragment = frame.fragments[index]
            if fragment.frame != 0:
                self._pool().frames.put(fragment.frame)
        frame.fragment_count = 0
        frame.header_length = 0
        packet = frame.packet
        frame.packet = None
        if packet is not None:
            packet.release()
        self.is_frame_taken = False

    def flush(self) -> None:
        """Nothing: the stack calls `service`."""

    def _pool(self) -> PacketPool:
        packets = self.packets
        assert packets is not None, "loopback before its start"
        return packets

    def _enqueue(self, frame: TxFrame) -> None:
        packets = self._pool()
        if self.queue.count >= packets.limit // QUEUE_SHARE:
            self.counters.received_dropped += 1
            return
        try:
            packet = packets.take()
        except OSError:
            self.counters.received_dropped += 1
            return
        packet.end = frame.header_length
        packet.memory[: packet.end].copy_from(frame.header[: frame.header_length])
        for index in range(frame.fragment_count):
            fragment = frame.fragments[index]
            append_physical(packet, fragment.address, fragment.length)
            self.counters.copied_bytes += fragment.length
        self.queue.append(packet)
