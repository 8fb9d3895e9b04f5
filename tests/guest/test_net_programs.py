"""The programs of the network behind QEMU's router: names, files, pings, connections, settings."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from swiftos import network
from swiftos.guest import CommandOutput, Guest
from swiftos.network import LOOPBACK, Protocol
from tests.support import download_server
from tests.support.name_server import AnsweringServer
from tests.support.network_guest import NetGuest
from tests.user.net import dns_builder as dns
from tests.user.net.dns_builder import Query, pointer

BUDGET_S = 60
ANSWER_S = 20
HOST = "10.0.2.2"
NOBODY = "10.0.2.99"
INTERRUPT = b"\x03"
QUESTION = pointer(12)
DIGEST = hashlib.sha256(download_server.CONTENT).hexdigest()


def run(guest: NetGuest, command: str) -> CommandOutput:
    """Runs a command. The kernel's one line about zero copies may come at any time."""
    output = guest.guest.run_command(command, BUDGET_S)
    return replace(output, text=re.sub(r"^net-zc OK:.*\n", "", output.text, flags=re.MULTILINE))


@pytest.fixture(scope="session")
def web() -> Iterator[str]:
    """The address of a web server on the host, as the guest sees it."""
    server = download_server.make_server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


# --- the service


def test_router_tells_address_and_name_server(net_guest: NetGuest) -> None:
    assert run(net_guest, "cat /etc/resolv.conf").text == "nameserver 10.0.2.3\n"
    assert len(re.findall(r" network$", run(net_guest, "ps").text, re.MULTILINE)) == 1


def test_request_for_an_address_names_the_machine(net_guest: NetGuest) -> None:
    packets = [captured.ipv4() for captured in net_guest.frames()]
    requests = [p for p in packets if p and p.payload[:4] == b"\x00\x44\x00\x43"]
    assert len(requests) == 2
    for packet in requests:
        assert packet.source == "0.0.0.0"
        assert b"\x0c\x07swiftos" in packet.payload


def test_service_ends_where_there_is_no_interface(shell: Guest) -> None:
    assert " network" not in shell.run_command("ps", ANSWER_S).text
    assert "network:" not in shell.console.text()


def test_static_settings_are_applied(net_guest: NetGuest) -> None:
    lines = ['mode = "static"', 'address = "10.0.2.15"', "prefix = 24", 'gateway = "10.0.2.2"']
    run(net_guest, "rm -f /tmp/network.toml")
    for line in [*lines, 'dns = ["10.0.2.9", "10.0.2.3"]']:
        run(net_guest, f"echo '{line}' >> /tmp/network.toml")
    assert run(net_guest, "network /tmp/network.toml").status == 0
    servers = run(net_guest, "cat /etc/resolv.conf").text
    assert servers == "nameserver 10.0.2.9\nnameserver 10.0.2.3\n"
    assert run(net_guest, f"ping -c 1 {HOST}").status == 0
    run(net_guest, "echo 'nameserver 10.0.2.3' > /run/resolv.conf")


def test_wrong_settings_are_refused_with_the_name_of_the_key(net_guest: NetGuest) -> None:
    run(net_guest, "echo 'mode = \"static\"' > /tmp/network.toml")
    output = run(net_guest, "network /tmp/network.toml")
    assert output.text == "network: /tmp/network.toml: bad value of address\n"
    assert output.status == 1
    assert run(net_guest, f"ping -c 1 {HOST}").status == 0


def test_line_that_is_being_typed_is_drawn_again(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    run(net_guest, "echo 'mode = \"static\"' > /tmp/network.toml")
    for line in ('address = "10.0.2.15"', "prefix = 24", 'gateway = "10.0.2.2"'):
        run(net_guest, f"echo '{line}' >> /tmp/network.toml")
    run(net_guest, "cat /etc/resolv.conf > /tmp/servers")
    guest.type_line("(sleep 1; network /tmp/network.toml) & echo sta''rted")
    guest.expect(r"^started", ANSWER_S)
    guest.wait_prompt(ANSWER_S)
    guest.console.type_text("echo half", ANSWER_S)
    guest.expect(r"net-a OK: ICMP echo reply from 10\.0\.2\.2\r\n\rswiftos:/# echo half", ANSWER_S)
    guest.send(b"-and-half\r")
    guest.expect(r"^half-and-half", ANSWER_S)
    guest.wait_prompt(ANSWER_S)
    run(net_guest, "wait; cat /tmp/servers > /run/resolv.conf")


# --- ping


def test_ping_counts_and_times_replies(net_guest: NetGuest) -> None:
    output = run(net_guest, f"ping -c 3 -i 0.1 -s 100 {HOST}")
    lines = output.text.splitlines()
    assert lines[0] == f"PING {HOST} ({HOST}): 100 data bytes"
    for number in (1, 2, 3):
        form = rf"108 bytes from 10\.0\.2\.2: icmp_seq={number} time=\d+\.\d{{3}} ms"
        assert re.fullmatch(form, lines[number])
    assert lines[4] == f"--- {HOST} ping statistics ---"
    assert lines[5] == "3 packets transmitted, 3 packets received, 0% packet loss"
    match = re.fullmatch(r"round-trip min/avg/max = ([\d.]+)/([\d.]+)/([\d.]+) ms", lines[6])
    assert match
    least, middle, most = (float(number) for number in match.groups())
    assert 0 < least <= middle <= most < ANSWER_S * 1000
    assert output.status == 0


def test_ping_of_an_address_that_nobody_has(net_guest: NetGuest) -> None:
    output = run(net_guest, f"ping -c 1 -W 0.2 {NOBODY}")
    assert "1 packets transmitted, 0 packets received, 100% packet loss" in output.text
    assert output.status == 1


def test_ping_of_ourselves_by_name(net_guest: NetGuest) -> None:
    output = run(net_guest, "ping -c 2 -i 0 localhost")
    assert "PING localhost (127.0.0.1)" in output.text
    assert output.status == 0


def test_interrupted_ping_shows_its_statistics(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    guest.type_line(f"ping {HOST}")
    guest.expect(r"icmp_seq=1", ANSWER_S)
    guest.send(INTERRUPT)
    guest.expect(r"packets transmitted, \d+ packets received, \d+% packet loss", ANSWER_S)
    guest.wait_prompt(ANSWER_S)


# --- names


def test_answer_that_is_too_long_for_a_datagram_comes_over_tcp(net_guest: NetGuest) -> None:
    def answer(query: Query, is_stream: bool) -> bytes:
        if not is_stream:
            return dns.reply(query, truncated=True)
        return dns.reply(query, *(dns.a(QUESTION, f"192.0.2.{n}") for n in range(1, 150)))

    with AnsweringServer(answer) as server:
        output = run(net_guest, f"nslookup big.swos {HOST} {server.port}")
    assert [is_stream for _, is_stream in server.asked] == [False, True]
    assert output.text.splitlines() == [f"big.swos -> 192.0.2.{n}" for n in range(1, 9)]


def test_alias_is_followed_by_asking_again(net_guest: NetGuest) -> None:
    def answer(query: Query, is_stream: bool) -> bytes:
        if query.text.lower() == "www.swos":
            return dns.reply(query, dns.record(QUESTION, dns.CNAME, dns.name("real.swos")))
        return dns.reply(query, dns.a(QUESTION, "192.0.2.80"))

    with AnsweringServer(answer) as server:
        output = run(net_guest, f"nslookup www.swos {HOST} {server.port}")
    assert output.text == "www.swos -> 192.0.2.80\n"
    assert [query.text.lower() for query, _ in server.asked] == ["www.swos", "real.swos"]


def test_questions_differ_in_identifier_and_case_and_port(net_guest: NetGuest) -> None:
    def answer(query: Query, is_stream: bool) -> bytes:
        return dns.reply(query, code=2)

    with AnsweringServer(answer) as server:
        name = "a-name-of-many-letters.swos"
        output = run(net_guest, f"nslookup {name} {HOST} {server.port}")
    assert output.status == 1
    assert output.text == f"{name}: no server has answered\n"
    queries = [query for query, _ in server.asked]
    assert len(queries) == 2
    assert len({query.identifier for query in queries}) == 2
    assert len({query.text for query in queries}) == 2
    ports = {
        packet.payload[:2]
        for packet in (captured.ipv4() for captured in net_guest.frames())
        if packet and packet.payload[2:4] == server.port.to_bytes(2, "big")
    }
    assert len(ports) == 2


def test_nslookup_without_a_name_says_how_to_use_it(net_guest: NetGuest) -> None:
    output = run(net_guest, "nslookup")
    assert output.text == "usage: nslookup NAME [SERVER] [PORT] [AAAA]\n"
    assert output.status == 2


def test_tcpget_takes_a_name(net_guest: NetGuest) -> None:
    output = run(net_guest, "tcpecho -p 7007 & sleep 0.3; tcpget localhost 7007; wait")
    for line in (
        "tcpecho: listening on 7007",
        "tcpget: resolved localhost -> 127.0.0.1",
        "tcpget: connected by name",
        "tcpget: sent 9 bytes",
        "tcpecho: got 9 bytes",
        "tcpget: got 9 bytes: GET swos",
    ):
        assert line in output.text.splitlines()


# --- wget


@pytest.mark.parametrize("path", ["/whole/file.bin", "/chunked", "/close", "/moved"])
def test_whole_files_come_however_they_are_framed(net_guest: NetGuest, web: str, path: str) -> None:
    output = run(net_guest, f"wget -q -O - {web}{path} | sha256sum")
    assert output.text.split()[0] == DIGEST


def test_file_that_is_there_in_part_is_completed(net_guest: NetGuest, web: str) -> None:
    command = f"cd /tmp && wget {web}/whole/file.bin"
    assert run(net_guest, command).text == "wget: file.bin: 300000 bytes\n"
    run(net_guest, "head -c 1234 file.bin > part && mv part file.bin")
    assert run(net_guest, f"wget -c {web}/whole/file.bin").text == "wget: file.bin: 298766 bytes\n"
    assert run(net_guest, "sha256sum file.bin").text.split()[0] == DIGEST
    assert run(net_guest, f"wget -c {web}/whole/file.bin").text == "wget: the file is complete\n"
    run(net_guest, "rm file.bin; cd /")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/nothing", "wget: 404 Not Found"),
        ("/loop", "wget: too many redirections"),
        ("/short", "Bad message"),
    ],
)
def test_failed_download_says_why(net_guest: NetGuest, web: str, path: str, message: str) -> None:
    output = run(net_guest, f"wget -O /tmp/failed {web}{path}")
    assert message in output.text
    assert output.status == 1
    run(net_guest, "rm -f /tmp/failed")


# --- nc and ss


def test_nc_carries_bytes_both_ways_and_ends(net_guest: NetGuest) -> None:
    received = []

    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            received.append(connection.makefile("rb").read())
            connection.sendall(b"answer\n")

    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=talk, args=(listener,))
        thread.start()
        output = run(net_guest, f"echo question | nc {HOST} {listener.getsockname()[1]}")
        thread.join()
    assert received == [b"question\n"]
    assert (output.text, output.status) == ("answer\n", 0)


def test_nc_takes_a_connection(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    guest.type_line("echo 'from the guest' | nc -l 8081 & sleep 0.5; echo li''stens; wait")
    guest.expect(r"^listens", ANSWER_S)
    with net_guest.connect(8081, ANSWER_S) as connection:
        connection.settimeout(ANSWER_S)
        connection.sendall(b"from the host\n")
        assert connection.makefile("rb").readline() == b"from the guest\n"
    guest.expect(r"^from the host", ANSWER_S)
    guest.wait_prompt(ANSWER_S)


def test_nc_sends_on_when_the_other_side_has_nothing_more_to_say(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    later = "until [ -e /tmp/go ]; do sleep 0.05; done; echo and the answer"
    guest.type_line(f"({later}) | nc -l 8081 & until ss -l | grep -q 8081; do sleep 0.05; done")
    guest.expect(r"\n", ANSWER_S)
    guest.wait_prompt(ANSWER_S)
    with net_guest.connect(8081, ANSWER_S) as connection:
        connection.settimeout(ANSWER_S)
        connection.sendall(b"last word\n")
        connection.shutdown(socket.SHUT_WR)
        guest.expect(r"last word", ANSWER_S)
        run(net_guest, "echo > /tmp/go; wait; rm /tmp/go")
        assert connection.makefile("rb").read() == b"and the answer\n"


def test_nc_exchanges_datagrams(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    guest.type_line("echo reply | nc -u -w 1 -l 5555; echo e''nded")
    guest.expect(r"\n", ANSWER_S)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((LOOPBACK, net_guest.host_port(5555, Protocol.UDP)))
        client.settimeout(0.5)
        answer = b""
        for _ in range(ANSWER_S * 2):
            client.send(b"datagram\n")
            try:
                answer = client.recv(100)
                break
            except OSError:
                continue
    assert answer == b"reply\n"
    guest.expect(r"^datagram", ANSWER_S)
    guest.expect(r"^ended", ANSWER_S)
    guest.wait_prompt(ANSWER_S)


def test_nc_tells_open_ports_from_closed_ones(net_guest: NetGuest) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        assert run(net_guest, f"nc -z {HOST} {listener.getsockname()[1]}").status == 0
    output = run(net_guest, f"nc -z {HOST} {network.free_port()}")
    assert (output.text, output.status) == ("nc: connection: Connection refused\n", 1)


def test_nc_gives_up_an_address_that_nobody_has(net_guest: NetGuest) -> None:
    output = run(net_guest, f"nc -z -w 0.3 {NOBODY} 80")
    assert output.status == 1
    assert re.fullmatch(r"nc: connection: (Connection timed out|No route to host)\n", output.text)


def test_ss_shows_listeners_and_connections_apart(net_guest: NetGuest) -> None:
    output = run(
        net_guest,
        "tcpecho -p 7009 & sleep 2 | nc -l 7008 & sleep 0.3; sleep 2 | nc localhost 7008 &"
        " sleep 0.3; ss -t; echo ==; ss -l; echo ==; tcpget localhost 7009; wait",
    )
    connected, waiting, _ = output.text.split("==\n")
    ends = re.findall(
        r"^tcp +ESTAB +0 +0 +127\.0\.0\.1:(\d+) +127\.0\.0\.1:(\d+) +\d+$", connected, re.M
    )
    assert len(ends) == 2
    assert ends[0] == ends[1][::-1]
    assert "7008" in ends[0]
    assert "LISTEN" not in connected
    assert re.search(r"^udp +UNCONN +0 +0 +0\.0\.0\.0:68 +0\.0\.0\.0:\* +\d+$", waiting, re.M)
    assert re.search(r"^tcp +LISTEN +0 +\d+ +0\.0\.0\.0:7009 +0\.0\.0\.0:\* +\d+$", waiting, re.M)
    assert "ESTAB" not in waiting
