"""What the program does to its connection: RFC 9293, 3.9 and 3.10.1 to 3.10.6."""

from __future__ import annotations

from bare import u32, u64
from kernel.net.tcp.announce import can_open, note_consumed
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.receive_state import AckNeed
from kernel.net.tcp.sequence import advance
from kernel.net.tcp.settings import ORPHAN_MS
from kernel.net.tcp.state import TcpState
from kernel.net.tcp.timers import arm_persist


def data_queued(connection: TcpConnection, now_ms: u64, count: u32) -> None:
    """The socket has added `count` bytes to the send queue. Only while `can_send`."""
    assert connection.can_send(), "data queued on a connection that cannot send"
    send = connection.send
    idle_ms = now_ms - connection.last_sent_ms
    if send.in_flight() == 0 and send.unsent() == 0 and connection.is_synchronized():
        if idle_ms > connection.round_trip.timeout_ms:
            connection.control().idle(now_ms)
    send.queue_end = advance(send.queue_end, count)
    arm_persist(connection, now_ms)


def data_consumed(connection: TcpConnection, now_ms: u64, count: u32) -> None:
    """The program has read `count` bytes: the window may open, and grow."""
    receive = connection.receive
    note_consumed(receive, now_ms, count)
    is_expecting = connection.state in (
        TcpState.ESTABLISHED,
        TcpState.FIN_WAIT_1,
        TcpState.FIN_WAIT_2,
    )
    if is_expecting and can_open(receive):
        receive.ack = AckNeed.NOW


def finish_sending(connection: TcpConnection, now_ms: u64) -> None:
    """The program will send no more (`shutdown`, `close`): a FIN follows the queue.

    In SYN-SENT there is nothing to finish: the connection ends (RFC 9293, 3.10.4).
    """
    match connection.state:
        case TcpState.SYN_SENT:
            connection.end(0)
            return
        case TcpState.ESTABLISHED:
            connection.state = TcpState.FIN_WAIT_1
        case TcpState.CLOSE_WAIT:
            connection.state = TcpState.LAST_ACK
        case TcpState.SYN_RECEIVED:
            pass  # as soon as it is established
        case _:
            return
    connection.send.is_finishing = True
    arm_persist(connection, now_ms)


def stop_receiving(connection: TcpConnection) -> None:
    """The program will read no more, since it has closed: data that arrives means RST."""
    connection.receive.is_shut = True


def orphan(connection: TcpConnection, now_ms: u64) -> None:
    """No program refers to the connection any more; it goes on until it has ended by itself."""
    connection.settings.is_orphan = True
    if connection.state == TcpState.FIN_WAIT_2 and connection.timers.linger_ms == NEVER:
        connection.timers.linger_ms = now_ms + ORPHAN_MS


def abort(connection: TcpConnection) -> None:
    """Ends the connection now; `plan_segment` gives the RST if the peer must be told.

    For SO_LINGER 0, and for `close` with unread data (RFC 2525, 2.17).
    """
    must_tell = connection.state in (
        TcpState.SYN_RECEIVED,
        TcpState.ESTABLISHED,
        TcpState.FIN_WAIT_1,
        TcpState.FIN_WAIT_2,
        TcpState.CLOSE_WAIT,
    )
    if must_tell:
        connection.is_reset_due = True
        connection.reset_sequence = connection.send.acceptable_sequence()
        connection.reset_acknowledges = True
    connection.end(0)


def uncorked(connection: TcpConnection) -> None:
    """`settings.is_corked` was cleared: what is queued may leave, even a partial segment."""
    connection.timers.cork_ms = NEVER
    if connection.send.unsent() > 0:
        connection.send.is_hurried = True


def keepalive_changed(connection: TcpConnection, now_ms: u64) -> None:
    """`settings` about keepalive were changed."""
    settings = connection.settings
    connection.timers.keepalive_ms = NEVER
    if settings.is_keepalive and connection.is_synchronized():
        connection.timers.keepalive_ms = now_ms + settings.keepalive_idle_ms


def forget_held(connection: TcpConnection) -> None:
    """The socket has dropped, for want of memory, everything that it held out of order."""
    connection.receive.held.count = 0
