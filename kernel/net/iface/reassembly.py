"""`Reassembly`: fragments of IPv4 datagrams until they are whole. RFC 791, 3.2; RFC 1122, 3.3.2.

Fragments stay in the packets in which they came, in order. One that overlaps others ends its whole
datagram (RFC 5722, 4: overlaps serve attacks only); an exact copy of one that is there is ignored.
Datagrams, their fragments, and packets held altogether are bounded; where there is no room, the
datagram goes that has waited longest.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Allocator, allocate, raises, release, struct, u8, u16, u32, u64
from kernel.device.packet import Packet
from kernel.net.iface.interface import Interface
from kernel.net.wire.address import Ipv4Address
from kernel.net.wire.ipv4 import IPV4_HEADER_SIZE, LARGEST_DATAGRAM, Ipv4Header

DATAGRAM_LIMIT: u32 = 64
"""Datagrams under way."""
FRAGMENT_LIMIT: u32 = 64
"""Fragments of one: 65,535 bytes in frames of Ethernet make 45."""
TIMEOUT_MS: u64 = 30_000
"""How long a datagram may take. RFC 1122, 3.3.2 says 60 to 120 s; memory that
anybody can make us hold is given back sooner.
"""
NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF


@struct
class Datagram:
    """A datagram of which fragments have come."""

    source: Ipv4Address = 0
    destination: Ipv4Address = 0
    identification: u16 = 0
    protocol: u8 = 0
    interface: Interface | None = None
    deadline_ms: u64 = 0
    first: Packet | None = None
    """Fragments by offset (`sequence`), linked by `more`."""
    last: Packet | None = None
    count: u32 = 0
    received: u32 = 0
    """Bytes of payload that are there."""
    total: u32 = 0
    """Bytes of payload of the whole; 0 until the last fragment has come."""
    header_start: u32 = 0
    """Where in the first fragment's packet the IPv4 header is, once it is there."""
    next: Datagram | None = None

    def is_whole(self) -> bool:
        """Whether all fragments are there: none overlap, so counting bytes tells."""
        return self.total != 0 and self.received == self.total

    def has_start(self) -> bool:
        """Whether the fragment with the transport's header is there."""
        first = self.first
        return first is not None and first.sequence == 0


@struct
class Reassembly:
    """All datagrams under way, the oldest first."""

    allocator: Allocator
    packet_limit: u32 = 0
    """Packets held altogether."""
    packet_count: u32 = 0
    count: u32 = 0
    first: Datagram | None = None
    last: Datagram | None = None

    def add(
        self,
        packet: Packet,
        header: Ipv4Header,
        header_start: u32,
        interface: Interface,
        now_ms: u64,
    ) -> Datagram | None:
        """Takes a fragment, `packet` being its payload. Returns the datagram where it is whole now:
        then take its packets and `remove` it.
        """
        offset = header.fragment_offset()
        length = packet.length()
        has_more = header.has_more()
        if length == 0 or (has_more and length % 8 != 0):
            packet.release()
            return None
        if offset + length > LARGEST_DATAGRAM - IPV4_HEADER_SIZE:
            packet.release()
            return None
        datagram = self._find(header)
        if datagram is None:
            try:
                datagram = self._begin(header, interface, now_ms)
            except OSError:
                packet.release()
                return None
        packet.sequence = offset
        if not self._insert(datagram, packet, has_more):
            packet.release()
            self.drop(datagram)
            return None
        if datagram.first is packet:
            datagram.header_start = header_start
        return self._check_bounds(datagram)

    def take_packets(self, datagram: Datagram) -> Packet:
        """Takes the whole datagram's packets, linked by `more`, and removes it."""
        first = datagram.first
        assert first is not None, "a whole datagram without packets"
        datagram.first = None
        self.packet_count -= datagram.count
        self._remove(datagram)
        return first

    def drop(self, datagram: Datagram) -> None:
        """Gives a datagram up."""
        first = datagram.first
        if first is not None:
            first.release()
        self.packet_count -= datagram.count
        self._remove(datagram)

    def drop_through(self, interface: Interface) -> None:
        """Gives up all datagrams that come through an interface."""
        datagram = self.first
        while datagram is not None:
            following = datagram.next
            if datagram.interface is interface:
                self.drop(datagram)
            datagram = following

    def expired(self, now_ms: u64) -> Datagram | None:
        """Returns a datagram that took too long: for the caller to `drop`."""
        first = self.first
        return first if first is not None and first.deadline_ms <= now_ms else None

    def deadline_ms(self) -> u64:
        """Returns when the first datagram has taken too long."""
        first = self.first
        return NEVER if first is None else first.deadline_ms

    def _find(self, header: Ipv4Header) -> Datagram | None:
        datagram = self.first
        while datagram is not None:
            if (
                datagram.identification == header.identification
                and datagram.source == header.source
                and datagram.destination == header.destination
                and datagram.protocol == header.protocol
            ):
                return datagram
            datagram = datagram.next
        return None

    @raises(ENOMEM)
    def _begin(self, header: Ipv4Header, interface: Interface, now_ms: u64) -> Datagram:
        oldest = self.first
        if self.count >= DATAGRAM_LIMIT and oldest is not None:
            self.drop(oldest)
        datagram = allocate(self.allocator, Datagram)
        datagram.source = header.source
        datagram.destination = header.destination
        datagram.identification = header.identification
        datagram.protocol = header.protocol
        datagram.interface = interface
        datagram.deadline_ms = now_ms + TIMEOUT_MS
        last = self.last
        if last is None:
            self.first = datagram
        else:
            last.next = datagram
        self.last = datagram
        self.count += 1
        return datagram

    def _insert(self, datagram: Datagram, packet: Packet, has_more: bool) -> bool:
        """Puts a fragment in its place; False where it contradicts others."""
        offset = packet.sequence
        end = offset + packet.length()
        before = datagram.last
        after: Packet | None = None
        if before is not None and before.sequence >= offset:
            before = None
            after = datagram.first
            while after is not None and after.sequence < offset:
                before = after
                after = after.more
        if after is not None and after.sequence == offset and after.length() == packet.length():
            packet.release()
            return True
        if before is not None and before.sequence + before.length() > offset:
            return False
        if after is not None and after.sequence < end:
            return False
        if not agrees_on_end(datagram, end, has_more, after is None):
            return False
        self._link(datagram, before, packet, after)
        return True

    def _link(
        self, datagram: Datagram, before: Packet | None, packet: Packet, after: Packet | None
    ) -> None:
        packet.more = after
        if before is None:
            datagram.first = packet
        else:
            before.more = packet
        if after is None:
            datagram.last = packet
        datagram.count += 1
        datagram.received += packet.length()
        self.packet_count += 1

    def _check_bounds(self, datagram: Datagram) -> Datagram | None:
        """Returns the datagram if it is whole; drops what is too much."""
        if datagram.is_whole():
            return datagram
        if datagram.count >= FRAGMENT_LIMIT:
            self.drop(datagram)
            return None
        oldest = self.first
        if self.packet_count > self.packet_limit and oldest is not None:
            self.drop(oldest)
        return None

    def _remove(self, wanted: Datagram) -> None:
        """Takes a datagram off the list, and its memory back."""
        before: Datagram | None = None
        datagram = self.first
        while datagram is not None and datagram is not wanted:
            before = datagram
            datagram = datagram.next
        if before is None:
            self.first = wanted.next
        else:
            before.next = wanted.next
        if self.last is wanted:
            self.last = before
        self.count -= 1
        release(self.allocator, wanted)


def agrees_on_end(datagram: Datagram, end: u32, has_more: bool, is_last: bool) -> bool:
    """Whether a fragment fits what is known of the datagram's length; notes it where it says so."""
    if has_more:
        return datagram.total == 0 or end < datagram.total
    if not is_last or (datagram.total != 0 and datagram.total != end):
        return False
    datagram.total = end
    return True
