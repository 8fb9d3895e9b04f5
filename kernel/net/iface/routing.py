"""Which way a packet goes: RFC 1122, 3.3.1."""

from __future__ import annotations

from abi.errno import ENETUNREACH
from bare import raises
from kernel.net.iface.interface import Interface, Path
from kernel.net.iface.layer import Ipv4Layer
from kernel.net.wire.address import (
    ANY_ADDRESS,
    LIMITED_BROADCAST,
    is_loopback,
    is_unicast,
)


@raises(ENETUNREACH)
def find_path(layer: Ipv4Layer, path: Path) -> None:
    """Fills in which way packets to `path.destination` go; a source that is set stays.

    ENETUNREACH where no interface or route leads there.
    """
    path.interface = None
    path.neighbour_generation = 0
    path.is_broadcast = False
    if is_loopback(path.destination) or layer.interface_of(path.destination) is not None:
        _find_own(layer, path)
    elif path.destination == LIMITED_BROADCAST:
        path.is_broadcast = True
        _choose(layer, path, path.bound if path.bound is not None else _first_network(layer))
    elif is_unicast(path.destination):
        _find_remote(layer, path)
    else:
        raise OSError(ENETUNREACH)
    path.generation = layer.generation
    path.identification = layer.random_u16()


@raises(ENETUNREACH)
def _find_own(layer: Ipv4Layer, path: Path) -> None:
    """To ourselves: over the loopback, from the same address unless another is set."""
    if path.source == ANY_ADDRESS:
        path.source = path.destination
    path.next_hop = path.destination
    _choose(layer, path, layer.loopback)


@raises(ENETUNREACH)
def _find_remote(layer: Ipv4Layer, path: Path) -> None:
    """To a neighbour, or to the gateway of the longest prefix."""
    link = _find_link(layer, path)
    route = layer.routes.find(path.destination, path.bound)
    path.next_hop = path.destination
    if link is not None and (route is None or route.length <= link.prefix_length):
        path.is_broadcast = link.is_broadcast(path.destination)
        _choose(layer, path, link)
        return
    if route is None:
        raise OSError(ENETUNREACH)
    if route.gateway != ANY_ADDRESS:
        path.next_hop = route.gateway
    _choose(layer, path, route.interface)


def _find_link(layer: Ipv4Layer, path: Path) -> Interface | None:
    """Returns the interface whose network the destination is in: that of the longest prefix."""
    found: Interface | None = None
    interface = layer.interfaces
    while interface is not None:
        is_wanted = path.bound is None or path.bound is interface
        if is_wanted and interface.is_up and interface.is_on_link(path.destination):
            if found is None or found.prefix_length < interface.prefix_length:
                found = interface
        interface = interface.next
    return found


def _first_network(layer: Ipv4Layer) -> Interface | None:
    """Returns the first interface that is up and leads out of the machine."""
    interface = layer.interfaces
    while interface is not None:
        if interface.is_up and not interface.device.is_loopback:
            return interface
        interface = interface.next
    return None


@raises(ENETUNREACH)
def _choose(layer: Ipv4Layer, path: Path, interface: Interface | None) -> None:
    """Settles on an interface, and the source with it."""
    if interface is None or not interface.is_up:
        raise OSError(ENETUNREACH)
    if path.source == ANY_ADDRESS:
        path.source = interface.address
    if is_loopback(path.source) and not interface.device.is_loopback:
        raise OSError(ENETUNREACH)
    path.interface = interface
    path.mtu = interface.mtu()
