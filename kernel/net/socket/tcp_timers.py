"""What is done when TCP's timers fire: retransmissions, delayed ACKs, the ends of TIME-WAIT."""

from __future__ import annotations

from bare import release, struct
from kernel.net.socket.connection import Connection, DueHandler
from kernel.net.socket.tcp_ending import advance, drop_time_wait
from kernel.net.socket.tcp_output import send_reply
from kernel.net.socket.tcp_tables import TcpTables
from kernel.net.tcp.timers import time_passed


@struct
class TcpDue(DueHandler):
    """Called by timers in interrupt context, without the stack's lock."""

    tables: TcpTables | None = None

    def timer_fired(self, connection: Connection) -> None:
        """Does what is due for a connection, and frees one that only its timer referred to."""
        tables = self.tables
        assert tables is not None, "timer before its tables"
        with tables.stack.lock:
            connection.is_timer_set = False
            if connection.is_freed:
                tables.live_count -= 1
                release(tables.allocator, connection)
                return
            if connection.is_in_table:
                now_ms = tables.now_ms()
                time_passed(connection.tcp, now_ms)
                advance(tables, connection, now_ms)
                tables.stack.flush()

    def alarm_fired(self) -> None:
        """Forgets records whose time is over, and sends SYN-ACKs again."""
        tables = self.tables
        assert tables is not None, "timer before its tables"
        with tables.stack.lock:
            tables.alarm.is_set = False
            now_ms = tables.now_ms()
            while True:
                entry = tables.first_waiting
                if entry is None or entry.record.deadline_ms > now_ms:
                    break
                drop_time_wait(tables)
            if entry is not None:
                tables.set_alarm(entry.record.deadline_ms)
            self._answer_again(tables)
            tables.stack.flush()

    def _answer_again(self, tables: TcpTables) -> None:
        """Sends the SYN-ACKs that are due."""
        half_open = tables.half_open
        while half_open.next_due(tables.now_us(), tables.endpoints, tables.outgoing):
            send_reply(tables, tables.endpoints, tables.outgoing)
        tables.set_alarm(half_open.deadline_ms())
