"""System calls that make, connect and configure sockets."""

from __future__ import annotations

from abi.errno import EAFNOSUPPORT, EINVAL
from abi.socket import (
    AF_UNSPEC,
    SHUT_RDWR,
    SOCK_CLOEXEC,
    SOCK_NONBLOCK,
    SOCK_TYPE_MASK,
    SocketAddress,
    SocketInfo,
)
from bare import (
    Array,
    allocate_span,
    array,
    i32,
    invert,
    raises,
    release,
    size_of,
    u8,
    u32,
    usize,
    wrap_i32,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import copy_in, copy_out, object_bytes, read_user_u32, write_user_u32
from kernel.net.socket.inventory import count_sockets, list_sockets
from kernel.net.socket.socket import OPTION_ROOM, SocketName
from kernel.syscall.call import Call
from kernel.syscall.socket_argument import (
    read_address,
    require_network,
    socket_of,
    write_address,
)
from kernel.syscall.statistics import copy_record

KIND_FLAGS: u32 = SOCK_CLOEXEC | SOCK_NONBLOCK


@raises()
def socket(call: Call, family: i32, kind: u32, protocol: i32) -> i32:
    """Makes a socket."""
    require_network(call)
    if kind & invert(SOCK_TYPE_MASK | KIND_FLAGS) != 0:
        raise OSError(EINVAL)
    process = call.process
    made = call.services.sockets.make_socket(
        family, kind, protocol, process.pid, process.credentials.principal
    )
    return process.files.add(made, 0, kind & SOCK_CLOEXEC != 0)


@raises()
def bind(call: Call, fd: i32, address: UserAddr, address_size: usize) -> None:
    """Gives a socket its local address."""
    target = socket_of(call, fd)
    try:
        wanted = SocketAddress()
        read_address(wanted, address, address_size)
        if address_size < size_of(SocketAddress):
            raise OSError(EINVAL)
        # AF_UNSPEC with no address means AF_INET, as on Linux.
        if wanted.family == AF_UNSPEC and wanted.address != 0:
            raise OSError(EAFNOSUPPORT)
        target.bind(wanted.address, wanted.port)
    finally:
        target.put()


@raises()
def listen(call: Call, fd: i32, backlog: i32) -> None:
    """Makes a socket take connections."""
    target = socket_of(call, fd)
    try:
        target.listen(backlog)
    finally:
        target.put()


@raises()
def accept(call: Call, fd: i32, address: UserAddr, address_size: UserAddr) -> i32:
    """Takes the first connection that waits."""
    return accept4(call, fd, address, address_size, 0)


@raises()
def accept4(call: Call, fd: i32, address: UserAddr, address_size: UserAddr, flags: u32) -> i32:
    """Takes the first connection that waits; it is closed where its address cannot be told."""
    if flags & invert(KIND_FLAGS) != 0:
        raise OSError(EINVAL)
    listener = socket_of(call, fd)
    try:
        made = listener.accept(flags)
    finally:
        listener.put()
    if address != 0:
        try:
            name = SocketName()
            made.accepted_name(name)
            write_address(address, address_size, name)
        except OSError:
            made.put()
            raise
    return call.process.files.add(made, 0, flags & SOCK_CLOEXEC != 0)


@raises()
def connect(call: Call, fd: i32, address: UserAddr, address_size: usize) -> None:
    """Connects a socket, or with AF_UNSPEC takes that back."""
    target = socket_of(call, fd)
    try:
        wanted = SocketAddress()
        read_address(wanted, address, address_size)
        if wanted.family == AF_UNSPEC:
            target.disconnect()
        else:
            target.connect(wanted.address, wanted.port)
    finally:
        target.put()


@raises()
def getsockname(call: Call, fd: i32, address: UserAddr, address_size: UserAddr) -> None:
    """Tells the local address."""
    target = socket_of(call, fd)
    try:
        name = SocketName()
        target.local_name(name)
        write_address(address, address_size, name)
    finally:
        target.put()


@raises()
def getpeername(call: Call, fd: i32, address: UserAddr, address_size: UserAddr) -> None:
    """Tells the other end's address."""
    target = socket_of(call, fd)
    try:
        name = SocketName()
        target.remote_name(name)
        write_address(address, address_size, name)
    finally:
        target.put()


@raises()
def setsockopt(
    call: Call, fd: i32, level: u32, name: u32, value: UserAddr, value_size: usize
) -> None:
    """Sets an option. More bytes than any option has are not looked at."""
    target = socket_of(call, fd)
    try:
        if wrap_i32(value_size) < 0:
            raise OSError(EINVAL)
        data: Array[u8] = array(OPTION_ROOM)
        known = data[: min(value_size, OPTION_ROOM)]
        copy_in(known, value)
        target.set_option(level, name, known)
    finally:
        target.put()


@raises()
def getsockopt(
    call: Call, fd: i32, level: u32, name: u32, value: UserAddr, value_size: UserAddr
) -> None:
    """Tells an option, as much of it as there is room for."""
    target = socket_of(call, fd)
    try:
        room = wrap_i32(read_user_u32(value_size))
        if room < 0:
            raise OSError(EINVAL)
        data: Array[u8] = array(OPTION_ROOM)
        size = min(target.get_option(level, name, data), usize(room))
        copy_out(value, data[:size])
        write_user_u32(value_size, u32(size))
    finally:
        target.put()


@raises()
def shutdown(call: Call, fd: i32, how: i32) -> None:
    """Ends receiving, sending, or both."""
    target = socket_of(call, fd)
    try:
        if not 0 <= how <= SHUT_RDWR:
            raise OSError(EINVAL)
        target.shutdown(how)
    finally:
        target.put()


@raises()
def sockstat(call: Call, records: UserAddr, capacity: usize, record_size: usize) -> usize:
    """Describes the sockets that the caller may see."""
    layer = call.services.sockets
    heap = call.process.allocator
    wanted = min(capacity, count_sockets(layer))
    found = allocate_span(heap, SocketInfo, max(wanted, 1))
    try:
        total = list_sockets(layer, call.process.credentials, found[:wanted])
        for index in range(min(total, wanted)):
            data = object_bytes(found[index], size_of(SocketInfo))
            copy_record(records + index * record_size, data, record_size)
        return total
    finally:
        release(heap, found)
