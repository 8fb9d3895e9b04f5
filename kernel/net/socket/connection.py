"""`Connection`: a TCP connection with its bytes, in the table and perhaps in a program's hands.

It is made by `connect` or by the handshake that a listener answered, and lives until TCP has ended
and no socket refers to it. A connection whose program has closed it is an *orphan*: it sends what
it has, and frees itself. All of it is guarded by the stack's lock.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from abi.socket import AF_INET, IPPROTO_TCP, SocketInfo
from bare import i32, inline, struct, u8, u16, u32, u64, wrap_u32
from kernel.arch.aarch64.layout import PAGE_SIZE
from kernel.net.iface.interface import Path
from kernel.net.socket.connection_table import ConnectionEntry
from kernel.net.socket.receive_queue import ReceiveQueue
from kernel.net.socket.send_queue import SendQueue
from kernel.net.socket.waiters import SocketWaiters
from kernel.net.tcp.connection import TcpConnection
from kernel.net.tcp.state import TcpState
from kernel.net.tcp.time_wait import TimeWait
from kernel.time.timer_queue import Timer

if TYPE_CHECKING:
    from kernel.net.socket.listener import Listener


@struct
class DueHandler(ABC):
    """Does what is due."""

    @abstractmethod
    def timer_fired(self, connection: Connection) -> None:
        """Looks what is due of a connection. Interrupt context, without the stack's lock."""

    @abstractmethod
    def alarm_fired(self) -> None:
        """Looks what is due that belongs to no connection."""


@struct
class ConnectionTimer(Timer):
    """Fires when something of a connection is due, or before."""

    connection: Connection | None = None
    handler: DueHandler | None = None

    def fire(self) -> None:
        """Has the handler look. Interrupt context."""
        connection = self.connection
        handler = self.handler
        assert connection is not None and handler is not None, "timer of no connection"
        handler.timer_fired(connection)


@struct
class Connection(ConnectionEntry):
    """One connection."""

    tcp: TcpConnection = inline()
    path: Path = inline()
    sending: SendQueue = inline()
    receiving: ReceiveQueue = inline()
    timer: ConnectionTimer = inline()
    waiters: SocketWaiters | None = None
    """Of the socket that refers to it; None: an orphan, or not accepted yet."""
    send_limit: u32 = 0
    """Bytes that a program may queue: SO_SNDBUF, or where it has grown to."""
    can_grow: bool = True
    """The program has not set SO_SNDBUF."""
    owner: i32 = 0
    principal: u32 = 0
    retransmits: u64 = 0
    is_in_table: bool = False
    has_received: bool = False
    """`receiving` has begun: the other end's first sequence number is known."""
    is_timer_set: bool = False
    """The timer will fire, or is about to."""
    is_freed: bool = False
    """Only the timer that is about to fire still refers to it."""
    listener: Listener | None = None
    """In whose accept queue it waits, or will wait once established."""
    is_queued: bool = False
    """It stands in that queue."""
    next_accepted: Connection | None = None
    next_without_room: Connection | None = None
    is_without_room: bool = False
    """It waits until its device has room."""

    def is_ended(self) -> bool:
        """Whether TCP has nothing more to do with it."""
        return self.tcp.state in (TcpState.CLOSED, TcpState.TIME_WAIT)

    def describe(self, info: SocketInfo) -> None:
        """Fills in what `sockstat` tells."""
        describe_ends(self, info)
        info.state = u8(self.tcp.state)
        info.receive_queue = self.tcp.receive.unread
        info.send_queue = self.sending.length
        info.owner = self.owner
        info.principal = self.principal
        frames = self.sending.frames_held * u32(PAGE_SIZE)
        info.memory = self.receiving.memory() + frames
        info.retransmits = wrap_u32(self.retransmits)


@struct
class TimeWaitEntry(ConnectionEntry):
    """What is left of a connection in TIME-WAIT."""

    record: TimeWait = inline()
    principal: u32 = 0
    next_by_deadline: TimeWaitEntry | None = None
    is_in_table: bool = True

    def describe(self, info: SocketInfo) -> None:
        """Fills in what `sockstat` tells."""
        describe_ends(self, info)
        info.state = u8(TcpState.TIME_WAIT)
        info.principal = self.principal


def describe_ends(entry: ConnectionEntry, info: SocketInfo) -> None:
    """Fills in addresses and ports."""
    info.family = u16(AF_INET)
    info.protocol = u8(IPPROTO_TCP)
    info.local_address = wrap_u32(entry.endpoints.local_low)
    info.local_port = entry.endpoints.local_port
    info.remote_address = wrap_u32(entry.endpoints.remote_low)
    info.remote_port = entry.endpoints.remote_port
