"""`Binding`: a socket's claim to a local port, and `PortTable`, which finds claims by port.

One table for each protocol. Buckets double as bindings become many, so their number is limited by
memory only. Called with the stack's lock held.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EADDRINUSE, ENOMEM
from abi.socket import SocketInfo
from bare import Allocator, Span, allocate_span, never_inline, raises, release, struct, u16, u32
from kernel.net.wire.address import ANY_ADDRESS, Ipv4Address

FIRST_BUCKETS = 32
FIRST_EPHEMERAL: u32 = 32768
EPHEMERAL_COUNT: u32 = 28232
"""Ports that are given to sockets that asked for none: 32768 to 60999, as on Linux."""


@struct
class Binding(ABC):
    """A claim to a local address and port. Derived classes are what the port leads to."""

    address: Ipv4Address
    port: u16
    """0: not bound."""
    interface: u32
    """Index of the interface that it is bound to; 0: any."""
    can_reuse_address: bool
    can_reuse_port: bool
    is_listening: bool
    """TCP: takes connections."""
    principal: u32
    """Whose claim: SO_REUSEPORT shares between sockets of one principal only."""
    remote_address: Ipv4Address
    remote_port: u16
    """Of a connected datagram socket."""
    next_of_port: Binding | None

    @abstractmethod
    def describe(self, info: SocketInfo) -> None:
        """Fills in what `sockstat` tells."""

    def conflicts_with(self, other: Binding) -> bool:
        """Whether both cannot have their claims. Linux's rules, inet_csk_bind_conflict."""
        if self.port != other.port:
            return False
        if self.interface != 0 and other.interface != 0 and self.interface != other.interface:
            return False
        if self.address not in (ANY_ADDRESS, other.address) and other.address != ANY_ADDRESS:
            return False
        if self.can_reuse_port and other.can_reuse_port and self.principal == other.principal:
            return False
        if self.can_reuse_address and other.can_reuse_address:
            return self.is_listening or other.is_listening
        return True


@struct
class PortTable:
    """Bindings by port. Embed it, then `start`."""

    allocator: Allocator
    buckets: Span[PortBucket]
    count: u32 = 0

    @raises(ENOMEM)
    def start(self, allocator: Allocator) -> None:
        """Begins empty."""
        self.allocator = allocator
        self.buckets = allocate_span(allocator, PortBucket, FIRST_BUCKETS)

    def first(self, port: u16) -> Binding | None:
        """Returns the first of the bindings among which those of a port are."""
        return self.buckets[port % len(self.buckets)].first

    def has_port(self, port: u16) -> bool:
        """Whether somebody claims a port."""
        binding = self.first(port)
        while binding is not None:
            if binding.port == port:
                return True
            binding = binding.next_of_port
        return False

    @never_inline
    @raises(EADDRINUSE)
    def check(self, wanted: Binding) -> None:
        """Refuses a claim, filled in and not in the table, that conflicts with another."""
        binding = self.first(wanted.port)
        while binding is not None:
            if binding is not wanted and wanted.conflicts_with(binding):
                raise OSError(EADDRINUSE)
            binding = binding.next_of_port

    def add(self, binding: Binding) -> None:
        """Enters a claim."""
        if self.count > 2 * len(self.buckets):
            self._grow()
        bucket = self.buckets[binding.port % len(self.buckets)]
        binding.next_of_port = bucket.first
        bucket.first = binding
        self.count += 1

    def remove(self, wanted: Binding) -> None:
        """Gives a claim back; its port is then 0. Nothing happens where there is none."""
        if wanted.port == 0:
            return
        bucket = self.buckets[wanted.port % len(self.buckets)]
        before: Binding | None = None
        binding = bucket.first
        while binding is not None and binding is not wanted:
            before = binding
            binding = binding.next_of_port
        wanted.port = 0
        if binding is None:
            return
        if before is None:
            bucket.first = wanted.next_of_port
        else:
            before.next_of_port = wanted.next_of_port
        wanted.next_of_port = None
        self.count -= 1

    def _grow(self) -> None:
        """Doubles the buckets; stays as it is where memory is gone."""
        old = self.buckets
        try:
            self.buckets = allocate_span(self.allocator, PortBucket, 2 * len(old))
        except OSError:
            return
        for bucket in old:
            binding = bucket.first
            while binding is not None:
                following = binding.next_of_port
                place = self.buckets[binding.port % len(self.buckets)]
                binding.next_of_port = place.first
                place.first = binding
                binding = following
        release(self.allocator, old)


@struct
class PortBucket:
    """The bindings of some ports."""

    first: Binding | None = None
