"""System calls that send and receive messages."""

from __future__ import annotations

from abi.errno import ENOSYS
from bare import i32, raises, u32, u64, usize
from kernel.arch.aarch64.layout import UserAddr
from kernel.syscall.call import Call


@raises()
def sendto(
    call: Call,
    fd: i32,
    buffer: UserAddr,
    count: usize,
    flags: u32,
    address: UserAddr,
    address_size: usize,
) -> u64:
    """Sends; a datagram whole, of a stream as much as there is room for."""
    raise OSError(ENOSYS)


@raises()
def recvfrom(
    call: Call,
    fd: i32,
    buffer: UserAddr,
    count: usize,
    flags: u32,
    address: UserAddr,
    address_size: UserAddr,
) -> u64:
    """Receives a datagram, or what a stream has; 0: the other end sends no more."""
    raise OSError(ENOSYS)


@raises()
def sendmsg(call: Call, fd: i32, message: UserAddr, flags: u32) -> u64:
    """Sends from several buffers, to the message's address."""
    raise OSError(ENOSYS)


@raises()
def recvmsg(call: Call, fd: i32, message: UserAddr, flags: u32) -> u64:
    """Receives into several buffers, with address, flags and control data (IP_PKTINFO)."""
    raise OSError(ENOSYS)


@raises()
def sendmmsg(call: Call, fd: i32, messages: UserAddr, count: usize, flags: u32) -> u64:
    """Sends several messages; returns how many."""
    raise OSError(ENOSYS)


@raises()
def recvmmsg(
    call: Call,
    fd: i32,
    messages: UserAddr,
    count: usize,
    flags: u32,
    timeout: UserAddr,
) -> u64:
    """Receives several messages; returns how many. `timeout` is looked at after each of them."""
    raise OSError(ENOSYS)
