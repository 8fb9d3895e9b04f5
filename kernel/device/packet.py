"""`Packet`: the bytes of one frame, and `PacketPool`, where packets come from and go back to.

A device receives into packets, the stack parses them in place, and a socket may keep one until the
program has read it: the bytes are copied once. A packet has one owner at a time, who releases it or
hands it on. Its memory is half a page, so that two share a frame of the allocator.

All of this is called with the stack's lock held, from interrupts too.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Span,
    allocate,
    raises,
    release,
    struct,
    u8,
    u32,
)
from kernel.arch.aarch64.layout import PAGE_SIZE, PhysAddr
from kernel.mm.frame import FrameAllocator
from kernel.mm.frame_view import frame_bytes

PACKET_BYTES: u32 = 2048
"""Memory of a packet: an Ethernet frame of 1514 bytes, the device's header, and room in front."""


@struct
class Packet:
    """Bytes `start` to `end` of a packet's memory: what is left to be looked at."""

    pool: PacketPool
    memory: Span[u8]
    """All PACKET_BYTES."""
    address: PhysAddr
    """Where the memory is, for a device."""
    start: u32 = 0
    end: u32 = 0
    sequence: u32 = 0
    """For the owner: where in a stream the bytes stand."""
    next: Packet | None = None
    """For the owner's queue."""
    more: Packet | None = None
    """The rest of a datagram that came in several packets; released with this one."""
    twin: Packet | None = None
    """The packet in the other half of the frame. The pool's."""
    is_free: bool = False

    def bytes(self) -> Span[u8]:
        """Views what is left."""
        return self.memory[self.start : self.end]

    def length(self) -> u32:
        """Returns how many bytes are left."""
        return self.end - self.start

    def drop_front(self, count: u32) -> None:
        """Takes `count` bytes away in front: a header that has been read."""
        assert count <= self.length(), "header longer than its packet"
        self.start += count

    def shorten(self, length: u32) -> None:
        """Takes away what is behind `length` bytes: the padding of a short frame."""
        self.end = min(self.end, self.start + length)

    def release(self) -> None:
        """Gives the packet back to its pool, with what belongs to it."""
        packet: Packet | None = self
        while packet is not None:
            rest = packet.more
            packet.more = None
            packet.pool.give_back(packet)
            packet = rest


@struct
class PacketPool:
    """Packets for devices and sockets, at most `limit` of them; frames go back when both halves are
    free and more than `spare` packets wait.
    """

    frames: FrameAllocator
    allocator: Allocator
    limit: u32
    """Packets that may exist."""
    spare: u32
    """Free packets that are kept for the next burst."""
    count: u32 = 0
    free_count: u32 = 0
    first_free: Packet | None = None

    def start(self, frames: FrameAllocator, allocator: Allocator, limit: u32, spare: u32) -> None:
        """Begins empty."""
        self.frames = frames
        self.allocator = allocator
        self.limit = limit
        self.spare = spare

    @raises(ENOMEM)
    def take(self) -> Packet:
        """Returns an empty packet; ENOMEM at the limit or where memory is gone."""
        packet = self.first_free
        if packet is None:
            self._grow()
            packet = self.first_free
            assert packet is not None
        self.first_free = packet.next
        self.free_count -= 1
        packet.is_free = False
        packet.next = None
        packet.start = 0
        packet.end = 0
        return packet

    def give_back(self, packet: Packet) -> None:
        """Takes a packet back. Called by `Packet.release`."""
        assert not packet.is_free, "packet released twice"
        packet.is_free = True
        twin = packet.twin
        if twin is not None and twin.is_free and self.free_count >= self.spare:
            self._unlink(twin)
            self.count -= 2
            self.frames.put(packet.address // PAGE_SIZE * PAGE_SIZE)
            release(self.allocator, twin)
            release(self.allocator, packet)
            return
        packet.next = self.first_free
        self.first_free = packet
        self.free_count += 1

    @raises(ENOMEM)
    def _grow(self) -> None:
        """Makes the two packets of one more frame."""
        if self.count + 2 > self.limit:
            raise OSError(ENOMEM)
        frame = self.frames.alloc(0)
        try:
            left = allocate(self.allocator, Packet)
            try:
                right = allocate(self.allocator, Packet)
            except OSError:
                release(self.allocator, left)
                raise
        except OSError:
            self.frames.put(frame)
            raise
        left.twin = right
        right.twin = left
        memory = frame_bytes(frame)
        self._add(left, frame, memory[:PACKET_BYTES])
        self._add(right, frame + PACKET_BYTES, memory[PACKET_BYTES:])

    def _add(self, packet: Packet, address: PhysAddr, memory: Span[u8]) -> None:
        """Puts a new packet on the free list."""
        packet.pool = self
        packet.address = address
        packet.memory = memory
        packet.is_free = True
        packet.next = self.first_free
        self.first_free = packet
        self.free_count += 1
        self.count += 1

    def _unlink(self, wanted: Packet) -> None:
        """Takes a packet out of the free list."""
        self.free_count -= 1
        packet = self.first_free
        if packet is wanted:
            self.first_free = wanted.next
            return
        while packet is not None:
            following = packet.next
            if following is wanted:
                packet.next = wanted.next
                return
            packet = following


@struct
class PacketQueue:
    """Packets in order. Embed it; zeroed is empty. The owner locks."""

    first: Packet | None = None
    last: Packet | None = None
    count: u32 = 0

    def append(self, packet: Packet) -> None:
        """Adds a packet at the end."""
        packet.next = None
        last = self.last
        if last is None:
            self.first = packet
        else:
            last.next = packet
        self.last = packet
        self.count += 1

    def take_first(self) -> Packet | None:
        """Takes the first packet out."""
        packet = self.first
        if packet is not None:
            self.first = packet.next
            if packet.next is None:
                self.last = None
            packet.next = None
            self.count -= 1
        return packet

    def release_all(self) -> None:
        """Gives all packets back."""
        while True:
            packet = self.take_first()
            if packet is None:
                return
            packet.release()
