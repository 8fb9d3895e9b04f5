"""Many connections, slow readers and long streams, behind QEMU's router and against Linux's TCP.

LOAD_SCALE=5 opens the 10,000 connections that are promised, LOAD_SCALE=32 sends 1 GiB each way.
"""

from __future__ import annotations

import hashlib
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from swiftos.console import time_scale
from swiftos.guest import Guest
from tests.support.guest_memory import accounted_kib

LOAD_SCALE = int(os.environ.get("LOAD_SCALE", "1"))
CONNECTIONS = 2_000 * LOAD_SCALE
STREAM_BYTES = (32 << 20) * LOAD_SCALE
BUDGET_S = 60.0 + 20 * LOAD_SCALE
HTTP_PORT, TO_GUEST_PORT, FROM_GUEST_PORT = 8080, 5555, 8081
CLIENTS = 4
WARM_UP = 100
AT_ONCE = 500
SLOW_READERS = 200
FAST_S = 1.0
SLOWER = 10
"""Where the machine below is busy: how much longer than alone a fast client may take."""
PIECE = 1 << 20
FILE_BYTES = 8 << 20
SETTLE_S = 90
LEFT_KIB = 192
"""Packets that the kernel keeps for the next burst, and heap pages that a few objects share."""
ANSWER = b"HTTP/1.1 200 OK"
SMALL = b"small\n"
SITE = "/tmp/site"


@dataclass(frozen=True)
class FarEnd:
    """Who is at the other end of the guest's cable."""

    guest: Guest
    connect: Callable[[int, float], socket.socket]


@pytest.fixture(params=["router", "linux"])
def far_end(request: pytest.FixtureRequest) -> FarEnd:
    """A guest and the host's TCP: through QEMU's router, or in a namespace on the cable."""
    name = "net_guest" if request.param == "router" else "linux_pair"
    pair = request.getfixturevalue(name)
    return FarEnd(pair.guest, pair.connect)


@pytest.fixture
def web(far_end: FarEnd) -> Iterator[FarEnd]:
    """The same with httpd on the guest, which has a small page and a big one."""
    guest = far_end.guest
    guest.run_command(f"mkdir {SITE}; echo small > {SITE}/index.html", BUDGET_S)
    guest.run_command(f"cat {'/bin/* ' * 3} | head -c 4000000 > {SITE}/big", BUDGET_S)
    run_until_listening(guest, f"httpd -q -r {SITE} > /tmp/httpd.log", HTTP_PORT)
    yield far_end
    guest.run_command(f"kill %1; wait; rm -r {SITE} /tmp/httpd.log", BUDGET_S)


def run_until_listening(guest: Guest, command: str, port: int) -> None:
    """Runs a server as a job and waits until it listens: the router takes every connection."""
    guest.run_command(f"{command} & until ss -tl | grep -q :{port}; do sleep 0.05; done", BUDGET_S)


def request(connection: socket.socket, path: str = "/") -> None:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: guest\r\n\r\n".encode())


def fetch(far_end: FarEnd) -> float:
    """Opens a connection, gets the small page and closes; returns the seconds that it took."""
    started_s = time.monotonic()
    with far_end.connect(HTTP_PORT, BUDGET_S) as connection:
        request(connection)
        answer = b""
        while not answer.endswith(SMALL):
            piece = connection.recv(4096)
            assert piece, f"the connection ended behind {answer!r}"
            answer += piece
    assert answer.startswith(ANSWER)
    return time.monotonic() - started_s


def fetch_often(far_end: FarEnd, count: int) -> None:
    """Fetches that many times, from several clients at once."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda _: fetch(far_end), range(count)))


def test_connections_opened_used_and_closed_leave_nothing(web: FarEnd) -> None:
    fetch_often(web, WARM_UP)
    before_kib = accounted_kib(web.guest)
    fetch_often(web, CONNECTIONS)
    deadline_s = time.monotonic() + SETTLE_S * time_scale()
    while (after_kib := accounted_kib(web.guest)) < before_kib - LEFT_KIB:
        assert time.monotonic() < deadline_s, f"{before_kib - after_kib} KiB are gone"
        time.sleep(0.5)


def test_many_connections_at_once(web: FarEnd) -> None:
    with ExitStack() as stack:
        connections = []
        for _ in range(AT_ONCE):
            connections.append(stack.enter_context(web.connect(HTTP_PORT, BUDGET_S)))
            request(connections[-1])
            assert connections[-1].recv(4096).startswith(ANSWER)
        for connection in connections:
            request(connection)
        for connection in reversed(connections):
            assert connection.recv(4096).startswith(ANSWER)


def test_slow_readers_delay_nobody(web: FarEnd) -> None:
    alone_s = max(fetch(web) for _ in range(10))
    with ExitStack() as stack:
        for _ in range(SLOW_READERS):
            slow = stack.enter_context(web.connect(HTTP_PORT, BUDGET_S))
            request(slow, "/big")
            assert slow.recv(len(ANSWER)) == ANSWER
        beside_s = max(fetch(web) for _ in range(10))
    assert beside_s < max(FAST_S * time_scale(), SLOWER * alone_s)


def test_a_long_stream_arrives_at_the_guest(far_end: FarEnd) -> None:
    piece = random.Random(3).randbytes(PIECE)
    expected = hashlib.sha256()
    run_until_listening(far_end.guest, f"nc -l {TO_GUEST_PORT} | sha256sum", TO_GUEST_PORT)
    with far_end.connect(TO_GUEST_PORT, BUDGET_S) as connection:
        for number in range(STREAM_BYTES // PIECE):
            part = number.to_bytes(8, "big") + piece[8:]
            expected.update(part)
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        far_end.guest.expect(expected.hexdigest(), BUDGET_S)
    far_end.guest.run_command("wait", BUDGET_S)


def test_a_long_stream_arrives_from_the_guest(far_end: FarEnd) -> None:
    guest = far_end.guest
    guest.run_command(f"cat {'/bin/* ' * 6} | head -c {FILE_BYTES} > /tmp/stream", BUDGET_S)
    repeated = "/tmp/stream " * (STREAM_BYTES // FILE_BYTES)
    whole = guest.run_command(f"cat {repeated} | sha256sum", BUDGET_S).text.split()[0]
    run_until_listening(guest, f"cat {repeated} | nc -l {FROM_GUEST_PORT}", FROM_GUEST_PORT)
    received = hashlib.sha256()
    with far_end.connect(FROM_GUEST_PORT, BUDGET_S) as connection:
        connection.shutdown(socket.SHUT_WR)
        while data := connection.recv(PIECE):
            received.update(data)
    guest.run_command("wait; rm /tmp/stream", BUDGET_S)
    assert received.hexdigest() == whole
