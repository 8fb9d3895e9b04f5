"""`Exchange`: moves one connection as far as it can go: read, answer, send, and again."""

from __future__ import annotations

from abi.errno import EAGAIN
from abi.socket import SHUT_WR
from bare import Array, Enum8, array, errno_of, i64, struct, u8, u64
from user.lib import sys
from user.lib.http.receiver import Event, Phase
from user.lib.http.status import Status
from user.lib.httpd.connection import Connection, State
from user.lib.httpd.connections import Connections
from user.lib.httpd.deadlines import leave_line
from user.lib.httpd.responder import Responder
from user.lib.httpd.sender import Progress, Sender

ANSWERS_IN_A_TURN = 32
"""Pipelined requests that one connection may have answered before others go on."""

DROP_BYTES = 16 * 1024
DROPS_IN_A_TURN = 16
"""Pieces of that size that one connection may have dropped before others go on."""

MOST_DROPPED_BYTES: u64 = 16 * 1024 * 1024
"""What a client may still send behind the last response: one that does not look at answers while it
sends would otherwise not see why its request was refused.
"""

MOST_LINGERING_MS: i64 = 30_000
"""How long it may take for that."""


class Outcome(Enum8):
    """Whether a step may be followed by another one."""

    GO_ON = 0
    WAIT = 1
    """Nothing more to do until an event, a timeout or the next turn; or the connection is gone."""


@struct
class Exchange:
    """What it takes to serve a connection."""

    connections: Connections
    responder: Responder
    sender: Sender

    def run(self, connection: Connection) -> None:
        """Goes on with a connection until it waits or is closed."""
        answered = 0
        outcome = Outcome.GO_ON
        while outcome == Outcome.GO_ON:
            match connection.state:
                case State.READING:
                    outcome = self.read(connection)
                case State.SENDING:
                    answered += 1
                    outcome = self.send(connection)
                    if outcome == Outcome.GO_ON and answered == ANSWERS_IN_A_TURN:
                        self.connections.queue(connection)
                        return
                case State.LINGERING:
                    outcome = self.drop_input(connection)

    def read(self, connection: Connection) -> Outcome:
        """Takes one step in reading a request."""
        match connection.receiver.next_event():
            case Event.NEED_DATA:
                return self.receive(connection)
            case Event.REQUEST:
                if connection.receiver.awaits_continue():
                    self.responder.refuse_body(connection)
                    connection.state = State.SENDING
            case Event.DATA:
                pass
            case Event.END:
                self.responder.reply(connection)
                connection.state = State.SENDING
            case Event.FAILED:
                self.responder.fail(connection, connection.receiver.failure)
                connection.state = State.SENDING
        return Outcome.GO_ON

    def receive(self, connection: Connection) -> Outcome:
        """Reads what the socket has."""
        if not connection.is_readable:
            return self.wait_for_input(connection)
        receiver = connection.receiver
        try:
            self.connections.buffers.lend(receiver)
            room = receiver.room()
            count = sys.read(connection.descriptor, room)
        except OSError as error:
            if errno_of(error) != EAGAIN:
                return self.close(connection)
            connection.is_readable = False
            return self.wait_for_input(connection)
        if count == 0:
            return self.close(connection)
        if count < len(room) and not connection.has_ended:
            connection.is_readable = False
        receiver.received(count)
        return Outcome.GO_ON

    def wait_for_input(self, connection: Connection) -> Outcome:
        """Has the connection wait for bytes, for a time that depends on what they belong to."""
        if not self.connections.watch(connection):
            return self.close(connection)
        now_ms = self.responder.now_ms
        if connection.receiver.is_idle():
            self.connections.buffers.take_back(connection.receiver)
            if connection.has_served:
                self.connections.idle.keep(connection, now_ms)
            else:
                self.connections.heads.keep(connection, now_ms)
        elif connection.receiver.phase == Phase.HEAD:
            self.connections.heads.keep(connection, now_ms)
        else:
            self.connections.bodies.keep(connection, now_ms)
        return Outcome.WAIT

    def send(self, connection: Connection) -> Outcome:
        """Sends what it can of a response."""
        leave_line(connection)
        match self.sender.push(connection):
            case Progress.DONE:
                return self.finish(connection)
            case Progress.BLOCKED:
                self.connections.stalled.put(connection, self.responder.now_ms)
                if self.connections.watch(connection):
                    return Outcome.WAIT
                return self.close(connection)
            case Progress.TURN_OVER:
                self.connections.stalled.put(connection, self.responder.now_ms)
                self.connections.queue(connection)
                return Outcome.WAIT
            case Progress.BROKEN:
                return self.close(connection)

    def finish(self, connection: Connection) -> Outcome:
        """Goes on behind a response: to the next request, or to the end of the connection."""
        receiver = connection.receiver
        if connection.response.keeps_alive:
            receiver.next_request()
            connection.has_served = True
            connection.state = State.READING
            if connection.waits_to_send and not self.connections.watch(connection):
                return self.close(connection)
            return Outcome.GO_ON
        if receiver.phase == Phase.END and receiver.has_read_all() and not connection.is_readable:
            return self.close(connection)
        try:
            sys.shutdown(connection.descriptor, SHUT_WR)
        except OSError:
            return self.close(connection)
        connection.state = State.LINGERING
        connection.lingers_to_ms = self.responder.now_ms + MOST_LINGERING_MS
        return Outcome.GO_ON

    def drop_input(self, connection: Connection) -> Outcome:
        """Reads and drops what a client sends behind its last response, up to the limits."""
        now_ms = self.responder.now_ms
        if connection.dropped_bytes > MOST_DROPPED_BYTES or now_ms > connection.lingers_to_ms:
            return self.close(connection)
        self.connections.lingering.put(connection, now_ms)
        dropped: Array[u8] = array(DROP_BYTES)
        for _ in range(DROPS_IN_A_TURN):
            try:
                count = sys.read(connection.descriptor, dropped[:])
            except OSError as error:
                if errno_of(error) == EAGAIN and self.connections.watch(connection):
                    return Outcome.WAIT
                return self.close(connection)
            if count == 0:
                return self.close(connection)
            connection.dropped_bytes += count
        self.connections.queue(connection)
        return Outcome.WAIT

    def time_out(self, connection: Connection) -> None:
        """Ends a connection whose time to send a request is over, with a word about it.

        A client that has sent nothing, as a browser's spare connection, would take the word for
        the answer to what it sends next: it is closed silently.
        """
        if connection.receiver.is_idle():
            self.close(connection)
            return
        self.responder.fail(connection, Status.REQUEST_TIMEOUT)
        connection.state = State.SENDING
        self.run(connection)

    def close(self, connection: Connection) -> Outcome:
        """Ends a connection at once."""
        self.connections.close(connection)
        return Outcome.WAIT
