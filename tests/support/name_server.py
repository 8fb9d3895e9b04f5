"""A name server whose answers a test writes: over UDP and over TCP, on one free port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from swiftos.network import LOOPBACK
from tests.user.net.dns_builder import Query

LENGTH_BYTES = 2
LARGEST_DATAGRAM = 4096

Answer = Callable[[Query, bool], bytes | None]
"""Gets the question and whether it came over TCP; None: no answer."""


class AnsweringServer:
    """Runs in threads for the length of a `with` block; `asked` are the questions."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[tuple[Query, bool]] = []
        self._stream = socket.create_server((LOOPBACK, 0))
        self.port = int(self._stream.getsockname()[1])
        self._datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagram.bind((LOOPBACK, self.port))
        self._threads = [
            threading.Thread(target=serve, daemon=True)
            for serve in (self._serve_datagrams, self._serve_streams)
        ]

    def __enter__(self) -> AnsweringServer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for listener in (self._datagram, self._stream):
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join()

    def _reply(self, data: bytes, is_stream: bool) -> bytes | None:
        query = Query(data)
        self.asked.append((query, is_stream))
        return self._answer(query, is_stream)

    def _serve_datagrams(self) -> None:
        while True:
            try:
                data, sender = self._datagram.recvfrom(LARGEST_DATAGRAM)
            except OSError:
                return
            if not data:
                return
            reply = self._reply(data, False)
            if reply is not None:
                self._datagram.sendto(reply, sender)

    def _serve_streams(self) -> None:
        while True:
            try:
                connection, _ = self._stream.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as reader:
                length = int.from_bytes(reader.read(LENGTH_BYTES), "big")
                reply = self._reply(reader.read(length), True)
                if reply is not None:
                    connection.sendall(len(reply).to_bytes(LENGTH_BYTES, "big") + reply)
