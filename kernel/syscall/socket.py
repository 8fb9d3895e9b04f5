"""System calls on sockets."""

from __future__ import annotations

from abi.errno import ENOSYS
from bare import i32, raises, u32, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.syscall.call import Call


@raises()
def socket(call: Call, family: i32, kind: u32, protocol: i32) -> i32:
    """Makes a socket: AF_INET and SOCK_STREAM, SOCK_DGRAM, or SOCK_DGRAM with IPPROTO_ICMP."""
    raise OSError(ENOSYS)


@raises()
def bind(call: Call, fd: i32, address: UserAddr, address_size: usize) -> None:
    """Gives a socket its local address and port; port 0 chooses a free one."""
    raise OSError(ENOSYS)


@raises()
def listen(call: Call, fd: i32, backlog: i32) -> None:
    """Makes a TCP socket take connections; `backlog` of them may wait."""
    raise OSError(ENOSYS)


@raises()
def accept(call: Call, fd: i32, address: UserAddr, address_size: UserAddr) -> i32:
    """Takes the first connection that waits and returns its descriptor."""
    raise OSError(ENOSYS)


@raises()
def accept4(call: Call, fd: i32, address: UserAddr, address_size: UserAddr, flags: u32) -> i32:
    """Same, with SOCK_CLOEXEC and SOCK_NONBLOCK in `flags`."""
    raise OSError(ENOSYS)


@raises()
def connect(call: Call, fd: i32, address: UserAddr, address_size: usize) -> None:
    """Opens a TCP connection, or sets where a datagram socket sends and what it receives."""
    raise OSError(ENOSYS)


@raises()
def getsockname(call: Call, fd: i32, address: UserAddr, address_size: UserAddr) -> None:
    """Tells the local address; `address_size` says the room, then the size."""
    raise OSError(ENOSYS)


@raises()
def getpeername(call: Call, fd: i32, address: UserAddr, address_size: UserAddr) -> None:
    """Tells the other end's address."""
    raise OSError(ENOSYS)


@raises()
def setsockopt(
    call: Call,
    fd: i32,
    level: u32,
    name: u32,
    value: UserAddr,
    value_size: usize,
) -> None:
    """Sets an option."""
    raise OSError(ENOSYS)


@raises()
def getsockopt(
    call: Call,
    fd: i32,
    level: u32,
    name: u32,
    value: UserAddr,
    value_size: UserAddr,
) -> None:
    """Tells an option; `value_size` says the room, then the size."""
    raise OSError(ENOSYS)


@raises()
def shutdown(call: Call, fd: i32, how: i32) -> None:
    """Ends receiving (SHUT_RD), sending (SHUT_WR), or both."""
    raise OSError(ENOSYS)


@raises()
def sockstat(call: Call, records: UserAddr, capacity: usize, record_size: usize) -> u64:
    """Describes up to `capacity` sockets and connections; returns how many exist."""
    raise OSError(ENOSYS)
