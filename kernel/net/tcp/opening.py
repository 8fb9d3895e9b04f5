"""Begins connections: an active open, and the connection that a listener's handshake made."""

from __future__ import annotations

from bare import struct, u16, u32, u64
from kernel.net.tcp.connection import TcpConnection


@struct
class Opening:
    """What a new connection is made with."""

    initial_sequence: u32 = 0
    """From `IsnGenerator`."""
    timestamp_offset: u32 = 0
    """Random; from `IsnGenerator.timestamp_offset`."""
    mss: u16 = 536
    """What we announce: the device's MTU less 40 (RFC 6691)."""
    receive_limit: u32 = 65536
    """Bytes of the receive buffer, and how far it may grow; see `ReceiveState`."""
    receive_limit_max: u32 = 65536


def open_active(connection: TcpConnection, now_ms: u64, opening: Opening) -> None:
    """Begins to connect: the SYN is the next planned segment. The connection is zeroed."""
