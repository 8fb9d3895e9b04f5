"""`Sender`: moves responses into sockets, as far as these take them."""

from __future__ import annotations

from abi.errno import EAGAIN
from abi.socket import MSG_MORE, MSG_NOSIGNAL
from bare import Bytes, Enum8, allocate_span, errno_of, inline, release, struct, u8, u32, u64, usize
from bare.lib.text import Text
from user.lib.heap import Heap
from user.lib.http.file_facts import FileFacts
from user.lib.httpd.cached_file import CachedFile
from user.lib.httpd.connection import Connection
from user.lib.httpd.file_cache import FileCache
from user.lib.socket import send, send_file

MOST_COMPOSED_BYTES: usize = 16 * 1024
"""Parts of files in memory are gathered up to this size before they are sent."""

MOST_SENT_BYTES: u64 = 256 * 1024
"""What one connection may send in its turn."""


class Progress(Enum8):
    """How far a response got."""

    DONE = 0
    BLOCKED = 1
    """The socket takes no more for now."""

    TURN_OVER = 2
    """The socket would take more, but others wait."""

    BROKEN = 3
    """The connection is lost, or the file has become shorter."""


@struct
class Sender:
    """Sends what `out` holds, which the caller filled for the connection at hand, and files."""

    heap: Heap
    cache: FileCache
    out: Text = inline()
    sent_bytes: u64 = 0
    """In this turn."""

    def push(self, connection: Connection) -> Progress:
        """Sends what can be sent; on any result `out` is empty."""
        self.sent_bytes = 0
        progress = Progress.DONE
        while progress == Progress.DONE:
            if connection.unsent is not None:
                progress = self.send_unsent(connection)
            else:
                self.compose(connection)
                if len(self.out) > 0:
                    progress = self.send_out(connection)
                elif connection.left > 0:
                    progress = self.send_part(connection)
                else:
                    return Progress.DONE
        self.out.clear()
        return progress

    def compose(self, connection: Connection) -> None:
        """Adds to `out` what comes before the next bytes of a file's descriptor."""
        file = connection.file
        if file is None:
            return
        while connection.left == 0 and len(self.out) < MOST_COMPOSED_BYTES:
            if connection.part == connection.answer.part_count:
                if connection.answer.is_multipart:
                    connection.answer.write_last_boundary(self.out)
                connection.file = None
                self.cache.let_go(file)
                return
            self.begin_part(connection, file)

    def begin_part(self, connection: Connection, file: CachedFile) -> None:
        """Adds a part's head, and the part where the file is in memory."""
        answer = connection.answer
        facts: FileFacts = file.facts
        if answer.is_multipart:
            answer.write_part_head(self.out, connection.part, facts)
        part = answer.part(connection.part)
        connection.part += 1
        if file.descriptor < 0:
            self.out.write(file.part(part.first, part.length))
        else:
            connection.offset = part.first
            connection.left = part.length

    def send_out(self, connection: Connection) -> Progress:
        """Sends `out`; what is not taken is kept with the connection."""
        if self.out.is_truncated:
            return Progress.BROKEN
        data = self.out.view()
        sent: usize = 0
        try:
            sent = send(connection.descriptor, data, flags_for(connection))
        except OSError as error:
            if errno_of(error) != EAGAIN:
                return Progress.BROKEN
        if sent < len(data) and not self.keep_rest(connection, data[sent:]):
            return Progress.BROKEN
        self.out.clear()
        return Progress.DONE if connection.unsent is None else Progress.BLOCKED

    def keep_rest(self, connection: Connection, rest: Bytes) -> bool:
        """Copies what was not taken; False where there is no memory."""
        try:
            unsent = allocate_span(self.heap, u8, len(rest))
        except OSError:
            return False
        unsent.copy_from(rest)
        connection.unsent = unsent
        connection.unsent_start = 0
        return True

    def send_unsent(self, connection: Connection) -> Progress:
        """Sends what an earlier call kept."""
        rest = connection.unsent_rest()
        sent: usize = 0
        try:
            sent = send(connection.descriptor, rest, flags_for(connection))
        except OSError as error:
            return progress_after(errno_of(error) == EAGAIN)
        if sent < len(rest):
            connection.unsent_start += sent
            return Progress.BLOCKED
        self.drop_unsent(connection)
        return Progress.DONE

    def drop(self, connection: Connection) -> None:
        """Gives up what a connection was still to be sent."""
        self.drop_unsent(connection)
        file = connection.file
        if file is not None:
            connection.file = None
            self.cache.let_go(file)

    def drop_unsent(self, connection: Connection) -> None:
        """Gives back what was kept of a response."""
        unsent = connection.unsent
        if unsent is not None:
            release(self.heap, unsent)
            connection.unsent = None

    def send_part(self, connection: Connection) -> Progress:
        """Sends bytes of a file by its descriptor, which are not copied on the way."""
        file = connection.file
        if file is None:
            return Progress.BROKEN
        if self.sent_bytes >= MOST_SENT_BYTES:
            return Progress.TURN_OVER
        count = min(connection.left, MOST_SENT_BYTES)
        try:
            sent = send_file(connection.descriptor, file.descriptor, connection.offset, count)
        except OSError as error:
            return progress_after(errno_of(error) == EAGAIN)
        if sent == 0:
            return Progress.BROKEN
        connection.offset += sent
        connection.left -= sent
        self.sent_bytes += sent
        return Progress.DONE


def flags_for(connection: Connection) -> u32:
    """Returns how a response is sent: with what follows at once, be it a file or the end of the
    connection, in one segment.
    """
    if connection.left > 0 or not connection.response.keeps_alive:
        return MSG_NOSIGNAL | MSG_MORE
    return MSG_NOSIGNAL


def progress_after(is_full: bool) -> Progress:
    """Returns what an error of a send means, where EAGAIN says that the socket is full."""
    return Progress.BLOCKED if is_full else Progress.BROKEN
