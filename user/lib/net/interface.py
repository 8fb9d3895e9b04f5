"""`InterfaceControl`: configures a network interface by `ioctl` on a socket of its own.

Changing needs the capabilities CONSOLE and NET: EPERM. An interface that is not there: ENODEV.
"""

from __future__ import annotations

from abi.network import (
    IFF_UP,
    INTERFACE_NAME_SIZE,
    RTF_GATEWAY,
    RTF_UP,
    SIOCADDRT,
    SIOCGIFADDR,
    SIOCGIFFLAGS,
    SIOCGIFHWADDR,
    SIOCSIFADDR,
    SIOCSIFFLAGS,
    SIOCSIFNETMASK,
    InterfaceRequest,
    RouteEntry,
)
from abi.socket import SO_BINDTODEVICE, SOL_SOCKET
from bare import Bytes, Span, i32, load_u16, raises, store_u16, struct, u8, u16, u32
from bare.unsafe import address_of
from user.lib import socket, sys
from user.lib.net.address import prefix_mask
from user.lib.socket import ADDRESS_SIZE, Endpoint

HARDWARE_OFFSET = 2
HARDWARE_SIZE = 6


@struct
class InterfaceControl:
    """One interface. Make it with `open`; end with `close`."""

    name: Bytes = b""
    descriptor: i32 = -1

    @raises()
    def open(self, name: Bytes) -> None:
        """Begins with an interface called `name`, of at most 15 bytes."""
        self.name = name[: min(len(name), INTERFACE_NAME_SIZE - 1)]
        self.descriptor = socket.open_udp()

    @raises()
    def close(self) -> None:
        """Gives the socket back."""
        sys.close(self.descriptor)

    @raises()
    def read_hardware(self, into: Span[u8]) -> None:
        """Reads the Ethernet address."""
        request = InterfaceRequest()
        self._ask(SIOCGIFHWADDR, request)
        into.copy_from(request.value[HARDWARE_OFFSET : HARDWARE_OFFSET + HARDWARE_SIZE])

    @raises()
    def read_address(self) -> u32:
        """Returns the IPv4 address; EADDRNOTAVAIL where there is none."""
        request = InterfaceRequest()
        self._ask(SIOCGIFADDR, request)
        endpoint = Endpoint()
        endpoint.decode(request.value[:ADDRESS_SIZE])
        return endpoint.address

    @raises()
    def set_up(self) -> None:
        """Lets packets through."""
        request = InterfaceRequest()
        self._ask(SIOCGIFFLAGS, request)
        store_u16(request.value, 0, load_u16(request.value, 0) | u16(IFF_UP))
        self._ask(SIOCSIFFLAGS, request)

    @raises()
    def set_address(self, address: u32, prefix: u32) -> None:
        """Gives it its address and network; address 0 takes them away. Routes are lost."""
        request = InterfaceRequest()
        Endpoint(address, 0).encode(request.value)
        self._ask(SIOCSIFADDR, request)
        if address != 0:
            Endpoint(prefix_mask(prefix), 0).encode(request.value)
            self._ask(SIOCSIFNETMASK, request)

    @raises()
    def set_gateway(self, gateway: u32) -> None:
        """Sends everything that is not for a neighbour to `gateway`."""
        route = RouteEntry()
        Endpoint().encode(route.destination)
        Endpoint(gateway, 0).encode(route.gateway)
        Endpoint().encode(route.mask)
        route.flags = RTF_UP | RTF_GATEWAY
        # SAFETY: SIOCADDRT reads one RouteEntry, which lives in this frame.
        sys.ioctl(self.descriptor, SIOCADDRT, address_of(route))

    @raises()
    def _ask(self, command: u32, request: InterfaceRequest) -> None:
        request.name.fill(0)
        request.name[: len(self.name)].copy_from(self.name)
        # SAFETY: these requests read and write one InterfaceRequest, which the caller holds.
        sys.ioctl(self.descriptor, command, address_of(request))


@raises()
def bind_to_interface(descriptor: i32, name: Bytes) -> None:
    """Has a socket use one interface only."""
    sys.setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name)
