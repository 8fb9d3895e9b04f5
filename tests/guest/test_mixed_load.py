"""Two thousand requests of mixed load to both services: everything is back where it was."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.support.network_guest import NetGuest

BUDGET_S = 60
LLMD, HTTPD = 8080, 8081
CLIENTS = 8
REQUESTS = 2000
SETTLE_S = 90
"""Longer than TIME-WAIT, in which a closed connection still costs a record."""
ALLOWED_KIB = 128
"""Spare packets, and what the heap keeps in part-filled pages: 64 bytes a request would be seen."""
PAGES = ("/", "/hello.txt", "/sub/", "/index.html", "/none")


def ask(connection: http.client.HTTPConnection, number: int, is_llmd: bool) -> None:
    """Sends the request with a number on a kept connection and checks the answer."""
    if not is_llmd:
        path = PAGES[number % len(PAGES)]
        connection.request("HEAD" if number % 7 == 0 else "GET", path)
        wanted = 404 if path == "/none" else 200
    elif number % 20 == 0:
        connection.request("POST", "/completion?n=2", "Tom")
        wanted = 200
    elif number % 20 == 1:
        connection.request("POST", "/completion", "")
        wanted = 400
    else:
        connection.request("GET", ("/health", "/metrics")[number % 2])
        wanted = 200
    response = connection.getresponse()
    response.read()
    assert response.status == wanted, (number, is_llmd, response.status)


def run_client(guest: NetGuest, numbers: range) -> None:
    """Asks both services in turn; every fifth request begins a new connection."""
    connections = {port: connect(guest, port) for port in (LLMD, HTTPD)}
    for number in numbers:
        port = LLMD if number % 4 == 0 else HTTPD
        if number % 5 == 0:
            connections[port].close()
            connections[port] = connect(guest, port)
        ask(connections[port], number // 4 if port == LLMD else number, port == LLMD)
    for connection in connections.values():
        connection.close()


def connect(guest: NetGuest, port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", guest.host_port(port), timeout=BUDGET_S)


def load(guest: NetGuest, requests: int) -> None:
    """Sends requests from several clients at once."""
    each = requests // CLIENTS
    with ThreadPoolExecutor(CLIENTS) as clients:
        parts = [range(start * each, (start + 1) * each) for start in range(CLIENTS)]
        list(clients.map(lambda numbers: run_client(guest, numbers), parts))


@contextmanager
def both_services(guest: NetGuest) -> Iterator[None]:
    """Runs both in the background, silent on the console, where lines are typed meanwhile."""
    shell = guest.guest
    services = (("llmd", "/bin/llmd", "serving"), ("httpd", f"/bin/httpd -q -p {HTTPD}", "listen"))
    for name, command, marker in services:
        log = f"/tmp/{name}.log"
        start = f"{command} > {log} 2>&1 & {name}=$!"
        shell.run_command(f"{start}; until grep -q {marker} {log}; do sleep 0.1; done", BUDGET_S)
    yield
    shell.run_command("kill $llmd $httpd; wait; rm /tmp/llmd.log /tmp/httpd.log", BUDGET_S)


def settled(guest: NetGuest) -> tuple[int, int]:
    """Waits until no connection is left; returns KiB used without cached pages, and sockets."""
    deadline = time.monotonic() + SETTLE_S
    while True:
        connected = guest.guest.run_command("ss -t", BUDGET_S).text.splitlines()
        if not any(re.match(r"tcp +(?!LISTEN)", line) for line in connected):
            break
        assert time.monotonic() < deadline, f"connections are left: {connected[:5]}"
        time.sleep(1)
    guest.guest.run_command("echo > /tmp/llmd.log", BUDGET_S)
    listed = guest.guest.run_command("ss -al", BUDGET_S).text.splitlines()
    return used_kib(guest), len(listed)


def used_kib(guest: NetGuest) -> int:
    text = guest.guest.run_command("free", BUDGET_S).text
    header, row = (line.split() for line in text.splitlines()[:2])
    values = dict(zip(header, map(int, row[-len(header) :]), strict=True))
    return values["used"] - values["cached"]


@pytest.mark.timeout(420)
def test_mixed_load_leaves_nothing_behind(net_guest: NetGuest) -> None:
    with both_services(net_guest):
        load(net_guest, REQUESTS)
        memory_before, sockets_before = settled(net_guest)
        load(net_guest, REQUESTS)
        memory_after, sockets_after = settled(net_guest)
    assert sockets_after == sockets_before
    assert memory_after <= memory_before + ALLOWED_KIB
