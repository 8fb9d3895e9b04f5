"""Arguments of the calls on sockets: descriptors, addresses, options."""

from __future__ import annotations

from abi.capability import CAP_NET
from abi.errno import EACCES, EAFNOSUPPORT, EFAULT, EINVAL, ENOTSOCK
from abi.socket import AF_INET, AF_UNSPEC, SocketAddress
from bare import i32, raises, size_of, u16, u32, usize, wrap_i32
from kernel.arch.aarch64.layout import UserAddr
from kernel.mm.user_copy import copy_in, copy_out, object_bytes, read_user_u32, write_user_u32
from kernel.net.socket.socket import Socket, SocketName
from kernel.syscall.call import Call

LARGEST_ADDRESS: usize = 128
"""Bytes of the largest address of any family: `struct sockaddr_storage`."""


@raises(EACCES)
def require_network(call: Call) -> None:
    """Refuses a caller that may not use sockets; the refusal is logged."""
    if not call.process.credentials.demand(CAP_NET):
        raise OSError(EACCES)


@raises()
def socket_of(call: Call, fd: i32) -> Socket:
    """Returns the socket of a descriptor, with a reference. EACCES, EBADF, ENOTSOCK."""
    require_network(call)
    file = call.process.files.get(fd)
    if not isinstance(file, Socket):
        file.put()
        raise OSError(ENOTSOCK)
    return file


@raises(EAFNOSUPPORT, EFAULT, EINVAL)
def read_address(into: SocketAddress, address: UserAddr, size: usize) -> None:
    """Reads an address; AF_UNSPEC needs no more than its family."""
    if not 2 <= size <= LARGEST_ADDRESS:
        raise OSError(EINVAL)
    data = object_bytes(into, size_of(SocketAddress))
    copy_in(data[: min(size, size_of(SocketAddress))], address)
    if into.family == AF_UNSPEC:
        return
    if size < size_of(SocketAddress):
        raise OSError(EINVAL)
    if into.family != AF_INET:
        raise OSError(EAFNOSUPPORT)


@raises(EFAULT, EINVAL)
def write_address(target: UserAddr, size: UserAddr, name: SocketName) -> None:
    """Writes as much of an address as the program has room for, and its size."""
    room = wrap_i32(read_user_u32(size))
    if room < 0:
        raise OSError(EINVAL)
    answer = SocketAddress()
    answer.family = AF_INET
    answer.address = name.address
    answer.port = u16(name.port)
    data = object_bytes(answer, size_of(SocketAddress))
    copy_out(target, data[: min(usize(room), len(data))])
    write_user_u32(size, u32(len(data)))
