"""Many connections one after the other, and long transfers both ways with matching hashes.

`NET_CONNECTIONS` and `NET_TRANSFER_MIB` choose how many and how much; the defaults are for every
day.
"""

import hashlib
import os
import random
import threading
import time

from swiftos import paths
from swiftos.console import time_scale
from tests.support.network_guest import NetGuest

CONNECTIONS = int(os.environ.get("NET_CONNECTIONS", "1000"))
TRANSFER_MIB = int(os.environ.get("NET_TRANSFER_MIB", "48"))
LISTEN_S = 40
ANSWER_S = 60
SECONDS_PER_MIB = 5
SETTLE_S = 90
SLACK_KIB = 192
"""Packets that the kernel keeps for the next burst, and heap pages that a few objects share."""
MIB = 1 << 20
REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: guest\r\n\r\n"
HELLO = b"hello from the swift-os static file server\n"
MODEL = paths.REPOSITORY / "models" / "house" / "model.bin"


def used_kib(guest: NetGuest) -> int:
    """Returns the memory in use, as `free` says."""
    output = guest.guest.run_command("free", ANSWER_S).text
    row = next(line for line in output.splitlines() if line.startswith("Mem:"))
    return int(row.split()[2])


def use_connection(guest: NetGuest) -> None:
    """Opens a connection, gets a page, and closes first."""
    with guest.connect(8080, ANSWER_S) as connection:
        connection.sendall(REQUEST)
        received = b""
        while not received.endswith(HELLO):
            piece = connection.recv(4096)
            assert piece, f"the connection ended behind {received!r}"
            received += piece


def test_connections_opened_used_and_closed_leave_nothing(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    guest.type_line("httpd -q &")
    guest.expect("httpd: listening on 8080", LISTEN_S)
    for _ in range(100):
        use_connection(net_guest)
    before_kib = used_kib(net_guest)
    started_s = time.monotonic()
    for _ in range(CONNECTIONS):
        use_connection(net_guest)
    elapsed_s = time.monotonic() - started_s
    print(f"{CONNECTIONS} connections in {elapsed_s:.1f} s, {CONNECTIONS / elapsed_s:.0f} a second")
    deadline_s = time.monotonic() + SETTLE_S * time_scale()
    while (after_kib := used_kib(net_guest)) > before_kib + SLACK_KIB:
        assert time.monotonic() < deadline_s, f"{before_kib} KiB before, {after_kib} KiB behind it"
        time.sleep(1)
    guest.run_command("kill %1; wait", ANSWER_S)


def test_upload_arrives_whole(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    piece = random.Random(1).randbytes(MIB)
    digest = hashlib.sha256()
    guest.type_line("nc -l 5555 | sha256sum &")
    guest.expect(r"\n", ANSWER_S)
    guest.run_command("until ss -tl | grep -q :5555; do sleep 0.1; done", ANSWER_S)
    connection = net_guest.connect(5555, ANSWER_S)
    started_s = time.monotonic()
    with connection:
        connection.settimeout(ANSWER_S * time_scale())
        for number in range(TRANSFER_MIB):
            block = number.to_bytes(4, "big") + piece[4:]
            digest.update(block)
            connection.sendall(block)
    guest.expect(digest.hexdigest(), ANSWER_S + SECONDS_PER_MIB * TRANSFER_MIB)
    tell("up", time.monotonic() - started_s)
    guest.run_command("wait", ANSWER_S)


def test_download_arrives_whole(net_guest: NetGuest) -> None:
    content = MODEL.read_bytes()
    count = max(1, TRANSFER_MIB * MIB // len(content))
    request = b"GET /model.bin HTTP/1.1\r\nHost: guest\r\n\r\n"
    wanted = hashlib.sha256(content).digest()
    command = "httpd -q -r /models/house/1"
    with net_guest.serving(command, "httpd: listening on 8080", LISTEN_S):
        connection = net_guest.connect(8080, ANSWER_S)
        with connection, connection.makefile("rb", buffering=MIB) as stream:
            connection.settimeout(ANSWER_S * time_scale())
            started_s = time.monotonic()
            asker = threading.Thread(target=lambda: connection.sendall(request * count))
            asker.start()
            for _ in range(count):
                assert stream.readline().startswith(b"HTTP/1.1 200 ")
                while stream.readline() != b"\r\n":
                    pass
                assert hashlib.sha256(stream.read(len(content))).digest() == wanted
            asker.join()
            tell("down", time.monotonic() - started_s)


def tell(way: str, elapsed_s: float) -> None:
    """Prints a figure."""
    print(f"{way}: {TRANSFER_MIB} MiB in {elapsed_s:.1f} s, {TRANSFER_MIB / elapsed_s:.1f} MiB/s")
