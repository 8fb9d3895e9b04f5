"""`ReceiveQueue`: what a TCP connection has received and the program has not read, in packets.

Packets that came in order are `ready`, linked one after the other; those behind a gap are held by
sequence number until it closes. Bytes that come twice are kept once. A short segment is copied
behind the one before it if that packet has room, so that a sender of small pieces cannot make each
of them cost a packet.

Called with the stack's lock held. A reader takes packets out, copies them without the lock, and
puts back what it did not read; one reader at a time.
"""

from __future__ import annotations

from bare import inline, struct, u32, usize
from kernel.device.packet import PACKET_BYTES, Packet, PacketQueue
from kernel.net.tcp.sequence import advance, distance, is_at_or_before, is_before

COMPACT_BYTES: u32 = 640
"""Segments up to this length are copied together: under a third of a packet."""


@struct
class ReceiveQueue:
    """Embed it; `start` at the sequence number of the first byte."""

    ready: PacketQueue = inline()
    end: u32 = 0
    """The sequence number behind the last byte of `ready`."""
    held: Packet | None = None
    """What is behind a gap, by sequence number."""
    held_count: u32 = 0

    def start(self, sequence: u32) -> None:
        """Begins, empty, at a sequence number."""
        self.end = sequence

    def insert(self, packet: Packet, sequence: u32) -> u32:
        """Takes a packet whose bytes begin at `sequence`; returns how many bytes were copied."""
        packet.sequence = sequence
        if is_before(self.end, sequence):
            return self._hold(packet)
        copied = self._append(packet)
        return copied + self._release_held()

    def take(self, wanted: usize, into: PacketQueue) -> None:
        """Moves packets in front, at least `wanted` bytes if there are, to a reader."""
        moved: usize = 0
        while moved < wanted:
            packet = self.ready.take_first()
            if packet is None:
                return
            moved += packet.length()
            into.append(packet)

    def put_back(self, packets: PacketQueue) -> None:
        """Takes back, to the front, what a reader did not read."""
        last = packets.last
        if last is None:
            return
        last.next = self.ready.first
        if self.ready.first is None:
            self.ready.last = last
        self.ready.first = packets.first
        self.ready.count += packets.count
        packets.first = None
        packets.last = None
        packets.count = 0

    def forget_held(self) -> None:
        """Drops everything behind gaps."""
        while True:
            packet = self._take_held()
            if packet is None:
                return
            packet.release()

    def clear(self) -> None:
        """Drops everything."""
        self.ready.release_all()
        self.forget_held()

    def memory(self) -> u32:
        """Returns the bytes of memory that the packets hold."""
        return (self.ready.count + self.held_count) * PACKET_BYTES

    def _append(self, packet: Packet) -> u32:
        """Adds a packet that begins at or before `end`; drops what is there already. Returns the
        bytes copied.
        """
        overlap = distance(packet.sequence, self.end)
        if overlap >= packet.length():
            packet.release()
            return 0
        packet.drop_front(overlap)
        self.end = advance(self.end, packet.length())
        copied = compact(self.ready.last, packet)
        if copied == 0:
            self.ready.append(packet)
        return copied

    def _release_held(self) -> u32:
        """Appends held packets that have their turn now; returns the bytes copied."""
        copied: u32 = 0
        while True:
            packet = self.held
            if packet is None or is_before(self.end, packet.sequence):
                return copied
            self._take_held()
            copied += self._append(packet)

    def _take_held(self) -> Packet | None:
        """Takes the first held packet out."""
        packet = self.held
        if packet is not None:
            self.held = packet.next
            packet.next = None
            self.held_count -= 1
        return packet

    def _hold(self, packet: Packet) -> u32:
        """Puts a packet among the held ones, unless all of it is there; drops what it covers.
        Returns the bytes copied.
        """
        before: Packet | None = None
        after = self.held
        while after is not None and is_at_or_before(after.sequence, packet.sequence):
            before = after
            after = after.next
        if before is not None and is_at_or_before(end_of(packet), end_of(before)):
            packet.release()
            return 0
        if before is not None and end_of(before) == packet.sequence:
            copied = compact(before, packet)
            if copied > 0:
                return copied
        while after is not None and is_at_or_before(end_of(after), end_of(packet)):
            following = after.next
            after.next = None
            after.release()
            self.held_count -= 1
            after = following
        packet.next = after
        if before is None:
            self.held = packet
        else:
            before.next = packet
        self.held_count += 1
        return 0


def compact(before: Packet | None, packet: Packet) -> u32:
    """Copies a short packet behind the one before it, if that has room, and releases it; returns
    its length, 0: nothing was done.
    """
    length = packet.length()
    if before is None or length > COMPACT_BYTES or PACKET_BYTES - before.end < length:
        return 0
    before.memory[before.end : before.end + length].copy_from(packet.bytes())
    before.end += length
    packet.release()
    return length


def end_of(packet: Packet) -> u32:
    """Returns the sequence number behind a packet."""
    return advance(packet.sequence, packet.length())
