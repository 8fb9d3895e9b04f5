"""`ConnectionTable`: TCP connections, those in TIME-WAIT too, by both addresses and ports.

The entries are linked into buckets that double as they become many. A secret is part of the hash,
so that nobody can choose ports that fall into one bucket. Called with the stack's lock held.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import ENOMEM
from abi.socket import SocketInfo
from bare import (
    Allocator,
    Span,
    allocate_span,
    inline,
    multiply_high,
    raises,
    release,
    struct,
    u16,
    u64,
    usize,
    wrapping_add,
    wrapping_mul,
)
from kernel.net.tcp.segment import Endpoints

FIRST_BUCKETS = 64
MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15


@struct
class ConnectionEntry(ABC):
    """What the table holds."""

    endpoints: Endpoints = inline()
    next_in_bucket: ConnectionEntry | None = None

    @abstractmethod
    def describe(self, info: SocketInfo) -> None:
        """Fills in what `sockstat` tells."""


@struct
class ConnectionTable:
    """Embed it, then `start`."""

    allocator: Allocator
    buckets: Span[ConnectionBucket]
    secret: u64 = 0
    count: u64 = 0

    @raises(ENOMEM)
    def start(self, allocator: Allocator, secret: u64) -> None:
        """Begins empty."""
        self.allocator = allocator
        self.secret = secret
        self.buckets = allocate_span(allocator, ConnectionBucket, FIRST_BUCKETS)

    def find(self, endpoints: Endpoints) -> ConnectionEntry | None:
        """Returns the entry between two ends."""
        entry = self.buckets[self._place(endpoints)].first
        while entry is not None and not is_same(entry.endpoints, endpoints):
            entry = entry.next_in_bucket
        return entry

    def has_local_port(self, port: u16) -> bool:
        """Whether any connection has this local port. Looks at all of them."""
        for bucket in self.buckets:
            entry = bucket.first
            while entry is not None:
                if entry.endpoints.local_port == port:
                    return True
                entry = entry.next_in_bucket
        return False

    def add(self, entry: ConnectionEntry) -> None:
        """Enters an entry with its endpoints."""
        if self.count > 2 * len(self.buckets):
            self._grow()
        bucket = self.buckets[self._place(entry.endpoints)]
        entry.next_in_bucket = bucket.first
        bucket.first = entry
        self.count += 1

    def remove(self, wanted: ConnectionEntry) -> None:
        """Takes an entry out; it must be there."""
        bucket = self.buckets[self._place(wanted.endpoints)]
        before: ConnectionEntry | None = None
        entry = bucket.first
        while entry is not None and entry is not wanted:
            before = entry
            entry = entry.next_in_bucket
        assert entry is not None, "connection is not in the table"
        if before is None:
            bucket.first = wanted.next_in_bucket
        else:
            before.next_in_bucket = wanted.next_in_bucket
        wanted.next_in_bucket = None
        self.count -= 1

    def _place(self, endpoints: Endpoints) -> usize:
        """Returns the bucket of two ends."""
        return multiply_high(hash_endpoints(endpoints, self.secret), len(self.buckets))

    def _grow(self) -> None:
        """Doubles the buckets; stays as it is where memory is gone."""
        old = self.buckets
        try:
            self.buckets = allocate_span(self.allocator, ConnectionBucket, 2 * len(old))
        except OSError:
            return
        for bucket in old:
            entry = bucket.first
            while entry is not None:
                following = entry.next_in_bucket
                place = self.buckets[self._place(entry.endpoints)]
                entry.next_in_bucket = place.first
                place.first = entry
                entry = following
        release(self.allocator, old)


@struct
class ConnectionBucket:
    """The entries of one hash."""

    first: ConnectionEntry | None = None


def is_same(left: Endpoints, right: Endpoints) -> bool:
    """Whether both are the same ends."""
    return (
        left.remote_port == right.remote_port
        and left.remote_low == right.remote_low
        and left.local_port == right.local_port
        and left.local_low == right.local_low
        and left.remote_high == right.remote_high
        and left.local_high == right.local_high
    )


def hash_endpoints(endpoints: Endpoints, secret: u64) -> u64:
    """Returns a hash whose high bits depend on everything in it."""
    ports = u64(endpoints.local_port) << 16 | endpoints.remote_port
    value = mixed(secret, endpoints.remote_low)
    value = mixed(value, endpoints.local_low)
    value = mixed(value, wrapping_add(endpoints.remote_high, endpoints.local_high))
    return mixed(value, ports)


def mixed(value: u64, more: u64) -> u64:
    """Returns a hash of a hash and one more word."""
    product = wrapping_mul(value ^ more, MULTIPLIER)
    return product ^ multiply_high(value ^ more, MULTIPLIER)
