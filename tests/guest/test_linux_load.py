"""Many connections, slow readers and long streams between the guest and Linux's TCP.

LOAD_SCALE=5 opens the 10,000 connections that are promised, LOAD_SCALE=32 sends 1 GiB each way.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from swiftos.guest import Guest
from tests.support.linux_pair import LinuxPair
from tests.support.network_guest import serving

LOAD_SCALE = int(os.environ.get("LOAD_SCALE", "1"))
CONNECTIONS = 2_000 * LOAD_SCALE
STREAM_BYTES = (32 << 20) * LOAD_SCALE
BUDGET_S = 60.0 + 20 * LOAD_SCALE
HTTP_PORT, TO_GUEST_PORT, FROM_GUEST_PORT = 8080, 7001, 7002
CLIENTS = 4
AT_ONCE = 500
SLOW_READERS = 200
FAST_S = 1.0
PIECE = 1 << 20
FILE_BYTES = 8 << 20
SLACK_KIB = 3_000
"""What logs, TIME-WAIT records and caches may hold behind a test."""
ANSWER = b"HTTP/1.1 200 OK"
BIG = "/tmp/site/big"


@pytest.fixture
def web(linux_pair: LinuxPair) -> Iterator[LinuxPair]:
    """The pair with httpd on the guest, which has a small page and a big one."""
    guest = linux_pair.guest
    guest.run_command("mkdir /tmp/site; echo small > /tmp/site/index.html", BUDGET_S)
    guest.run_command(f"cat /bin/* /bin/* /bin/* | head -c 4000000 > {BIG}", BUDGET_S)
    with serving(guest, "httpd -q -r /tmp/site", "", BUDGET_S):
        linux_pair.connect(HTTP_PORT, BUDGET_S).close()
        yield linux_pair
    guest.run_command(f"rm {BIG} /tmp/site/index.html; rmdir /tmp/site", BUDGET_S)


def used_kib(guest: Guest) -> int:
    """Returns the KiB in use, cached pages not counted."""
    line = re.search(r"Mem: +\d+ +(\d+) +\d+ +(\d+)", guest.run_command("free", BUDGET_S).text)
    assert line is not None
    return int(line[1]) - int(line[2])


def request(connection: socket.socket, path: str = "/", extra: str = "") -> None:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: guest\r\n{extra}\r\n".encode())


def fetch(pair: LinuxPair) -> bytes:
    """Opens a connection, gets the small page, and reads to the end."""
    with pair.host.connect(HTTP_PORT, BUDGET_S) as connection:
        request(connection, extra="Connection: close\r\n")
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_many_connections_one_after_the_other(web: LinuxPair) -> None:
    failures = []

    def work() -> None:
        for _ in range(CONNECTIONS // CLIENTS):
            answer = fetch(web)
            if not (answer.startswith(ANSWER) and answer.endswith(b"small\n")):
                failures.append(answer)

    clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert not failures


def test_many_connections_at_once(web: LinuxPair) -> None:
    with ExitStack() as stack:
        connections = []
        for _ in range(AT_ONCE):
            connections.append(stack.enter_context(web.host.connect(HTTP_PORT, BUDGET_S)))
        for _ in range(2):
            for connection in connections:
                request(connection)
            for connection in reversed(connections):
                assert connection.recv(4096).startswith(ANSWER)


def test_slow_readers_delay_nobody(web: LinuxPair) -> None:
    with ExitStack() as stack:
        for _ in range(SLOW_READERS):
            slow = stack.enter_context(web.host.connect(HTTP_PORT, BUDGET_S))
            request(slow, "/big")
        for _ in range(10):
            started_s = time.monotonic()
            assert fetch(web).startswith(ANSWER)
            assert time.monotonic() - started_s < FAST_S
        assert slow.recv(len(ANSWER)) == ANSWER


def test_a_long_stream_arrives_at_the_guest(linux_pair: LinuxPair) -> None:
    piece = random.Random(3).randbytes(PIECE)
    expected = hashlib.sha256()
    linux_pair.guest.type_line(f"nc -l {TO_GUEST_PORT} | sha256sum")
    with linux_pair.connect(TO_GUEST_PORT, BUDGET_S) as connection:
        for number in range(STREAM_BYTES // PIECE):
            part = number.to_bytes(8, "big") + piece[8:]
            expected.update(part)
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        linux_pair.guest.expect(expected.hexdigest(), BUDGET_S)
    linux_pair.guest.wait_prompt(BUDGET_S)


def test_a_long_stream_arrives_from_the_guest(linux_pair: LinuxPair) -> None:
    guest = linux_pair.guest
    before = used_kib(guest)
    guest.run_command(f"cat {'/bin/* ' * 6} | head -c {FILE_BYTES} > /tmp/stream", BUDGET_S)
    repeated = "/tmp/stream " * (STREAM_BYTES // FILE_BYTES)
    whole = guest.run_command(f"cat {repeated} | sha256sum", BUDGET_S).text.split()[0]
    guest.type_line(f"cat {repeated} | nc -l {FROM_GUEST_PORT}")
    received = hashlib.sha256()
    with linux_pair.connect(FROM_GUEST_PORT, BUDGET_S) as connection:
        while data := connection.recv(PIECE):
            received.update(data)
    guest.wait_prompt(BUDGET_S)
    guest.run_command("rm /tmp/stream", BUDGET_S)
    assert received.hexdigest() == whole
    assert used_kib(guest) < before + SLACK_KIB
