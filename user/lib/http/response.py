"""`Response`: writes a response's head and body into a `Writer`.

How to use it:

    response = Response()
    response.begin(out, request, Status.OK, date)   # status line, Date
    response.field(out, b"Content-Type", b"text/html")
    response.end_with_length(out, 5)                # or one of the other endings
    out.write(b"hello")                             # left out where `has_body` is False

or, for a body whose length is not known,

    response.end_with_stream(out)
    response.piece(out, b"hel")
    response.piece(out, b"lo")
    response.finish(out)

`keeps_alive` says whether the connection goes on behind the response; a server may clear it before
the head ends. A stream is chunked for HTTP/1.1 and ends with the connection for HTTP/1.0 (RFC 9112,
6.3).

Values are written as they are: what a client sent must not go into one unchecked.
"""

from __future__ import annotations

from bare import Array, Bytes, Writer, array, struct, u8, u64
from bare.lib.format import LOWER_DIGITS, put_bits, put_decimal
from user.lib.http.request import Method, Request
from user.lib.http.status import Status, phrase_of

MOST_DIGITS = 20
HEX_SHIFT = 4


@struct
class Response:
    """How one response is framed."""

    keeps_alive: bool = False
    is_chunked: bool = False
    is_to_head: bool = False
    is_old: bool = False
    """Whether the client speaks HTTP/1.0."""

    status: Status = Status.OK

    def begin(self, out: Writer, request: Request, status: Status, date: Bytes) -> None:
        """Begins the response to a request that was read; `date` is as in `DateText`."""
        self.is_to_head = request.method == Method.HEAD
        self.is_old = request.minor == 0
        self.keeps_alive = request.keeps_alive
        self.start(out, status, date)

    def begin_failure(self, out: Writer, request: Request, status: Status, date: Bytes) -> None:
        """Begins the last response, to what could not be read as a request, or not whole."""
        self.is_to_head = request.method == Method.HEAD
        self.is_old = False
        self.keeps_alive = False
        self.start(out, status, date)

    def start(self, out: Writer, status: Status, date: Bytes) -> None:
        """Writes the status line and what every response has."""
        self.is_chunked = False
        self.status = status
        out.write(b"HTTP/1.1 ")
        out.write(phrase_of(status))
        out.write(b"\r\nServer: SwiftOS\r\n")
        self.field(out, b"Date", date)

    def write_connection(self, out: Writer) -> None:
        """Writes whether the connection goes on, where that is not what the version implies."""
        if not self.keeps_alive:
            out.write(b"Connection: close\r\n")
        elif self.is_old:
            out.write(b"Connection: keep-alive\r\n")

    def field(self, out: Writer, name: Bytes, value: Bytes) -> None:
        """Writes a field."""
        out.write(name)
        out.write(b": ")
        out.write(value)
        out.write(b"\r\n")

    def number_field(self, out: Writer, name: Bytes, value: u64) -> None:
        """Writes a field whose value is a number."""
        digits: Array[u8] = array(MOST_DIGITS)
        first = put_decimal(digits, value)
        self.field(out, name, digits[first:])

    def has_body(self) -> bool:
        """Whether a body may follow the head (RFC 9110, 6.4.1)."""
        if self.is_to_head or self.status == Status.NO_CONTENT:
            return False
        return self.status != Status.NOT_MODIFIED

    def end_with_length(self, out: Writer, size_bytes: u64) -> None:
        """Ends the head of a response whose body has `size_bytes`."""
        self.write_connection(out)
        self.number_field(out, b"Content-Length", size_bytes)
        out.write(b"\r\n")

    def end_without_body(self, out: Writer) -> None:
        """Ends the head of a response that never has a body: 204 and 304."""
        assert not self.has_body(), "this status needs a body, if only an empty one"
        self.write_connection(out)
        out.write(b"\r\n")

    def end_with_stream(self, out: Writer) -> None:
        """Ends the head of a response whose body comes in pieces of unknown total length.

        For HTTP/1.0 the end of the connection ends the body.
        """
        if self.is_old:
            self.keeps_alive = False
        else:
            self.is_chunked = True
            out.write(b"Transfer-Encoding: chunked\r\n")
        self.write_connection(out)
        out.write(b"\r\n")

    def piece(self, out: Writer, data: Bytes) -> None:
        """Writes some of a stream's body; nothing where `data` is empty."""
        if len(data) == 0 or not self.has_body():
            return
        if not self.is_chunked:
            out.write(data)
            return
        digits: Array[u8] = array(MOST_DIGITS)
        first = put_bits(digits, len(data), HEX_SHIFT, LOWER_DIGITS)
        out.write(digits[first:])
        out.write(b"\r\n")
        out.write(data)
        out.write(b"\r\n")

    def finish(self, out: Writer) -> None:
        """Writes the end of a stream's body."""
        if self.is_chunked and self.has_body():
            out.write(b"0\r\n\r\n")


def write_continue(out: Writer) -> None:
    """Writes the interim response that a client with a body may wait for (RFC 9110, 15.2.1)."""
    out.write(b"HTTP/1.1 100 Continue\r\n\r\n")
