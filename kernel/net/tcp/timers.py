"""A connection's timers: when to look again, and what is done then."""

from __future__ import annotations

from bare import u64
from kernel.net.tcp.connection import NEVER, TcpConnection


def deadline_ms(connection: TcpConnection) -> u64:
    """Returns when `time_passed` is to be called; NEVER where nothing is awaited."""
    return NEVER


def time_passed(connection: TcpConnection, now_ms: u64) -> bool:
    """Does what is due. True where the connection has ended by it: see `state` and `error`.

    Segments that follow come from `plan_segment`.
    """
    return False
