"""`udpecho` with a client on the host."""

import socket

from swiftos.network import LOOPBACK, Protocol
from tests.support.network_guest import NetGuest

LISTEN_S = 80
ANSWER_S = 20
TEXT = b"swos-udp"


def test_datagram_comes_back_and_its_sender_is_named(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    guest.type_line("udpecho")
    guest.expect(r"^udpecho: listening on 5555", LISTEN_S)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(ANSWER_S)
        client.sendto(TEXT, (LOOPBACK, net_guest.host_port(5555, Protocol.UDP)))
        assert client.recv(100) == TEXT
    guest.expect(r"^udpecho: got 8 bytes from 10\.0\.2\.2:[0-9]+", ANSWER_S)
    guest.wait_prompt(ANSWER_S)
