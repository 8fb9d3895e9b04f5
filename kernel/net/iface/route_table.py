"""`RouteTable`: which gateway leads to what is not on a link of ours. RFC 1122, 3.3.1."""

from __future__ import annotations

from abi.errno import EEXIST, ENOBUFS, ENOMEM, ESRCH
from bare import Allocator, allocate, raises, release, struct, u32
from kernel.net.iface.interface import Interface
from kernel.net.wire.address import Ipv4Address, has_prefix

ROUTE_LIMIT: u32 = 64
"""Routes; a search looks at all."""


@struct
class Route:
    """A way to a prefix."""

    prefix: Ipv4Address = 0
    length: u32 = 0
    """Bits of the prefix; 0: the default route."""
    gateway: Ipv4Address = 0
    """0: the network is on the link."""
    interface: Interface | None = None
    next: Route | None = None


@struct
class RouteTable:
    """Routes, the longest prefixes first, older before newer ones of a length."""

    allocator: Allocator
    first: Route | None = None
    count: u32 = 0

    def find(self, destination: Ipv4Address, wanted: Interface | None) -> Route | None:
        """Returns the best route to a destination, through an interface where one is wanted."""
        route = self.first
        while route is not None:
            if has_prefix(route.prefix, route.length, destination):
                interface = route.interface
                is_wanted = wanted is None or wanted is interface
                if is_wanted and interface is not None and interface.is_up:
                    return route
            route = route.next
        return None

    def has_gateway(self, address: Ipv4Address) -> bool:
        """Whether any route leads through an address."""
        route = self.first
        while route is not None:
            if route.gateway == address:
                return True
            route = route.next
        return False

    @raises(EEXIST, ENOBUFS, ENOMEM)
    def add(
        self, prefix: Ipv4Address, length: u32, gateway: Ipv4Address, interface: Interface
    ) -> None:
        """Adds a route; EEXIST where it is there, ENOBUFS where there are too many."""
        if self._find_exact(prefix, length, gateway) is not None:
            raise OSError(EEXIST)
        if self.count >= ROUTE_LIMIT:
            raise OSError(ENOBUFS)
        route = allocate(self.allocator, Route)
        route.prefix = prefix
        route.length = length
        route.gateway = gateway
        route.interface = interface
        before: Route | None = None
        after = self.first
        while after is not None and after.length >= length:
            before = after
            after = after.next
        route.next = after
        if before is None:
            self.first = route
        else:
            before.next = route
        self.count += 1

    @raises(ESRCH)
    def remove(self, prefix: Ipv4Address, length: u32, gateway: Ipv4Address) -> None:
        """Takes a route away; gateway 0 means any."""
        route = self._find_exact(prefix, length, gateway)
        if route is None:
            raise OSError(ESRCH)
        self._unlink(route)

    def remove_through(self, interface: Interface) -> None:
        """Takes away all routes through an interface."""
        route = self.first
        while route is not None:
            following = route.next
            if route.interface is interface:
                self._unlink(route)
            route = following

    def _find_exact(self, prefix: Ipv4Address, length: u32, gateway: Ipv4Address) -> Route | None:
        route = self.first
        while route is not None:
            if route.prefix == prefix and route.length == length:
                if gateway == 0 or route.gateway == gateway:
                    return route
            route = route.next
        return None

    def _unlink(self, wanted: Route) -> None:
        self.count -= 1
        if self.first is wanted:
            self.first = wanted.next
        else:
            route = self.first
            while route is not None:
                if route.next is wanted:
                    route.next = wanted.next
                route = route.next
        release(self.allocator, wanted)
