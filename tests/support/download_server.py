"""A web server on the host for what `wget` must cope with."""

from __future__ import annotations

import random
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SIZE = 300_000
CHUNK_LIMIT = 5000
CONTENT = random.Random(7).randbytes(SIZE)


class Handler(BaseHTTPRequestHandler):
    """Answers by path: `/whole/file.bin`, `/chunked`, `/close`, `/short`, `/moved`, `/loop`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Sends what the path stands for."""
        routes: dict[str, Callable[[], None]] = {
            "/whole/file.bin": self.send_whole,
            "/chunked": self.send_chunked,
            "/close": self.send_until_close,
            "/short": self.send_short,
            "/moved": lambda: self.send_to("whole/moved-again"),
            "/whole/moved-again": lambda: self.send_to("/whole/file.bin"),
            "/loop": lambda: self.send_to("/loop"),
        }
        routes.get(self.path, self.send_nothing)()

    def send_whole(self) -> None:
        """Sends the content, or the part of it that is asked for."""
        start = int((self.headers.get("Range") or "bytes=0-")[len("bytes=") : -1])
        if start >= SIZE:
            self.head(416, {"Content-Length": "0"})
            return
        fields = {"Content-Length": str(SIZE - start)}
        if start:
            fields["Content-Range"] = f"bytes {start}-{SIZE - 1}/{SIZE}"
        self.head(206 if start else 200, fields)
        self.wfile.write(CONTENT[start:])

    def send_chunked(self) -> None:
        """Sends it in chunks of many sizes."""
        self.head(200, {"Transfer-Encoding": "chunked"})
        place = 0
        while place < SIZE:
            piece = CONTENT[place : place + 1 + place * 7 % CHUNK_LIMIT]
            self.wfile.write(b"%x;name=value\r\n%s\r\n" % (len(piece), piece))
            place += len(piece)
        self.wfile.write(b"0\r\nTrailer: value\r\n\r\n")

    def send_until_close(self) -> None:
        """Sends it without a length."""
        self.head(200, {"Connection": "close"})
        self.wfile.write(CONTENT)

    def send_short(self) -> None:
        """Promises more than it sends."""
        self.head(200, {"Content-Length": str(SIZE + 1)})
        self.wfile.write(CONTENT)
        self.close_connection = True

    def send_to(self, location: str) -> None:
        """Sends the client elsewhere."""
        self.head(302, {"Location": location, "Content-Length": "5"})
        self.wfile.write(b"moved")

    def send_nothing(self) -> None:
        """Says that there is no such file."""
        self.head(404, {"Content-Length": "0"})

    def head(self, status: int, fields: dict[str, str]) -> None:
        """Sends a head."""
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def make_server() -> ThreadingHTTPServer:
    """Returns a server on a free port; `serve_forever` it in a thread."""
    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)
