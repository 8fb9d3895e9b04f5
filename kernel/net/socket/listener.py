"""`Listener`: a TCP socket's claim to a port, and the connections that wait there."""

from __future__ import annotations

from abi.socket import AF_INET, IPPROTO_TCP, SocketInfo
from bare import i32, struct, u8, u16, u32, u64
from kernel.net.socket.binding import Binding
from kernel.net.socket.connection import Connection
from kernel.net.socket.waiters import SocketWaiters
from kernel.net.tcp.settings import TcpSettings
from kernel.net.tcp.state import TcpState

SMALLEST_BACKLOG: u32 = 1


@struct
class Listener(Binding):
    """A bound TCP socket. Guarded by the stack's lock."""

    waiters: SocketWaiters | None = None
    """Of the socket."""
    settings: TcpSettings | None = None
    """The socket's: what its connections begin with."""
    receive_limit: u32 = 0
    """SO_RCVBUF of its connections; 0: not set."""
    send_limit: u32 = 0
    """SO_SNDBUF; 0: not set."""
    segment_limit: u16 = 0
    """TCP_MAXSEG; 0: not set."""
    backlog: u32 = 0
    first: Connection | None = None
    last: Connection | None = None
    count: u32 = 0
    """Connections that wait."""
    owner: i32 = 0
    dropped: u64 = 0
    """Handshakes that found the queue full."""

    def is_full(self) -> bool:
        """Whether no more connections may wait."""
        return self.count >= max(self.backlog, SMALLEST_BACKLOG)

    def append(self, connection: Connection) -> None:
        """Lets an established connection wait, and tells who accepts."""
        last = self.last
        if last is None:
            self.first = connection
        else:
            last.next_accepted = connection
        self.last = connection
        self.count += 1
        connection.is_queued = True
        waiters = self.waiters
        if waiters is not None:
            waiters.readable()

    def take_first(self) -> Connection | None:
        """Takes out the connection that waits longest."""
        connection = self.first
        if connection is not None:
            self.first = connection.next_accepted
            if connection.next_accepted is None:
                self.last = None
            connection.next_accepted = None
            connection.is_queued = False
            connection.listener = None
            self.count -= 1
        return connection

    def describe(self, info: SocketInfo) -> None:
        """Fills in what `sockstat` tells."""
        info.family = u16(AF_INET)
        info.protocol = u8(IPPROTO_TCP)
        info.state = u8(TcpState.LISTEN) if self.is_listening else u8(TcpState.CLOSED)
        info.local_address = self.address
        info.local_port = self.port
        info.receive_queue = self.count
        info.send_queue = self.backlog
        info.owner = self.owner
        info.principal = self.principal
