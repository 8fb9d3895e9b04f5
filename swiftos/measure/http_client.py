"""The client on the host: requests over one kept connection, and bursts over several.

QEMU's router takes connections one at a time, so all are opened before the first request of a
burst. Requests are bytes on a socket: what the client adds is small and always the same.
"""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType

from swiftos.errors import ProductError
from swiftos.network import LOOPBACK

TIMEOUT_S = 30
LENGTH = re.compile(rb"^content-length: *(\d+)\r?$", re.IGNORECASE | re.MULTILINE)
HEAD_END = b"\r\n\r\n"


class Keeping:
    """One connection that is kept. Raises ProductError for an answer that is not 200 and whole."""

    def __init__(self, port: int, page: str) -> None:
        self._request = f"GET {page} HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode()
        self._page = page
        self._rest = b""
        self._socket = socket.create_connection((LOOPBACK, port), TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = ""
        """The first line of the last answer, with what was asked."""

    def __enter__(self) -> "Keeping":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def ask(self, requests: int, pause_s: float = 0.0) -> list[float]:
        """Asks one request behind the other, with a pause behind each; returns their seconds."""
        times_s = []
        for _ in range(requests):
            started_s = time.monotonic()
            self._one()
            times_s.append(time.monotonic() - started_s)
            if pause_s:
                time.sleep(pause_s)
        return times_s

    def _one(self) -> None:
        try:
            self._socket.sendall(self._request)
            head = self._read_head()
            length = LENGTH.search(head)
            status = head.partition(b"\r\n")[0].decode("latin-1")
            if b" 200 " not in head[:16] or length is None:
                raise ProductError(f"GET {self._page} was answered {status!r}", "ask it by hand")
            self._skip(int(length.group(1)))
        except OSError as error:
            what = f"GET {self._page} was not answered: {error}"
            raise ProductError(what, "see the run folder") from None
        self.answer = f"GET {self._page}: {status}"

    def _read_head(self) -> bytes:
        while HEAD_END not in self._rest:
            self._rest += self._more()
        head, _, self._rest = self._rest.partition(HEAD_END)
        return head

    def _skip(self, length: int) -> None:
        while len(self._rest) < length:
            self._rest += self._more()
        self._rest = self._rest[length:]

    def _more(self) -> bytes:
        data = self._socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def burst(port: int, page: str, requests: int, connections: int) -> float:
    """Asks on several connections at once, all opened before; returns the seconds of all."""
    each = requests // connections
    with ExitStack() as stack, ThreadPoolExecutor(connections) as pool:
        clients = [stack.enter_context(Keeping(port, page)) for _ in range(connections)]
        started_s = time.monotonic()
        list(pool.map(lambda client: client.ask(each), clients))
        return time.monotonic() - started_s
