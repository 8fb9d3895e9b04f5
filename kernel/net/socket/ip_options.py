"""Options of level IPPROTO_IP. Linux, net/ipv4/ip_sockglue.c."""

from __future__ import annotations

from abi.errno import EINVAL, ENOPROTOOPT
from abi.socket import IP_MTU_DISCOVER, IP_PKTINFO, IP_RECVERR, IP_TOS, IP_TTL
from bare import Bytes, Span, i32, raises, u8, u32, usize
from kernel.net.iface.interface import DEFAULT_TIME_TO_LIVE, Path
from kernel.net.socket.common_options import read_integer, write_flag, write_integer
from kernel.net.socket.socket_options import SocketOptions


@raises(EINVAL, ENOPROTOOPT)
def set_ip_option(options: SocketOptions, name: u32, value: Bytes) -> None:
    """Sets an option; a value may be one byte, as Linux allows."""
    number = i32(value[0]) if 0 < len(value) < 4 else read_integer(value)
    if name == IP_TOS:
        if not 0 <= number <= 255:
            raise OSError(EINVAL)
        options.traffic_class = u8(number)
    elif name == IP_TTL:
        if number != -1 and not 1 <= number <= 255:
            raise OSError(EINVAL)
        options.time_to_live = 0 if number == -1 else u8(number)
    elif name == IP_PKTINFO:
        options.wants_packet_info = number != 0
    elif name in (IP_RECVERR, IP_MTU_DISCOVER):
        # There is no error queue, and TCP finds the MTU of its way by itself.
        if number != 0:
            raise OSError(ENOPROTOOPT)
    else:
        raise OSError(ENOPROTOOPT)


@raises(ENOPROTOOPT)
def get_ip_option(options: SocketOptions, name: u32, into: Span[u8]) -> usize:
    """Writes the value of an option; returns its size."""
    if name == IP_TOS:
        return write_integer(into, i32(options.traffic_class))
    if name == IP_TTL:
        return write_integer(into, i32(time_to_live(options)))
    if name == IP_PKTINFO:
        return write_flag(into, options.wants_packet_info)
    if name in (IP_RECVERR, IP_MTU_DISCOVER):
        return write_integer(into, 0)
    raise OSError(ENOPROTOOPT)


def time_to_live(options: SocketOptions) -> u8:
    """Returns the chosen time to live, or the usual one."""
    return DEFAULT_TIME_TO_LIVE if options.time_to_live == 0 else options.time_to_live


def mark_path(options: SocketOptions, path: Path) -> None:
    """Has the packets of a path marked as the program has chosen."""
    path.time_to_live = time_to_live(options)
    path.traffic_class = options.traffic_class
