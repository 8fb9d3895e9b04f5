"""`tcpget` with a server on the host."""

import os
import socket

from swiftos import network
from tests.support import frames
from tests.support.host_services import TcpService
from tests.support.network_guest import NetGuest

ANSWER_S = 40
REPLY = b"srv-reply\n"


def test_client_connects_sends_and_prints_the_answer(net_guest: NetGuest) -> None:
    requests = []

    def talk(connection: socket.socket) -> None:
        requests.append(connection.makefile("rb").readline())
        connection.sendall(REPLY)

    with TcpService(talk, int(os.environ.get("TCP_CONNECT_HOST_PORT", "0"))) as server:
        output = net_guest.guest.run_command(f"tcpget 10.0.2.2 {server.port}", ANSWER_S)
    assert requests == [b"GET swos\n"]
    lines = output.text.splitlines()
    assert lines[:3] == [
        "tcpget: connected",
        "tcpget: sent 9 bytes",
        "tcpget: got 10 bytes: srv-reply",
    ]
    assert output.status == 0
    packets = [captured.ipv4() for captured in net_guest.frames()]
    sent = [
        packet.segment().payload
        for packet in packets
        if packet is not None
        and packet.protocol == frames.TCP
        and packet.segment().destination_port == server.port
    ]
    assert b"GET swos\n" in sent


def test_nobody_listens(net_guest: NetGuest) -> None:
    port = network.free_port()
    output = net_guest.guest.run_command(f"tcpget 10.0.2.2 {port}", ANSWER_S)
    assert "tcpget: connect failed\n" in output.text
    assert output.status != 0
