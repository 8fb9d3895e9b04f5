"""`TcpSocket`: the file behind a TCP socket: unbound, bound, listening, connecting, connected.

The claim to a port is its `Listener`, the other end its `Connection`; both are the tables' objects,
and the connection outlives the socket until everything is sent. Errors are told once, by the next
call or by SO_ERROR.
"""

from __future__ import annotations

from abi.errno import (
    EADDRNOTAVAIL,
    EINVAL,
    ENOMEM,
    ENOTCONN,
)
from abi.file import O_NONBLOCK
from abi.poll import POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from abi.socket import (
    IPPROTO_TCP,
    SHUT_RD,
    SHUT_RDWR,
    SHUT_WR,
    SOCK_STREAM,
    SOMAXCONN,
)
from bare import (
    Bytes,
    Span,
    allocate,
    copy_struct,
    i16,
    i32,
    inline,
    never_inline,
    raises,
    release,
    struct,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from kernel.mm.page_source import PageSource
from kernel.net.socket.connection import Connection
from kernel.net.socket.ip_options import mark_path
from kernel.net.socket.listener import Listener
from kernel.net.socket.message import Message
from kernel.net.socket.socket import Socket, SocketName
from kernel.net.socket.tcp_connecting import connect
from kernel.net.socket.tcp_ending import (
    advance,
    close_connection,
    close_listener,
)
from kernel.net.socket.tcp_opening import (
    claim_port,
)
from kernel.net.socket.tcp_options import get_tcp_option, set_tcp_option
from kernel.net.socket.tcp_tables import (
    FIRST_RECEIVE_LIMIT,
    FIRST_SEND_LIMIT,
    TcpTables,
)
from kernel.net.socket.tcp_transfer import receive, send, send_pages
from kernel.net.tcp.application import finish_sending, keepalive_changed
from kernel.net.tcp.settings import TcpSettings
from kernel.net.tcp.state import TcpState
from kernel.net.wire.address import ANY_ADDRESS, Ipv4Address
from kernel.sched.mutex import Mutex
from kernel.sched.poll_queue import Poller

POLLRDHUP: i16 = 0x2000


@struct
class TcpSocket(Socket):
    """A TCP socket."""

    tables: TcpTables
    settings: TcpSettings = inline()
    """What a connection of it begins with; once there is one, its own count."""
    segment_limit: u16 = 0
    """TCP_MAXSEG; 0: not set."""
    listener: Listener | None = None
    connection: Connection | None = None
    is_corked: bool = False
    """TCP_CORK."""
    is_receive_shut: bool = False
    is_error_told: bool = False
    """The program knows why its connection ended."""
    send_mutex: Mutex = inline()
    receive_mutex: Mutex = inline()

    def kind(self) -> u32:
        return SOCK_STREAM

    def protocol(self) -> u32:
        return IPPROTO_TCP

    def close(self) -> None:
        self.linger()
        with self.stack.lock:
            connection = self.connection
            self.connection = None
            if connection is not None:
                must_reset = self.options.is_linger and self.options.linger_s == 0
                close_connection(self.tables, connection, must_reset)
            listener = self.listener
            if listener is not None:
                close_listener(self.tables, listener)
                release(self.allocator, listener)
            self.stack.flush()
        release(self.allocator, self)

    def linger(self) -> None:
        """Waits as long as SO_LINGER says until the other end has everything."""
        if not self.options.is_linger or self.options.linger_s == 0:
            return
        deadline = self.deadline_after(u64(self.options.linger_s) * 1_000_000_000)
        with self.stack.lock:
            connection = self.connection
            if connection is None or connection.is_ended():
                return
            finish_sending(connection.tcp, self.tables.now_ms())
            advance(self.tables, connection, self.tables.now_ms())
            self.stack.flush()
            while connection.sending.length > 0:
                self.waiters.wants_room = True
                try:
                    self.wait(self.waiters.writers, True, deadline)
                except OSError:
                    return

    @raises()
    def bind(self, address: Ipv4Address, port: u32) -> None:
        with self.stack.lock:
            if self.listener is not None or self.connection is not None:
                raise OSError(EINVAL)
            is_ours = address == ANY_ADDRESS or address >> 24 == 127
            if not is_ours and self.stack.interface_of(address) is None:
                raise OSError(EADDRNOTAVAIL)
            self.claim(address, u16(port))

    @raises()
    def claim(self, address: Ipv4Address, port: u16) -> Listener:
        """Makes the claim to a port, 0 for any. Lock held."""
        listener = allocate(self.allocator, Listener)
        listener.address = address
        listener.waiters = self.waiters
        listener.settings = self.settings
        listener.can_reuse_address = self.options.can_reuse_address
        listener.can_reuse_port = self.options.can_reuse_port
        listener.interface = self.options.interface
        listener.principal = self.principal
        listener.owner = self.owner
        try:
            claim_port(self.tables, listener, port)
        except OSError:
            release(self.allocator, listener)
            raise
        self.listener = listener
        return listener

    @raises()
    def listen(self, backlog: i32) -> None:
        with self.stack.lock:
            if self.connection is not None:
                raise OSError(EINVAL)
            listener = self.listener
            if listener is None:
                listener = self.claim(ANY_ADDRESS, 0)
            wanted = SOMAXCONN if backlog < 0 else min(u32(backlog), SOMAXCONN)
            listener.receive_limit = self.options.receive_limit
            listener.send_limit = self.options.send_limit
            listener.segment_limit = self.segment_limit
            if not listener.is_listening:
                listener.is_listening = True
                try:
                    self.tables.ports.check(listener)
                except OSError:
                    listener.is_listening = False
                    raise
            listener.backlog = wanted

    @raises()
    def accept(self, flags: u32) -> Socket:
        may_wait = self.flags & O_NONBLOCK == 0
        deadline = self.receive_deadline()
        with self.stack.lock:
            while True:
                listener = self.listener
                if listener is None or not listener.is_listening:
                    raise OSError(EINVAL)
                if listener.count > 0:
                    return self.take_connection(listener, flags)
                self.wait(self.waiters.readers, may_wait, deadline)

    @raises()
    def take_connection(self, listener: Listener, flags: u32) -> Socket:
        """Makes the socket of the first connection that waits. Lock held."""
        socket = make_tcp_socket(self.tables, flags, self.owner, self.principal)
        connection = listener.take_first()
        assert connection is not None, "no connection waits"
        copy_struct(socket.options, self.options)
        socket.options.error = 0
        socket.connection = connection
        connection.waiters = socket.waiters
        mark_path(socket.options, connection.path)
        return socket

    @raises()
    def connect(self, address: Ipv4Address, port: u32) -> None:
        connect(self, address, port)

    @raises()
    def disconnect(self) -> None:
        with self.receive_mutex, self.send_mutex, self.stack.lock:
            self.drop_connection()

    def drop_connection(self) -> None:
        """Resets the connection. Mutexes and lock held."""
        connection = self.connection
        self.connection = None
        self.is_error_told = False
        self.is_receive_shut = False
        if connection is not None:
            close_connection(self.tables, connection, must_reset=True)
            self.stack.flush()
        self.waiters.changed()

    def local_name(self, name: SocketName) -> None:
        with self.stack.lock:
            connection = self.connection
            listener = self.listener
            if connection is not None:
                name.address = u32(connection.endpoints.local_low)
                name.port = connection.endpoints.local_port
            elif listener is not None:
                name.address = listener.address
                name.port = listener.port

    @raises()
    def remote_name(self, name: SocketName) -> None:
        with self.stack.lock:
            connection = self.connection
            if connection is None or not connection.tcp.is_synchronized():
                raise OSError(ENOTCONN)
            tell_remote(connection, name)

    def accepted_name(self, name: SocketName) -> None:
        with self.stack.lock:
            connection = self.connection
            if connection is not None:
                tell_remote(connection, name)

    @raises()
    def send(self, message: Message) -> usize:
        return send(self, message)

    @raises()
    def send_file(self, source: PageSource, offset: u64, count: usize) -> usize:
        """Sends from a file by reference; returns how much, less at the file's end."""
        return send_pages(self, source, offset, count, self.flags & O_NONBLOCK == 0)

    @raises()
    def receive(self, message: Message) -> usize:
        return receive(self, message)

    @raises()
    def shutdown(self, how: i32) -> None:
        with self.stack.lock:
            connection = self.connection
            listener = self.listener
            if connection is None and listener is not None and listener.is_listening:
                if how in (SHUT_RD, SHUT_RDWR):
                    listener.is_listening = False
                    self.waiters.changed()
                return
            if connection is None or not connection.tcp.is_synchronized():
                raise OSError(ENOTCONN)
            if how in (SHUT_RD, SHUT_RDWR):
                self.is_receive_shut = True
            if how in (SHUT_WR, SHUT_RDWR):
                now_ms = self.tables.now_ms()
                finish_sending(connection.tcp, now_ms)
                advance(self.tables, connection, now_ms)
                self.stack.flush()
            self.waiters.changed()

    def waiting_bytes(self) -> u32:
        with self.stack.lock:
            connection = self.connection
            return 0 if connection is None else connection.tcp.receive.unread

    def is_listening(self) -> bool:
        listener = self.listener
        return listener is not None and listener.is_listening

    def receive_limit(self) -> u32:
        connection = self.connection
        if connection is not None and connection.has_received:
            return connection.tcp.receive.limit
        limit = self.options.receive_limit
        return FIRST_RECEIVE_LIMIT if limit == 0 else limit

    def send_limit(self) -> u32:
        connection = self.connection
        if connection is not None:
            return connection.send_limit
        limit = self.options.send_limit
        return FIRST_SEND_LIMIT if limit == 0 else limit

    def take_error(self) -> i32:
        with self.stack.lock:
            return self.fetch_error()

    def fetch_error(self) -> i32:
        """Returns why the connection ended, once; 0: it has not, or in good order. Lock held."""
        connection = self.connection
        if connection is None or self.is_error_told or connection.tcp.error == 0:
            return 0
        self.is_error_told = True
        return i32(connection.tcp.error)

    @never_inline
    @raises()
    def raise_error(self) -> None:
        """Raises why the connection ended, once. Lock held."""
        error = self.fetch_error()
        if error != 0:
            raise OSError(error)

    @raises()
    def set_option(self, level: u32, name: u32, value: Bytes) -> None:
        if level == IPPROTO_TCP:
            set_tcp_option(self, name, value)
            return
        super().set_option(level, name, value)
        with self.stack.lock:
            self.apply_options()

    @raises()
    def get_option(self, level: u32, name: u32, into: Span[u8]) -> usize:
        if level == IPPROTO_TCP:
            return get_tcp_option(self, name, into)
        return super().get_option(level, name, into)

    def current_settings(self) -> TcpSettings:
        """Returns the settings that count now. Lock held."""
        connection = self.connection
        return self.settings if connection is None else connection.tcp.settings

    def apply_options(self) -> None:
        """Makes options of all sockets known to TCP. Lock held."""
        connection = self.connection
        settings = self.current_settings()
        if settings.is_keepalive != self.options.is_keepalive:
            settings.is_keepalive = self.options.is_keepalive
            if connection is not None:
                self.keepalive_changed(connection)
        listener = self.listener
        if listener is not None:
            listener.can_reuse_address = self.options.can_reuse_address
            listener.can_reuse_port = self.options.can_reuse_port
        if connection is None:
            return
        mark_path(self.options, connection.path)
        if self.options.send_limit != 0:
            connection.send_limit = self.options.send_limit
            connection.can_grow = False
            self.waiters.writable()
        if self.options.receive_limit != 0:
            receive = connection.tcp.receive
            receive.limit_max = max(self.options.receive_limit, receive.limit)

    def keepalive_changed(self, connection: Connection) -> None:
        """Has the timer follow changed settings. Lock held."""
        now_ms = self.tables.now_ms()
        keepalive_changed(connection.tcp, now_ms)
        advance(self.tables, connection, now_ms)

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        if poller is not None:
            poller.watch(self.waiters.polls)
        with self.stack.lock:
            connection = self.connection
            if connection is not None:
                return self.connection_events(connection)
            listener = self.listener
            if listener is not None and listener.is_listening:
                return POLLIN | POLLRDNORM if listener.count > 0 else 0
            return POLLOUT | POLLWRNORM | POLLHUP

    def connection_events(self, connection: Connection) -> i16:
        """Returns what holds of a connection. Linux, tcp_poll. Lock held."""
        tcp = connection.tcp
        events: i16 = 0
        is_over = tcp.is_receive_ended() or self.is_receive_shut
        if tcp.receive.unread > 0 or is_over:
            events |= POLLIN | POLLRDNORM
        if is_over:
            events |= POLLRDHUP
        if tcp.error != 0 and not self.is_error_told:
            events |= POLLERR
        if not tcp.can_send():
            events |= POLLOUT | POLLWRNORM
            if is_over:
                events |= POLLHUP
        elif tcp.state != TcpState.SYN_SENT and self.tables.has_room(connection):
            events |= POLLOUT | POLLWRNORM
        else:
            self.waiters.wants_room = True
        return events


def tell_remote(connection: Connection, name: SocketName) -> None:
    """Tells the other end of a connection. Lock held."""
    name.address = u32(connection.endpoints.remote_low)
    name.port = connection.endpoints.remote_port


@raises(ENOMEM)
def make_tcp_socket(tables: TcpTables, flags: u32, owner: i32, principal: u32) -> TcpSocket:
    """Makes a TCP socket with one reference, the caller's."""
    socket = allocate(tables.allocator, TcpSocket)
    socket.open(tables.stack, flags, owner, principal)
    socket.tables = tables
    return socket
