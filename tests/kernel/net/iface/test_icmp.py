"""ICMP: echoes, errors that come, errors that are sent, and how often."""

import errno

import pytest

from tests.kernel.net.rig import (
    LISTENING_PORT,
    OUR_ADDRESS,
    PEER,
    Kind,
    Number,
    StackRig,
)
from tests.support import frames

UNREACHABLE, TIME_EXCEEDED, PARAMETER_PROBLEM = 3, 11, 12
ECHO_BURST = 100
ERROR_BURST = 20
IDENTIFIER = 77


@pytest.fixture
def known(rig: StackRig) -> StackRig:
    """A stack that knows its peer's station."""
    rig.send(frames.udp((OUR_ADDRESS, 1), (PEER, 7), b""))
    rig.meet()
    rig.sent()
    return rig


def echo(payload: bytes = b"payload", to: str = OUR_ADDRESS) -> bytes:
    return frames.ipv4(PEER, to, frames.ICMP, frames.icmp(8, 0, 0x0001_0002, payload))


@pytest.mark.parametrize("size", [0, 1, 56, 1472])
def test_echo_is_answered(known: StackRig, size: int) -> None:
    payload = bytes(index % 251 for index in range(size))
    known.receive_ipv4(echo(payload))
    (reply,) = known.sent_ipv4()
    assert (reply.source, reply.destination, reply.ttl) == (OUR_ADDRESS, PEER, 64)
    assert reply.payload == frames.icmp(0, 0, 0x0001_0002, payload)
    assert known.number(Number.PACKETS_IN_USE) == 0


def test_echo_larger_than_our_frames_is_not_answered(known: StackRig) -> None:
    known.receive_ipv4(echo(bytes(1473)))
    assert known.sent() == []
    assert known.number(Number.PACKETS_IN_USE) == 0


def test_padding_is_not_echoed(known: StackRig) -> None:
    known.receive_ipv4(echo(b"abc") + bytes(20))
    (reply,) = known.sent_ipv4()
    assert reply.payload == frames.icmp(0, 0, 0x0001_0002, b"abc")


def test_large_echo_in_fragments_is_answered_in_fragments(known: StackRig) -> None:
    message = frames.icmp(8, 0, 0x0001_0002, bytes(index % 251 for index in range(4000)))
    for offset in range(0, len(message), 1480):
        more = frames.MORE_FRAGMENTS if offset + 1480 < len(message) else 0
        known.receive_ipv4(
            frames.ipv4(
                PEER,
                OUR_ADDRESS,
                frames.ICMP,
                message[offset : offset + 1480],
                identification=9,
                fragment=more | offset // 8,
            )
        )
    parts = known.sent_ipv4()
    assert [part.fragment & 0x1FFF for part in parts] == [0, 185, 370]
    assert [part.fragment >> 13 for part in parts] == [1, 1, 0]
    assert len({part.identification for part in parts}) == 1
    reply = b"".join(part.payload for part in parts)
    assert reply[0] == 0
    assert reply[8:] == message[8:]
    assert frames.checksum(reply) == 0


@pytest.mark.parametrize("to", ["255.255.255.255", "10.0.2.255"])
def test_echo_to_all_is_not_answered(known: StackRig, to: str) -> None:
    known.receive_ipv4(echo(to=to), to=frames.BROADCAST)
    assert known.sent() == []
    assert known.number(Number.PACKETS_IN_USE) == 0


def test_wrong_checksum_is_dropped(known: StackRig) -> None:
    message = bytearray(frames.icmp(8, 0, 1, b"data"))
    message[-1] ^= 1
    known.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.ICMP, bytes(message)))
    assert known.sent() == []
    assert known.counters()["bad_transport"] == 1


def test_echoes_are_limited_and_come_back_with_time(known: StackRig) -> None:
    for _ in range(ECHO_BURST + 50):
        known.receive_ipv4(echo())
    assert len(known.sent_ipv4()) == ECHO_BURST
    assert known.counters()["limited"] == 50
    known.pass_time(0.0101)
    for _ in range(20):
        known.receive_ipv4(echo())
    assert len(known.sent_ipv4()) == 10


def test_echo_reply_goes_to_who_asked(known: StackRig) -> None:
    for identifier in (IDENTIFIER, IDENTIFIER + 1):
        message = frames.icmp(0, 0, identifier << 16 | 5, b"back")
        known.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.ICMP, message))
    (event,) = known.events()
    assert (event.kind, event.payload) == (
        Kind.ECHO,
        frames.icmp(0, 0, IDENTIFIER << 16 | 5, b"back"),
    )
    assert known.number(Number.PACKETS_IN_USE) == 0


def test_echo_reply_of_the_gateway_is_logged_once(known: StackRig) -> None:
    message = frames.icmp(0, 0, IDENTIFIER << 16, b"")
    for _ in range(2):
        known.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.ICMP, message))
    assert known.log().count("net-a OK: ICMP echo reply from 10.0.2.2") == 1


@pytest.mark.parametrize(
    ("kind", "code", "number", "is_hard"),
    [
        (UNREACHABLE, 0, errno.ENETUNREACH, False),
        (UNREACHABLE, 1, errno.EHOSTUNREACH, False),
        (UNREACHABLE, 2, errno.ENOPROTOOPT, True),
        (UNREACHABLE, 3, errno.ECONNREFUSED, True),
        (UNREACHABLE, 4, errno.EMSGSIZE, True),
        (UNREACHABLE, 5, errno.EOPNOTSUPP, False),
        (UNREACHABLE, 13, errno.EHOSTUNREACH, False),
        (TIME_EXCEEDED, 0, errno.EHOSTUNREACH, False),
        (PARAMETER_PROBLEM, 0, errno.EPROTO, False),
    ],
)
def test_errors_reach_sockets(
    rig: StackRig, kind: int, code: int, number: int, is_hard: bool
) -> None:
    segment = frames.tcp((OUR_ADDRESS, 1234), ("8.8.8.8", 80), 0x01020304, 0, frames.SYN)
    quoted = frames.ipv4(OUR_ADDRESS, "8.8.8.8", frames.TCP, segment)[:28]
    rig.receive_ipv4(
        frames.ipv4(PEER, OUR_ADDRESS, frames.ICMP, frames.icmp(kind, code, 1400, quoted))
    )
    (error,) = rig.events()
    assert error.kind == Kind.ERROR
    assert error.head[1:3] == bytes([kind, code])
    assert bool(error.head[3]) is is_hard
    assert error.addresses == (OUR_ADDRESS, "8.8.8.8")
    assert error.ports == (1234, 80)
    assert error.sequence == 0x01020304
    assert error.word(28) == number
    assert error.word(24) == (1400 if number == errno.EMSGSIZE else 0)
    assert error.head[36] == frames.TCP


@pytest.mark.parametrize("kind", [4, 5, 9, 10, 13, 17, 200])
def test_other_messages_are_ignored(rig: StackRig, kind: int) -> None:
    quoted = frames.ipv4(OUR_ADDRESS, PEER, frames.TCP, bytes(8))
    rig.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.ICMP, frames.icmp(kind, 0, 0, quoted)))
    assert rig.events() == []
    assert rig.sent() == []


@pytest.mark.parametrize(
    "quoted",
    [
        b"",
        frames.ipv4(OUR_ADDRESS, PEER, frames.UDP, bytes(8))[:27],
        frames.ipv4(OUR_ADDRESS, PEER, frames.UDP, bytes(8), fragment=4),
        frames.ipv4("10.0.2.16", PEER, frames.UDP, bytes(8)),
        b"\x65" + bytes(40),
    ],
    ids=["nothing", "too little", "later fragment", "not ours", "IPv6"],
)
def test_errors_about_nothing_of_ours_are_ignored(rig: StackRig, quoted: bytes) -> None:
    message = frames.icmp(UNREACHABLE, 3, 0, quoted)
    rig.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.ICMP, message))
    assert rig.events() == []
    assert rig.number(Number.PACKETS_IN_USE) == 0


def test_closed_port_is_reported(known: StackRig) -> None:
    packet = frames.ipv4(
        PEER, OUR_ADDRESS, frames.UDP, frames.udp((PEER, 5), (OUR_ADDRESS, 6), b"x")
    )
    known.receive_ipv4(packet)
    (error,) = known.sent_ipv4()
    assert error.payload == frames.icmp(UNREACHABLE, 3, 0, packet[:28])
    assert known.number(Number.PACKETS_IN_USE) == 0


def test_unknown_protocol_is_reported(known: StackRig) -> None:
    packet = frames.ipv4(PEER, OUR_ADDRESS, 132, b"twelve bytes", options=b"\x01\x01\x01\x00")
    known.receive_ipv4(packet)
    (error,) = known.sent_ipv4()
    assert error.payload == frames.icmp(UNREACHABLE, 2, 0, packet[: 24 + 8])


def test_no_error_about_what_was_for_all(known: StackRig) -> None:
    datagram = frames.udp((PEER, 5), ("255.255.255.255", 6), b"x")
    known.receive_ipv4(
        frames.ipv4(PEER, "255.255.255.255", frames.UDP, datagram), to=frames.BROADCAST
    )
    assert known.sent() == []


def test_errors_are_limited(known: StackRig) -> None:
    for _ in range(ERROR_BURST + 5):
        known.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, 99, b"whatever"))
    assert len(known.sent_ipv4()) == ERROR_BURST
    assert known.counters()["limited"] == 5
    assert known.counters()["errors_sent"] == ERROR_BURST


def test_listener_gets_no_error(known: StackRig) -> None:
    datagram = frames.udp((PEER, 5), (OUR_ADDRESS, LISTENING_PORT), b"data")
    known.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.UDP, datagram, ttl=3))
    (event,) = known.events()
    assert (event.kind, event.payload, event.ports) == (Kind.UDP, b"data", (5, LISTENING_PORT))
    assert event.addresses == (PEER, OUR_ADDRESS)
    assert event.head[1] == 3
    assert known.sent() == []
