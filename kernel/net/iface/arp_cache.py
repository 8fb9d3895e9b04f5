"""`ArpCache`: the Ethernet addresses of an interface's neighbours. RFC 826; RFC 1122, 2.3.2.

An entry is made only where a packet of ours needs it; what others send can confirm or change an
entry, never make one. Entries and waiting packets are bounded: where there is no room, that entry
makes place whose answer has been awaited longest, else one that was good longest ago.

An entry is INCOMPLETE until somebody answers, CONFIRMED for a minute, then STALE: still used, but
the first use asks the neighbour (PROBING), and where it does not answer the entry goes. Whoever
keeps an address keeps `generation` with it, which changes when an address may be good no more.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Allocator, Array, Enum8, allocate, array, inline, raises, release, struct, u32, u64
from kernel.device.packet import Packet, PacketQueue
from kernel.net.wire.address import Ipv4Address
from kernel.net.wire.ethernet import EthernetAddress

ENTRY_LIMIT: u32 = 256
"""Neighbours that are known at once: a network of 8 bits, in some 25 KiB."""
BUCKETS = 64
WAITING_LIMIT: u32 = 3
"""Packets that wait for one neighbour; RFC 1122, 2.3.2.2 asks for the latest at least."""
ALL_WAITING_LIMIT: u32 = 64
"""Packets that wait for all neighbours together."""
CONFIRMED_MS: u64 = 60_000
"""How long an answer is good: RFC 1122, 2.3.2.1."""
STALE_MS: u64 = 600_000
"""How long an entry is kept that nobody uses."""
RETRY_MS: u64 = 1_000
"""Between two requests to the same neighbour: RFC 1122, 2.3.2.1."""
TRIES: u32 = 3
NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF


class ArpState(Enum8):
    """How good an entry is."""

    INCOMPLETE = 0
    CONFIRMED = 1
    STALE = 2
    PROBING = 3


@struct
class ArpEntry:
    """A neighbour."""

    address: Ipv4Address = 0
    station: EthernetAddress = 0
    state: ArpState = ArpState.INCOMPLETE
    tries: u32 = 0
    """Requests sent since it was good."""
    deadline_ms: u64 = 0
    """When the state ends or the next request is due."""
    waiting: PacketQueue = inline()
    """IPv4 datagrams, headers included."""
    next: ArpEntry | None = None
    """In its bucket."""

    def is_usable(self) -> bool:
        """Whether `station` is known."""
        return self.state != ArpState.INCOMPLETE


@struct
class ArpCache:
    """The neighbours of an interface."""

    allocator: Allocator
    generation: u64 = 1
    buckets: Array[ArpEntry | None] = array(BUCKETS)
    count: u32 = 0
    waiting_count: u32 = 0

    def find(self, address: Ipv4Address) -> ArpEntry | None:
        """Returns the entry of an address."""
        entry = self.buckets[bucket_of(address)]
        while entry is not None and entry.address != address:
            entry = entry.next
        return entry

    @raises(ENOMEM)
    def add(self, address: Ipv4Address, now_ms: u64) -> ArpEntry:
        """Makes an entry, INCOMPLETE, its first request being sent now."""
        if self.count >= ENTRY_LIMIT:
            self._make_room()
        entry = allocate(self.allocator, ArpEntry)
        entry.address = address
        entry.tries = 1
        entry.deadline_ms = now_ms + RETRY_MS
        bucket = bucket_of(address)
        entry.next = self.buckets[bucket]
        self.buckets[bucket] = entry
        self.count += 1
        return entry

    def confirm(self, entry: ArpEntry, station: EthernetAddress, now_ms: u64) -> None:
        """Notes that a neighbour has answered, maybe from another address than before."""
        if entry.is_usable() and entry.station != station:
            self.generation += 1
        entry.station = station
        entry.state = ArpState.CONFIRMED
        entry.tries = 0
        entry.deadline_ms = now_ms + CONFIRMED_MS

    def hold(self, entry: ArpEntry, packet: Packet) -> None:
        """Lets a datagram wait for a neighbour, in place of the oldest where there are too many."""
        if entry.waiting.count >= WAITING_LIMIT or self.waiting_count >= ALL_WAITING_LIMIT:
            oldest = entry.waiting.take_first()
            if oldest is None:
                packet.release()
                return
            oldest.release()
            self.waiting_count -= 1
        entry.waiting.append(packet)
        self.waiting_count += 1

    def take_waiting(self, entry: ArpEntry) -> Packet | None:
        """Takes out the first datagram that waits for a neighbour."""
        packet = entry.waiting.take_first()
        if packet is not None:
            self.waiting_count -= 1
        return packet

    def remove(self, entry: ArpEntry) -> None:
        """Forgets a neighbour and what waits for it."""
        bucket = bucket_of(entry.address)
        first = self.buckets[bucket]
        if first is entry:
            self.buckets[bucket] = entry.next
        else:
            while first is not None:
                following = first.next
                if following is entry:
                    first.next = entry.next
                first = first.next
        if entry.is_usable():
            self.generation += 1
        self.waiting_count -= entry.waiting.count
        entry.waiting.release_all()
        self.count -= 1
        release(self.allocator, entry)

    def clear(self) -> None:
        """Forgets all neighbours."""
        for bucket in range(BUCKETS):
            while True:
                entry = self.buckets[bucket]
                if entry is None:
                    break
                self.remove(entry)

    def expired(self, now_ms: u64) -> ArpEntry | None:
        """Returns an entry whose deadline has come."""
        for bucket in range(BUCKETS):
            entry = self.buckets[bucket]
            while entry is not None:
                if entry.deadline_ms <= now_ms:
                    return entry
                entry = entry.next
        return None

    def deadline_ms(self) -> u64:
        """Returns when the first entry's deadline comes; NEVER where there is none."""
        first = NEVER
        for bucket in range(BUCKETS):
            entry = self.buckets[bucket]
            while entry is not None:
                first = min(first, entry.deadline_ms)
                entry = entry.next
        return first

    def _make_room(self) -> None:
        """Removes the entry that is missed least."""
        least: ArpEntry | None = None
        for bucket in range(BUCKETS):
            entry = self.buckets[bucket]
            while entry is not None:
                if least is None or is_missed_less(entry, least):
                    least = entry
                entry = entry.next
        if least is not None:
            self.remove(least)


def is_missed_less(left: ArpEntry, right: ArpEntry) -> bool:
    """Whether `left` makes place before `right`: unanswered ones first, then old ones."""
    if left.is_usable() != right.is_usable():
        return not left.is_usable()
    if left.tries != right.tries:
        return left.tries > right.tries
    return left.deadline_ms < right.deadline_ms


def bucket_of(address: Ipv4Address) -> u32:
    """Returns the bucket of an address: neighbours differ in their last bits."""
    return (address ^ address >> 8) % BUCKETS
