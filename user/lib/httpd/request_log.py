"""`RequestLog`: one line for each request, written behind the responses.

Lines gather in a buffer that is written when the server has nothing else to do, or from time to
time where it always has. What does not fit meanwhile is counted: under load the console would cost
more than the requests.
"""

from __future__ import annotations

from bare import Array, Bytes, Writer, array, i64, struct, u8, u64, usize, write_to
from user.lib.http.request import Request
from user.lib.http.status import Status, phrase_of
from user.lib.http.target import path_of
from user.lib.standard import standard

LOG_BYTES = 4096
RESERVED_BYTES = 64
"""Kept free for the line that counts the others."""

LONGEST_WAIT_MS: i64 = 500
CODE_DIGITS: usize = 3
MOST_PATH_BYTES: usize = 200


@struct
class RequestLog(Writer):
    """Lines that are not written yet."""

    is_quiet: bool = False
    used: usize = 0
    left_out: u64 = 0
    first_ms: i64 = 0
    """When the oldest line was added."""

    buffer: Array[u8] = array(LOG_BYTES)

    def write(self, data: Bytes) -> None:
        """Adds bytes that are known to fit."""
        self.buffer[self.used : self.used + len(data)].copy_from(data)
        self.used += len(data)

    def add(self, status: Status, request: Request, now_ms: i64) -> None:
        """Notes a request that was answered."""
        if self.is_quiet:
            return
        path: Bytes = b"-"
        if len(request.head) > 0:
            path = path_of(request.target())
        path = path[: min(len(path), MOST_PATH_BYTES)]
        if self.used == 0:
            self.first_ms = now_ms
        if self.used + len(path) + RESERVED_BYTES > LOG_BYTES - RESERVED_BYTES:
            self.left_out += 1
            return
        self.write(b"httpd: ")
        self.write(phrase_of(status)[:CODE_DIGITS])
        self.write(b" ")
        self.write(path)
        self.write(b"\n")

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.used == 0

    def is_due(self, now_ms: i64) -> bool:
        """Whether lines have waited long enough even for a busy server."""
        return self.used > 0 and now_ms - self.first_ms >= LONGEST_WAIT_MS

    def flush(self) -> None:
        """Writes everything to standard output."""
        if self.left_out > 0:
            write_to(self, f"httpd: {self.left_out} more requests\n")
            self.left_out = 0
        output = standard().output
        output.write(self.buffer[: self.used])
        output.flush()
        self.used = 0
