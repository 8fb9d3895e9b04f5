"""Options of level IPPROTO_TCP. Linux, net/ipv4/tcp.c."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abi.errno import EINVAL, ENOENT, ENOPROTOOPT
from abi.socket import (
    TCP_CONGESTION,
    TCP_CORK,
    TCP_DEFER_ACCEPT,
    TCP_INFO,
    TCP_KEEPCNT,
    TCP_KEEPIDLE,
    TCP_KEEPINTVL,
    TCP_MAXSEG,
    TCP_NODELAY,
    TCP_QUICKACK,
    TCP_USER_TIMEOUT,
    TcpInfo,
)
from bare import Bytes, Span, i32, raises, size_of, u8, u16, u32, u64, usize, wrap_u32
from kernel.mm.user_copy import object_bytes
from kernel.net.socket.common_options import (
    read_integer,
    write_flag,
    write_integer,
)
from kernel.net.socket.connection import Connection
from kernel.net.socket.tcp_ending import advance
from kernel.net.tcp.application import uncorked
from kernel.net.tcp.settings import MINIMUM_MSS, TcpSettings
from kernel.net.tcp.state import TcpState

if TYPE_CHECKING:
    from kernel.net.socket.tcp_socket import TcpSocket

LONGEST_KEEPALIVE_S: i32 = 32767
MOST_PROBES: i32 = 127
LARGEST_SEGMENT: i32 = 32767
CONGESTION_NAME: bytes = b"reno\0"


@raises(EINVAL, ENOENT, ENOPROTOOPT)
def set_tcp_option(socket: TcpSocket, name: u32, value: Bytes) -> None:
    """Sets an option."""
    if name == TCP_CONGESTION:
        if value[: min(len(value), 4)] != b"reno":
            raise OSError(ENOENT)
        return
    number = read_integer(value)
    with socket.stack.lock:
        settings = socket.current_settings()
        set_setting(socket, settings, name, number)
        connection = socket.connection
        if connection is not None:
            follow(socket, connection, name)


@raises(EINVAL, ENOPROTOOPT)
def set_setting(socket: TcpSocket, settings: TcpSettings, name: u32, number: i32) -> None:
    """Sets an option in settings that may be those of a connection. Lock held."""
    if name == TCP_NODELAY:
        settings.is_no_delay = number != 0
    elif name == TCP_CORK:
        socket.is_corked = number != 0
    elif name == TCP_QUICKACK:
        settings.is_quick_ack = number != 0
    elif name == TCP_KEEPIDLE:
        settings.keepalive_idle_ms = u32(in_range(number, LONGEST_KEEPALIVE_S)) * 1000
    elif name == TCP_KEEPINTVL:
        settings.keepalive_interval_ms = u32(in_range(number, LONGEST_KEEPALIVE_S)) * 1000
    elif name == TCP_KEEPCNT:
        settings.keepalive_probes = u32(in_range(number, MOST_PROBES))
    elif name == TCP_USER_TIMEOUT:
        if number < 0:
            raise OSError(EINVAL)
        settings.user_timeout_ms = u32(number)
    elif name == TCP_MAXSEG:
        if number != 0 and not i32(MINIMUM_MSS) <= number <= LARGEST_SEGMENT:
            raise OSError(EINVAL)
        socket.segment_limit = u16(number)
    elif name != TCP_DEFER_ACCEPT:
        # Nothing is deferred: a connection that has no data yet may be accepted.
        raise OSError(ENOPROTOOPT)


@raises(EINVAL)
def in_range(number: i32, largest: i32) -> i32:
    """Returns a number from 1 to `largest`."""
    if not 1 <= number <= largest:
        raise OSError(EINVAL)
    return number


def follow(socket: TcpSocket, connection: Connection, name: u32) -> None:
    """Has a connection act on a changed option. Lock held."""
    tcp = connection.tcp
    if name in (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT):
        socket.keepalive_changed(connection)
    elif name in (TCP_NODELAY, TCP_CORK):
        was_corked = tcp.settings.is_corked
        tcp.settings.is_corked = socket.is_corked
        if was_corked and not socket.is_corked:
            uncorked(tcp)
        advance(socket.tables, connection, socket.tables.now_ms())
    socket.stack.flush()


@raises(ENOPROTOOPT)
def get_tcp_option(socket: TcpSocket, name: u32, into: Span[u8]) -> usize:
    """Writes an option's value; returns its size."""
    with socket.stack.lock:
        settings = socket.current_settings()
        if name == TCP_NODELAY:
            return write_flag(into, settings.is_no_delay)
        if name == TCP_CORK:
            return write_flag(into, socket.is_corked)
        if name == TCP_QUICKACK:
            return write_flag(into, settings.is_quick_ack)
        if name == TCP_KEEPIDLE:
            return write_integer(into, i32(settings.keepalive_idle_ms // 1000))
        if name == TCP_KEEPINTVL:
            return write_integer(into, i32(settings.keepalive_interval_ms // 1000))
        if name == TCP_KEEPCNT:
            return write_integer(into, i32(settings.keepalive_probes))
        if name == TCP_USER_TIMEOUT:
            return write_integer(into, i32(settings.user_timeout_ms & 0x7FFF_FFFF))
        if name == TCP_DEFER_ACCEPT:
            return write_integer(into, 0)
        if name == TCP_MAXSEG:
            return write_integer(into, i32(segment_size(socket)))
        if name == TCP_CONGESTION:
            into[: len(CONGESTION_NAME)].copy_from(CONGESTION_NAME)
            return len(CONGESTION_NAME)
        if name == TCP_INFO:
            return write_info(socket, into)
    raise OSError(ENOPROTOOPT)


def segment_size(socket: TcpSocket) -> u32:
    """Returns the most payload of a segment now, or what the program has set."""
    connection = socket.connection
    if connection is not None and connection.tcp.send.mss != 0:
        return connection.tcp.segment_size()
    return 536 if socket.segment_limit == 0 else u32(socket.segment_limit)


def write_info(socket: TcpSocket, into: Span[u8]) -> usize:
    """Writes a `TcpInfo`; returns its size."""
    info = TcpInfo()
    connection = socket.connection
    if connection is None:
        listener = socket.listener
        is_listening = listener is not None and listener.is_listening
        info.state = u8(TcpState.LISTEN) if is_listening else u8(TcpState.CLOSED)
    else:
        fill_info(info, connection, socket.tables.now_ms())
    data = object_bytes(info, size_of(TcpInfo))
    into[: len(data)].copy_from(data)
    return len(data)


def fill_info(info: TcpInfo, connection: Connection, now_ms: u64) -> None:
    """Fills in what is known of a connection. Lock held."""
    tcp = connection.tcp
    size = max(tcp.segment_size(), 1)
    info.state = u8(tcp.state)
    info.backoff = u8(min(tcp.timers.backoff, 255))
    info.retransmits = info.backoff
    info.options = u8(tcp.timestamps.is_on) | u8(tcp.is_sack_on) << 1
    if tcp.send.shift != 0 or tcp.receive.shift != 0:
        info.options |= 4
    info.window_scales = tcp.send.shift & 15 | (tcp.receive.shift & 15) << 4
    info.retransmit_timeout_us = tcp.round_trip.timeout_ms * 1000
    info.send_mss = tcp.send.mss
    info.receive_mss = tcp.receive.largest_segment
    info.advertised_mss = tcp.receive.mss
    info.unacknowledged = (tcp.send.in_flight() + size - 1) // size
    info.last_data_received_ms = elapsed(tcp.last_received_ms, now_ms)
    info.last_data_sent_ms = elapsed(tcp.last_sent_ms, now_ms)
    info.path_mtu = connection.path.mtu
    info.round_trip_us = tcp.round_trip.smoothed_8 * 125
    info.round_trip_variance_us = tcp.round_trip.variation_4 * 250
    congestion = tcp.congestion
    if congestion is not None:
        info.congestion_window = congestion.window // size
        info.slow_start_threshold = congestion.threshold // size
    info.receive_space = tcp.receive.limit
    info.total_retransmits = wrap_u32(connection.retransmits)


def elapsed(since_ms: u64, now_ms: u64) -> u32:
    """Returns milliseconds since a time, 0 where it is none."""
    return 0 if since_ms == 0 else u32(min(now_ms - min(since_ms, now_ms), 0xFFFF_FFFF))
