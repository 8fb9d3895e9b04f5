"""How TCP connections end, and what is left of them: TIME-WAIT records, orphans, freed memory.

Called with the stack's lock held.
"""

from __future__ import annotations

from bare import allocate, copy_struct, never_inline, release, u64
from kernel.net.socket.connection import Connection, TimeWaitEntry
from kernel.net.socket.listener import Listener
from kernel.net.socket.tcp_output import forget_room, send_segments, set_timer
from kernel.net.socket.tcp_tables import TcpTables
from kernel.net.tcp.application import abort, finish_sending, orphan, stop_receiving
from kernel.net.tcp.state import TcpState


def advance(tables: TcpTables, connection: Connection, now_ms: u64) -> None:
    """Lets a connection go on after something has changed: sends, ends, frees, sets the timer."""
    if connection.is_in_table:
        send_segments(tables, connection, now_ms)
        if not connection.is_ended():
            set_timer(tables, connection)
            return
        leave_table(tables, connection, now_ms)
    free_unused(tables, connection)


def leave_table(tables: TcpTables, connection: Connection, now_ms: u64) -> None:
    """Takes a connection that has ended out of the table; in TIME-WAIT a record takes its place."""
    tables.connections.remove(connection)
    connection.is_in_table = False
    connection.sending.clear(tables.allocator, tables.frames)
    connection.receiving.forget_held()
    forget_room(tables, connection)
    if connection.tcp.state == TcpState.TIME_WAIT:
        add_time_wait(tables, connection, now_ms)
    waiters = connection.waiters
    if waiters is not None:
        waiters.changed()


@never_inline
def free_unused(tables: TcpTables, connection: Connection) -> None:
    """Frees a connection that is over and that no socket and no listener refers to."""
    if connection.is_in_table or connection.waiters is not None or connection.is_queued:
        return
    connection.receiving.clear()
    connection.sending.clear(tables.allocator, tables.frames)
    if connection.is_timer_set and not tables.stack.timers.cancel(connection.timer):
        # The timer is firing on another CPU and waits for the lock: it frees what it refers to.
        connection.is_freed = True
        return
    tables.live_count -= 1
    release(tables.allocator, connection)


def close_connection(tables: TcpTables, connection: Connection, must_reset: bool) -> None:
    """Lets go of a connection: its socket is closed. Unread data means a RST (RFC 2525, 2.17)."""
    now_ms = tables.now_ms()
    connection.waiters = None
    tcp = connection.tcp
    if not connection.is_ended():
        if must_reset or tcp.receive.unread > 0 or not tcp.is_synchronized():
            abort(tcp)
        else:
            stop_receiving(tcp)
            finish_sending(tcp, now_ms)
            orphan(tcp, now_ms)
    connection.receiving.clear()
    advance(tables, connection, now_ms)


def close_listener(tables: TcpTables, listener: Listener) -> None:
    """Gives a claim back; connections that nobody accepted are reset."""
    if listener.is_listening:
        tables.half_open.forget_port(listener.port)
    listener.is_listening = False
    tables.ports.remove(listener)
    while True:
        connection = listener.take_first()
        if connection is None:
            return
        close_connection(tables, connection, must_reset=True)


def add_time_wait(tables: TcpTables, connection: Connection, now_ms: u64) -> None:
    """Puts a record in a connection's place. Without memory there is none, as after a restart."""
    if tables.waiting_count >= tables.waiting_limit:
        drop_time_wait(tables)
    try:
        entry = allocate(tables.allocator, TimeWaitEntry)
    except OSError:
        return
    entry.record.start(now_ms, connection.endpoints, connection.tcp)
    copy_struct(entry.endpoints, connection.endpoints)
    entry.principal = connection.principal
    tables.connections.add(entry)
    last = tables.last_waiting
    if last is None:
        tables.first_waiting = entry
    else:
        last.next_by_deadline = entry
    tables.last_waiting = entry
    tables.waiting_count += 1
    tables.set_alarm(entry.record.deadline_ms)


@never_inline
def drop_time_wait(tables: TcpTables) -> None:
    """Forgets the oldest record."""
    entry = tables.first_waiting
    if entry is None:
        return
    tables.first_waiting = entry.next_by_deadline
    if entry.next_by_deadline is None:
        tables.last_waiting = None
    tables.waiting_count -= 1
    if entry.is_in_table:
        tables.connections.remove(entry)
    release(tables.allocator, entry)
