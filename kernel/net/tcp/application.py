"""What the program does to its connection: RFC 9293, 3.9 and 3.10.1 to 3.10.6."""

from __future__ import annotations

from bare import u32, u64
from kernel.net.tcp.connection import TcpConnection


def data_queued(connection: TcpConnection, now_ms: u64, count: u32) -> None:
    """The socket has added `count` bytes to the send queue. Only while `can_send`."""


def data_consumed(connection: TcpConnection, now_ms: u64, count: u32) -> None:
    """The program has read `count` bytes: the window may open, and grow."""


def finish_sending(connection: TcpConnection, now_ms: u64) -> None:
    """The program will send no more (`shutdown`, `close`): a FIN follows the queue."""


def stop_receiving(connection: TcpConnection) -> None:
    """The program will read no more, since it has closed: data that arrives means RST."""


def orphan(connection: TcpConnection, now_ms: u64) -> None:
    """No program refers to the connection any more; it goes on until it has ended by itself."""


def abort(connection: TcpConnection) -> None:
    """Ends the connection now; `plan_segment` gives the RST if the peer must be told.

    For SO_LINGER 0, and for `close` with unread data (RFC 2525, 2.17).
    """


def uncorked(connection: TcpConnection) -> None:
    """`settings.is_corked` was cleared: what is queued may leave."""


def keepalive_changed(connection: TcpConnection, now_ms: u64) -> None:
    """`settings` about keepalive were changed."""


def forget_held(connection: TcpConnection) -> None:
    """The socket has dropped, for want of memory, everything that it held out of order."""
