"""Small services on the host's loopback address, which the guest reaches as 10.0.2.2."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from ipaddress import IPv6Address
from types import TracebackType
from typing import Self

from swiftos.network import LOOPBACK

POLL_S = 0.1
LARGEST = 65_535
TYPE_A, TYPE_AAAA = 1, 28
NAME_POINTER = 0xC00C
"""The name in the question. RFC 1035, 4.1.4."""
ANSWER_TTL_S = 60


class Service:
    """A thread that serves one socket in a `with` block; `port` says where."""

    def __init__(self, kind: socket.SocketKind, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK, port))
        self._socket.settimeout(POLL_S)
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="host service", daemon=True)
        self.port = int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_ending.set()
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while not self._is_ending.is_set():
            try:
                self.serve(self._socket)
            except TimeoutError:
                continue

    def serve(self, listener: socket.socket) -> None:
        """Serves once. TimeoutError where nobody came."""
        raise NotImplementedError


class TcpService(Service):
    """Hands one connection after the other to `talk`."""

    def __init__(self, talk: Callable[[socket.socket], None], port: int = 0) -> None:
        super().__init__(socket.SOCK_STREAM, port)
        self._socket.listen()
        self._talk = talk

    def serve(self, listener: socket.socket) -> None:
        """Serves one connection."""
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(None)
            self._talk(connection)


class NameServer(Service):
    """Answers every question about an address with the same one. RFC 1035."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(socket.SOCK_DGRAM, port)
        self.questions: list[tuple[str, int]] = []
        """Names, in lower case (a resolver may mix it), and types."""
        self.is_empty = False
        """Whether it has no addresses."""

    def serve(self, listener: socket.socket) -> None:
        """Answers one question."""
        message, sender = listener.recvfrom(LARGEST)
        listener.sendto(self.answer(message), sender)

    def answer(self, message: bytes) -> bytes:
        """Returns the answer to a message with one question."""
        labels = []
        place = 12
        while message[place]:
            labels.append(message[place + 1 : place + 1 + message[place]].decode())
            place += 1 + message[place]
        (kind,) = struct.unpack(">H", message[place + 1 : place + 3])
        question = message[12 : place + 5]
        self.questions.append((".".join(labels).lower(), kind))
        data = {TYPE_A: bytes([192, 0, 2, 7]), TYPE_AAAA: IPv6Address("2001:db8::7").packed}
        records = b""
        if kind in data and not self.is_empty:
            records = struct.pack(">HHHIH", NAME_POINTER, kind, 1, ANSWER_TTL_S, len(data[kind]))
            records += data[kind]
        counts = struct.pack(">HHHH", 1, 1 if records else 0, 0, 0)
        return message[:2] + b"\x81\x80" + counts + question + records
