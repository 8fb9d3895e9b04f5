"""Timeouts in constant time: connections whose time is equally long stand in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bare import i64, struct

if TYPE_CHECKING:
    from user.lib.httpd.connection import Connection

NO_DEADLINE: i64 = 0x7FFF_FFFF_FFFF_FFFF


@struct
class DeadlineLine:
    """Connections in the order in which their time is over; each is in one line at most."""

    limit_ms: i64 = 0
    first: Connection | None = None
    last: Connection | None = None

    def put(self, connection: Connection, now_ms: i64) -> None:
        """Starts a connection's time anew, in this line."""
        leave_line(connection)
        connection.line = self
        connection.deadline_ms = now_ms + self.limit_ms
        connection.next_in_line = None
        last = self.last
        connection.previous_in_line = last
        if last is None:
            self.first = connection
        else:
            last.next_in_line = connection
        self.last = connection

    def keep(self, connection: Connection, now_ms: i64) -> None:
        """Starts a connection's time unless it runs already in this line."""
        line = connection.line
        if line is None or line is not self:
            self.put(connection, now_ms)

    def take_out(self, connection: Connection) -> None:
        """Takes a connection out of this line, in which it is."""
        before = connection.previous_in_line
        after = connection.next_in_line
        if before is None:
            self.first = after
        else:
            before.next_in_line = after
        if after is None:
            self.last = before
        else:
            after.previous_in_line = before
        connection.line = None

    def overdue(self, now_ms: i64) -> Connection | None:
        """Takes out and returns a connection whose time is over, if there is one."""
        first = self.first
        if first is None or first.deadline_ms > now_ms:
            return None
        self.take_out(first)
        return first

    def next_deadline_ms(self) -> i64:
        """Returns when the first one's time is over."""
        first = self.first
        return NO_DEADLINE if first is None else first.deadline_ms


def leave_line(connection: Connection) -> None:
    """Ends a connection's time, if one runs."""
    line = connection.line
    if line is not None:
        line.take_out(connection)
