"""Forwarded ports and `-netdev` values."""

import socket

import pytest

from swiftos import network
from swiftos.errors import UsageError
from swiftos.network import Forward, Protocol


@pytest.mark.parametrize(
    ("text", "forward"),
    [
        ("8080:80", Forward(8080, 80)),
        (":80", Forward(0, 80)),
        ("0:5555/udp", Forward(0, 5555, Protocol.UDP)),
        ("1:65535/tcp", Forward(1, 65535)),
    ],
)
def test_forwardings_are_read(text: str, forward: Forward) -> None:
    assert network.parse_forward(text) == forward


@pytest.mark.parametrize(
    "text", ["", "80", "80:", "a:80", "80:0", "65536:1", "1:65536", "1:2/sctp", "-1:2", "1:2 "]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        network.parse_forward(text)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_chosen_port_is_free_and_named_ones_stay(protocol: Protocol) -> None:
    chosen, named = network.with_ports([Forward(0, 80, protocol), Forward(7, 81, protocol)])
    assert named.host_port == 7
    kind = socket.SOCK_STREAM if protocol is Protocol.TCP else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((network.LOOPBACK, chosen.host_port))


def test_router_with_forwards() -> None:
    forwards = [Forward(18080, 8080), Forward(15555, 5555, Protocol.UDP)]
    assert network.user_network(forwards) == (
        "user,id=n0,hostfwd=tcp:127.0.0.1:18080-:8080,hostfwd=udp:127.0.0.1:15555-:5555"
    )
