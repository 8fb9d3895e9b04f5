"""`ioctl` on a socket that is about interfaces and routes. Linux, netdevice(7), net/ipv4/devinet.c.

Whoever has a socket may look; who changes something needs CAP_CONSOLE besides CAP_NET: EPERM.
"""

from __future__ import annotations

from abi.capability import CAP_CONSOLE, CAP_NET
from abi.errno import EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENODEV, ENOTTY
from abi.network import (
    ARPHRD_ETHER,
    ARPHRD_LOOPBACK,
    IFF_BROADCAST,
    IFF_LOOPBACK,
    IFF_RUNNING,
    IFF_UP,
    INTERFACE_NAME_SIZE,
    RTF_GATEWAY,
    SIOCADDRT,
    SIOCDELRT,
    SIOCGIFADDR,
    SIOCGIFBRDADDR,
    SIOCGIFCONF,
    SIOCGIFFLAGS,
    SIOCGIFHWADDR,
    SIOCGIFINDEX,
    SIOCGIFMTU,
    SIOCGIFNAME,
    SIOCGIFNETMASK,
    SIOCSIFADDR,
    SIOCSIFFLAGS,
    SIOCSIFNETMASK,
    InterfaceList,
    InterfaceRequest,
    RouteEntry,
)
from abi.socket import AF_INET
from bare import (
    Array,
    Bytes,
    Span,
    array,
    i32,
    load_u16,
    load_u32,
    load_u32_be,
    raises,
    size_of,
    store_u16,
    store_u32,
    store_u32_be,
    u8,
    u16,
    u32,
    usize,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.device.net import ETHERNET_ADDRESS_SIZE
from kernel.mm.user_copy import copy_in, copy_out, object_bytes
from kernel.net.iface.interface import Interface
from kernel.net.socket.socket import find_interface
from kernel.net.stack import NetStack
from kernel.net.wire.address import ANY_ADDRESS, prefix_length, prefix_mask
from kernel.syscall.call import Call

FIRST_REQUEST: u32 = 0x8900
LAST_REQUEST: u32 = 0x89FF
CHANGES: tuple[u32, ...] = (SIOCADDRT, SIOCDELRT, SIOCSIFADDR, SIOCSIFFLAGS, SIOCSIFNETMASK)
SOCKET_ADDRESS_SIZE: usize = 16


def is_network_request(request: u32) -> bool:
    """Whether a request is one of those here."""
    return FIRST_REQUEST <= request <= LAST_REQUEST


@raises()
def network_ioctl(call: Call, request: u32, argument: UserAddr) -> None:
    """Does a request. EADDRNOTAVAIL, EEXIST, EFAULT, ENETUNREACH, ENODEV, ENOTTY, EPERM, ESRCH."""
    if request in CHANGES:
        call.require(CAP_NET | CAP_CONSOLE)
    stack = call.services.sockets.stack
    if request == SIOCGIFCONF:
        list_interfaces(stack, argument)
    elif request in (SIOCADDRT, SIOCDELRT):
        change_route(stack, request, argument)
    else:
        change_interface(stack, request, argument)


@raises()
def change_interface(stack: NetStack, request: u32, argument: UserAddr) -> None:
    """Does a request about one interface, which it names."""
    record = InterfaceRequest()
    data = object_bytes(record, size_of(InterfaceRequest))
    copy_in(data, argument)
    with stack.lock:
        interface = named_interface(stack, request, record)
        if request in CHANGES:
            set_property(stack, interface, request, record.value)
            stack.flush()
            return
        get_property(interface, request, record)
    copy_out(argument, data)


@raises(ENODEV)
def named_interface(stack: NetStack, request: u32, record: InterfaceRequest) -> Interface:
    """Returns the interface that a request names, by index for SIOCGIFNAME. Lock held."""
    if request == SIOCGIFNAME:
        interface = find_interface(stack, load_u32(record.value, 0))
    else:
        interface = stack.find_interface(terminated(record.name))
    if interface is None:
        raise OSError(ENODEV)
    return interface


def terminated(name: Span[u8]) -> Bytes:
    """Returns what stands before the first NUL."""
    length: usize = 0
    while length < len(name) and name[length] != 0:
        length += 1
    return name[:length]


@raises()
def set_property(stack: NetStack, interface: Interface, request: u32, value: Span[u8]) -> None:
    """Changes an interface. Lock held."""
    if request == SIOCSIFFLAGS:
        if u32(load_u16(value, 0)) & IFF_UP != 0:
            stack.set_up(interface)
        else:
            stack.set_down(interface)
        return
    address = read_ipv4(value)
    if request == SIOCSIFADDR:
        length = default_length(address)
        stack.set_address(interface, address, length)
        return
    length = prefix_length(address)
    if length > 32:
        raise OSError(EINVAL)
    stack.set_address(interface, interface.address, length)


@raises(ENOTTY, EADDRNOTAVAIL)
def get_property(interface: Interface, request: u32, record: InterfaceRequest) -> None:
    """Fills in a property. Lock held."""
    value = record.value
    if request == SIOCGIFNAME:
        write_name(interface, record.name)
    elif request == SIOCGIFFLAGS:
        store_u16(value, 0, u16(flags_of(interface)))
    elif request == SIOCGIFADDR:
        if interface.address == ANY_ADDRESS:
            raise OSError(EADDRNOTAVAIL)
        write_ipv4(value, interface.address)
    elif request == SIOCGIFNETMASK:
        write_ipv4(value, prefix_mask(interface.prefix_length))
    elif request == SIOCGIFBRDADDR:
        write_ipv4(value, interface.broadcast_address())
    elif request == SIOCGIFMTU:
        store_u32(value, 0, interface.mtu())
    elif request == SIOCGIFINDEX:
        store_u32(value, 0, interface.index)
    elif request == SIOCGIFHWADDR:
        value.fill(0)
        store_u16(value, 0, ARPHRD_LOOPBACK if interface.device.is_loopback else ARPHRD_ETHER)
        value[2 : 2 + ETHERNET_ADDRESS_SIZE].copy_from(interface.device.address)
    else:
        raise OSError(ENOTTY)


def write_name(interface: Interface, into: Span[u8]) -> None:
    """Writes an interface's name with its end."""
    into.fill(0)
    name = interface.text()
    into[: len(name)].copy_from(name)


def flags_of(interface: Interface) -> u32:
    """Returns IFF_*."""
    flags = IFF_LOOPBACK if interface.device.is_loopback else IFF_BROADCAST
    if interface.is_up:
        flags |= IFF_UP
        if interface.device.is_up:
            flags |= IFF_RUNNING
    return flags


@raises()
def list_interfaces(stack: NetStack, argument: UserAddr) -> None:
    """Writes name and address of every interface that has one, as many as there is room for."""
    record = InterfaceList()
    data = object_bytes(record, size_of(InterfaceList))
    copy_in(data, argument)
    room = usize(max(record.size_bytes, 0))
    index: u32 = 1
    done: usize = 0
    while True:
        entry = InterfaceRequest()
        with stack.lock:
            interface = find_interface(stack, index)
            if interface is None:
                break
            write_name(interface, entry.name)
            write_ipv4(entry.value, interface.address)
            has_address = interface.address != ANY_ADDRESS
        index += 1
        if not has_address:
            continue
        if record.buffer == 0:
            # Only asks how much room is needed.
            done += size_of(InterfaceRequest)
        elif done + size_of(InterfaceRequest) <= room:
            copy_out(record.buffer + done, object_bytes(entry, size_of(InterfaceRequest)))
            done += size_of(InterfaceRequest)
    record.size_bytes = i32(done)
    copy_out(argument, data)


@raises()
def change_route(stack: NetStack, request: u32, argument: UserAddr) -> None:
    """Adds or removes a route."""
    record = RouteEntry()
    copy_in(object_bytes(record, size_of(RouteEntry)), argument)
    name: Array[u8] = array(INTERFACE_NAME_SIZE)
    if record.device != 0:
        read_name(name, record.device)
    gateway = ANY_ADDRESS
    if record.flags & RTF_GATEWAY != 0:
        gateway = read_ipv4(record.gateway)
    prefix = read_ipv4(record.destination)
    length = prefix_length(load_u32_be(record.mask, 4))
    if length > 32:
        raise OSError(EINVAL)
    with stack.lock:
        if request == SIOCDELRT:
            stack.remove_route(prefix, length, gateway)
        else:
            interface = route_interface(stack, terminated(name), gateway)
            stack.add_route(prefix, length, gateway, interface)
        stack.flush()


@raises()
def read_name(into: Span[u8], address: UserAddr) -> None:
    """Reads an interface's name, byte by byte, since it may end just before what is not mapped."""
    for index in range(len(into) - 1):
        copy_in(into[index : index + 1], address + index)
        if into[index] == 0:
            return


@raises(ENODEV)
def route_interface(stack: NetStack, name: Bytes, gateway: u32) -> Interface:
    """Returns the named interface, or without a name the one that the gateway is beside."""
    if len(name) > 0:
        interface = stack.find_interface(name)
    else:
        interface = stack.interfaces
        while interface is not None and not interface.is_on_link(gateway):
            interface = interface.next
    if interface is None:
        raise OSError(ENODEV)
    return interface


@raises(EAFNOSUPPORT)
def read_ipv4(value: Bytes) -> u32:
    """Returns the address of a `SocketAddress`."""
    if load_u16(value, 0) != AF_INET:
        raise OSError(EAFNOSUPPORT)
    return load_u32_be(value, 4)


def write_ipv4(value: Span[u8], address: u32) -> None:
    """Writes a `SocketAddress` without a port."""
    value[:SOCKET_ADDRESS_SIZE].fill(0)
    store_u16(value, 0, AF_INET)
    store_u32_be(value, 4, address)


def default_length(address: u32) -> u32:
    """Returns the prefix length that an address had before there were masks. RFC 791, 3.2."""
    if address == ANY_ADDRESS:
        return 0
    if address >> 31 == 0:
        return 8
    return 16 if address >> 30 == 2 else 24
