"""Options of level SOL_SOCKET: read from and written to what a program passes.

Values are checked here; nothing about them is trusted. Linux, net/core/sock.c.
"""

from __future__ import annotations

from abi.errno import EDOM, EINVAL, ENODEV, ENOPROTOOPT
from abi.socket import (
    SO_BINDTODEVICE,
    SO_BROADCAST,
    SO_DEBUG,
    SO_DONTROUTE,
    SO_KEEPALIVE,
    SO_LINGER,
    SO_OOBINLINE,
    SO_PRIORITY,
    SO_RCVBUF,
    SO_RCVLOWAT,
    SO_RCVTIMEO,
    SO_REUSEADDR,
    SO_REUSEPORT,
    SO_SNDBUF,
    SO_SNDTIMEO,
)
from bare import (
    Bytes,
    Span,
    i32,
    i64,
    load_i32,
    load_i64,
    raises,
    store_i32,
    store_i64,
    u8,
    u32,
    u64,
    usize,
)
from kernel.net.socket.socket_options import SocketOptions
from kernel.net.stack import NetStack

SMALLEST_BUFFER: u32 = 2304
"""Bytes of SO_RCVBUF and SO_SNDBUF at least."""
LARGEST_BUFFER: u32 = 4 << 20
NS_PER_S: u64 = 1_000_000_000
US_PER_S: i64 = 1_000_000
LONGEST_TIMEOUT_S: i64 = 1 << 32


@raises(EINVAL)
def read_integer(value: Bytes) -> i32:
    """Returns the value of an option that is an `int`."""
    if len(value) < 4:
        raise OSError(EINVAL)
    return load_i32(value, 0)


@raises(EINVAL)
def read_flag(value: Bytes) -> bool:
    """Returns the value of an option that is on or off."""
    return read_integer(value) != 0


def write_integer(into: Span[u8], value: i32) -> usize:
    """Writes a value; returns its size. `into` has room for any option."""
    store_i32(into, 0, value)
    return 4


def write_flag(into: Span[u8], value: bool) -> usize:
    """Writes 1 or 0."""
    return write_integer(into, 1 if value else 0)


@raises()
def set_common_option(options: SocketOptions, stack: NetStack, name: u32, value: Bytes) -> None:
    """Sets an option of level SOL_SOCKET."""
    if name == SO_REUSEADDR:
        options.can_reuse_address = read_flag(value)
    elif name == SO_REUSEPORT:
        options.can_reuse_port = read_flag(value)
    elif name == SO_BROADCAST:
        options.may_broadcast = read_flag(value)
    elif name == SO_KEEPALIVE:
        options.is_keepalive = read_flag(value)
    elif name == SO_PRIORITY:
        options.priority = u32(max(read_integer(value), 0))
    elif name == SO_RCVBUF:
        options.receive_limit = read_buffer_size(value)
    elif name == SO_SNDBUF:
        options.send_limit = read_buffer_size(value)
    elif name == SO_RCVTIMEO:
        options.receive_timeout_ns = read_timeout(value)
    elif name == SO_SNDTIMEO:
        options.send_timeout_ns = read_timeout(value)
    elif name == SO_LINGER:
        set_linger(options, value)
    elif name == SO_BINDTODEVICE:
        bind_to_device(options, stack, value)
    elif name in (SO_DEBUG, SO_DONTROUTE, SO_OOBINLINE):
        # What they ask for is not there; switching them off is no change.
        if read_flag(value):
            raise OSError(EINVAL)
    elif name == SO_RCVLOWAT:
        if read_integer(value) not in (0, 1):
            raise OSError(EINVAL)
    else:
        raise OSError(ENOPROTOOPT)


@raises(ENOPROTOOPT)
def get_common_option(options: SocketOptions, stack: NetStack, name: u32, into: Span[u8]) -> usize:
    """Writes the value of an option of level SOL_SOCKET; returns its size."""
    if name == SO_REUSEADDR:
        return write_flag(into, options.can_reuse_address)
    if name == SO_REUSEPORT:
        return write_flag(into, options.can_reuse_port)
    if name == SO_BROADCAST:
        return write_flag(into, options.may_broadcast)
    if name == SO_KEEPALIVE:
        return write_flag(into, options.is_keepalive)
    if name == SO_PRIORITY:
        return write_integer(into, i32(options.priority))
    if name == SO_RCVLOWAT:
        return write_integer(into, 1)
    if name in (SO_DEBUG, SO_DONTROUTE, SO_OOBINLINE):
        return write_integer(into, 0)
    if name == SO_RCVTIMEO:
        return write_timeout(into, options.receive_timeout_ns)
    if name == SO_SNDTIMEO:
        return write_timeout(into, options.send_timeout_ns)
    if name == SO_LINGER:
        write_flag(into, options.is_linger)
        store_i32(into, 4, i32(options.linger_s))
        return 8
    if name == SO_BINDTODEVICE:
        return write_device(options, stack, into)
    raise OSError(ENOPROTOOPT)


@raises(EINVAL)
def read_buffer_size(value: Bytes) -> u32:
    """Returns a queue's limit: twice what is asked for, since memory counts and not bytes."""
    wanted = read_integer(value)
    if wanted < 0:
        return LARGEST_BUFFER
    return max(min(u32(wanted), LARGEST_BUFFER // 2) * 2, SMALLEST_BUFFER)


@raises(EDOM, EINVAL)
def read_timeout(value: Bytes) -> u64:
    """Returns a `struct timeval` in nanoseconds; 0 means none."""
    if len(value) < 16:
        raise OSError(EINVAL)
    seconds = load_i64(value, 0)
    microseconds = load_i64(value, 8)
    if not 0 <= microseconds < US_PER_S:
        raise OSError(EDOM)
    if seconds < 0:
        # Linux: a time that is over. The next look ends the wait.
        return 1
    return u64(min(seconds, LONGEST_TIMEOUT_S)) * NS_PER_S + u64(microseconds) * 1000


def write_timeout(into: Span[u8], timeout_ns: u64) -> usize:
    """Writes a `struct timeval`."""
    store_i64(into, 0, i64(timeout_ns // NS_PER_S))
    store_i64(into, 8, i64(timeout_ns % NS_PER_S // 1000))
    return 16


@raises(EINVAL)
def set_linger(options: SocketOptions, value: Bytes) -> None:
    """Sets what `close` does with data that is not sent."""
    if len(value) < 8:
        raise OSError(EINVAL)
    options.is_linger = load_i32(value, 0) != 0
    options.linger_s = u32(max(load_i32(value, 4), 0))


@raises(ENODEV)
def bind_to_device(options: SocketOptions, stack: NetStack, value: Bytes) -> None:
    """Lets a socket use one interface only; an empty name means any."""
    length: usize = 0
    while length < len(value) and value[length] != 0:
        length += 1
    if length == 0:
        options.interface = 0
        return
    with stack.lock:
        interface = stack.find_interface(value[:length])
        if interface is None:
            raise OSError(ENODEV)
        options.interface = interface.index


def write_device(options: SocketOptions, stack: NetStack, into: Span[u8]) -> usize:
    """Writes the name of the interface that a socket is bound to, with its end; nothing if none."""
    with stack.lock:
        interface = stack.interfaces
        while interface is not None:
            if interface.index == options.interface:
                name = interface.text()
                into[: len(name)].copy_from(name)
                into[len(name)] = 0
                return len(name) + 1
            interface = interface.next
    return 0
