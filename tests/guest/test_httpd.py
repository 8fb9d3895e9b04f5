"""`/bin/httpd` behind QEMU's router: pages, every case of the tables, many clients, bad clients."""

from __future__ import annotations

import hashlib
import http.client
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from swiftos import paths
from tests.support import http_client
from tests.support.network_guest import NetGuest
from tests.user.http.answers import read_answers
from tests.user.http.case import ALPHABET, get
from tests.user.http.over_socket import PROGRAM_CASES, run_case

BUDGET_S = 60
SERVING = r"httpd: listening on 8080"
PORT = 8080
HOST = "127.0.0.1"
MODEL = paths.REPOSITORY / "models" / "house" / "model.bin"
REQUESTS = 300
LARGE_BODY = 10 << 20
HEAD_LIMIT_S = 10


@pytest.fixture
def httpd(net_guest: NetGuest) -> Iterator[NetGuest]:
    """A guest whose console runs httpd on /www."""
    with net_guest.serving("/bin/httpd", SERVING, BUDGET_S):
        yield net_guest


@pytest.fixture
def site(net_guest: NetGuest) -> Iterator[NetGuest]:
    """A guest whose console runs httpd on the folder of the tables of cases, without a log."""
    with net_guest.serving("/bin/httpd -q -r /test/site", SERVING, BUDGET_S):
        yield net_guest


@pytest.fixture
def model_site(net_guest: NetGuest) -> Iterator[NetGuest]:
    """A guest whose console runs httpd on the language model: a file of megabytes."""
    with net_guest.serving("/bin/httpd -q -r /models/house/1", SERVING, BUDGET_S):
        yield net_guest


def connect(guest: NetGuest) -> http.client.HTTPConnection:
    """Returns a connection that is opened by the first request."""
    return http.client.HTTPConnection(HOST, guest.host_port(PORT), timeout=BUDGET_S)


def fetch(guest: NetGuest, path: str) -> tuple[int, bytes]:
    """Gets a page on a connection of its own."""
    connection = connect(guest)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_pages_and_their_log(httpd: NetGuest) -> None:
    status, page = fetch(httpd, "/")
    assert status == 200
    assert b"swift-os httpd" in page
    assert fetch(httpd, "/index.html") == (200, page)
    assert fetch(httpd, "/hello.txt") == (200, b"hello from the swift-os static file server\n")
    assert b'<a href="./note.txt">note.txt</a>' in fetch(httpd, "/sub/")[1]
    assert fetch(httpd, "/nope")[0] == 404
    for line in ("200 /", "200 /index.html", "200 /hello.txt", "200 /sub/", "404 /nope"):
        httpd.guest.expect(rf"^httpd: {line}\s", BUDGET_S)


def test_clients_at_once_get_the_whole_page(httpd: NetGuest) -> None:
    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(lambda _: fetch(httpd, "/hello.txt"), range(64)))
    assert set(pages) == {(200, b"hello from the swift-os static file server\n")}


def test_every_case_of_the_tables(site: NetGuest) -> None:
    failed = []
    for case in PROGRAM_CASES:
        try:
            run_case(case, (HOST, site.host_port(PORT)))
        except (AssertionError, OSError, http.client.HTTPException) as error:
            failed.append(f"{case.identity}: {error!r}")
    assert not failed, "\n".join(failed)


def test_one_connection_serves_many_requests(site: NetGuest) -> None:
    connection = connect(site)
    for _ in range(REQUESTS):
        connection.request("GET", "/alphabet.txt")
        assert connection.getresponse().read() == ALPHABET
    connection.close()


def test_pipelined_requests_are_answered_in_order(site: NetGuest) -> None:
    targets = ["/alphabet.txt", "/", "/no"] * 30
    sent = b"".join(get(target=target) for target in targets)
    with site.connect(PORT, BUDGET_S) as connection:
        connection.sendall(sent + get("Connection: close"))
        received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    statuses = [answer.status for answer in read_answers(received, [])]
    assert statuses == [200, 200, 404] * 30 + [200]


def test_head_that_comes_byte_by_byte(site: NetGuest) -> None:
    with site.connect(PORT, BUDGET_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in get("Connection: close"):
            connection.sendall(bytes([byte]))
        received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert read_answers(received, [])[0].body == ALPHABET


def test_large_file_arrives_whole(model_site: NetGuest) -> None:
    content = MODEL.read_bytes()
    status, body = fetch(model_site, "/model.bin")
    assert status == 200
    assert hashlib.sha256(body).digest() == hashlib.sha256(content).digest()


def test_ranges_of_a_large_file(model_site: NetGuest) -> None:
    content = MODEL.read_bytes()
    connection = connect(model_site)
    for first, last in ((0, 0), (1_000_000, 1_299_999), (len(content) - 5000, len(content) - 1)):
        connection.request("GET", "/model.bin", headers={"Range": f"bytes={first}-{last}"})
        response = connection.getresponse()
        assert response.status == 206
        assert response.read() == content[first : last + 1]
    wanted = {"Range": "bytes=100000-149999,7-9,200000-249999"}
    connection.request("GET", "/model.bin", headers=wanted)
    body = connection.getresponse().read()
    connection.close()
    parts = (content[100000:150000], content[7:10], content[200000:250000])
    places = [body.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_half_a_head_is_answered_and_silence_is_not(site: NetGuest) -> None:
    with site.connect(PORT, BUDGET_S) as slow, site.connect(PORT, BUDGET_S) as silent:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n")
        started = time.monotonic()
        received = b"".join(iter(lambda: slow.recv(4096), b""))
        assert silent.recv(4096) == b""
    assert read_answers(received, [])[0].status == 408
    assert time.monotonic() - started > HEAD_LIMIT_S / 2
    assert fetch(site, "/alphabet.txt") == (200, ALPHABET)


def test_client_that_sends_all_of_a_refused_body_reads_why(site: NetGuest) -> None:
    for _ in range(5):
        answer = http_client.post(site.host_port(8080), "/", bytes(LARGE_BODY), BUDGET_S)
        assert answer.status == 413


def test_clients_that_vanish_leave_nothing(model_site: NetGuest) -> None:
    for _ in range(40):
        with model_site.connect(PORT, BUDGET_S) as connection:
            connection.sendall(get(target="/model.bin") * 3)
            connection.recv(100)
    assert fetch(model_site, "/manifest.toml")[0] == 200


def test_port_in_use_and_folder_that_is_not_there(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    missing = guest.run_command("httpd -r /nowhere", BUDGET_S)
    assert (missing.status, missing.text.strip()) == (
        1,
        "httpd: /nowhere: No such file or directory",
    )
    guest.run_command("httpd -q > /tmp/httpd.log & true", BUDGET_S)
    try:
        second = guest.run_command("sleep 1; httpd", BUDGET_S)
        assert (second.status, second.text.strip()) == (1, "httpd: port 8080 is in use")
    finally:
        guest.run_command("kill $!; wait $!", BUDGET_S)
    assert guest.run_command("cat /tmp/httpd.log", BUDGET_S).text.strip() == SERVING


def test_wrong_arguments(net_guest: NetGuest) -> None:
    for arguments in ("-p 0", "-p 65536", "-p x", "-p", "-x", "operand"):
        assert net_guest.guest.run_command(f"httpd {arguments}", BUDGET_S).status == 2
