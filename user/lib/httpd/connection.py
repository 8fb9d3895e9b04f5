"""`Connection`: one client, what it has sent and what it is still to be sent."""

from __future__ import annotations

from bare import Bytes, Enum8, Span, i32, i64, inline, struct, u8, u64, usize
from user.lib.http.file_answer import FileAnswer
from user.lib.http.receiver import RequestReceiver
from user.lib.http.response import Response
from user.lib.httpd.cached_file import CachedFile
from user.lib.httpd.deadlines import DeadlineLine


class State(Enum8):
    """What a connection is about."""

    READING = 0
    SENDING = 1
    LINGERING = 2
    """Everything is sent; what the client still sends is read and dropped, so that the end of the
    connection does not destroy the response on its way (RFC 9112, 9.6)."""


@struct
class Connection:
    """Made from a pool, so that all that matters is set by `begin`."""

    descriptor: i32 = -1
    state: State = State.READING
    is_readable: bool = False
    """Whether there may be something to receive: set by an event, cleared by an empty read."""

    has_ended: bool = False
    """Whether the client has said that it sends no more."""

    has_served: bool = False
    """Whether a response was sent before."""

    is_watched: bool = False
    waits_to_send: bool = False
    """Whether the kernel was asked to tell when more can be sent."""

    deadline_ms: i64 = 0
    line: DeadlineLine | None = None
    next_in_line: Connection | None = None
    previous_in_line: Connection | None = None

    is_queued: bool = False
    """Whether it used up its turn and goes on by itself in the next one."""

    next_queued: Connection | None = None
    dropped_bytes: u64 = 0
    """While LINGERING."""

    lingers_to_ms: i64 = 0
    """Until when at most."""

    file: CachedFile | None = None
    part: usize = 0
    """The next part of `answer` to send."""

    offset: u64 = 0
    left: u64 = 0
    """What is still to be sent of the part before that, from the file's descriptor."""

    unsent: Span[u8] | None = None
    unsent_start: usize = 0
    """What was written and not taken by the kernel begins here in `unsent`."""

    receiver: RequestReceiver = inline()
    response: Response = inline()
    answer: FileAnswer = inline()

    def begin(self, descriptor: i32) -> None:
        """Makes it the connection behind `descriptor`."""
        self.descriptor = descriptor
        self.state = State.READING
        self.is_readable = True
        self.receiver.restart()

    def unsent_rest(self) -> Bytes:
        """Returns what the kernel has not taken yet."""
        unsent = self.unsent
        if unsent is None:
            return b""
        return unsent[self.unsent_start :]
