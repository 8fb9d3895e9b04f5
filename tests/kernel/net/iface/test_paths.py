"""What comes in and goes out: addresses, routes, fragments, the loopback, no room."""

import errno

import pytest

from tests.kernel.net.rig import (
    LISTENING_PORT,
    OUR_ADDRESS,
    OUR_MAC,
    PEER,
    PEER_MAC,
    Kind,
    Number,
    StackRig,
    checked_rig,
)
from tests.support import frames

BUDGET = 64
FAR = "8.8.8.8"


def datagram(source: str = PEER, to: str = OUR_ADDRESS, payload: bytes = b"x") -> bytes:
    return frames.ipv4(
        source, to, frames.UDP, frames.udp((source, 9), (to, LISTENING_PORT), payload)
    )


def target(frame: bytes) -> str:
    """Whom an ARP request asks for."""
    return ".".join(str(byte) for byte in frame[38:42])


@pytest.mark.parametrize(
    "source",
    [
        "127.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "10.0.2.255",
        "240.0.0.1",
        "0.0.0.0",
        OUR_ADDRESS,
    ],
)
def test_sources_that_cannot_be_are_dropped(rig: StackRig, source: str) -> None:
    rig.receive_ipv4(datagram(source))
    assert rig.events() == []
    assert rig.counters()["martians"] == 1
    assert rig.number(Number.PACKETS_IN_USE) == 0


@pytest.mark.parametrize("to", ["10.0.2.16", "127.0.0.1", "0.0.0.0", "224.0.0.251", FAR])
def test_what_is_for_others_is_dropped(rig: StackRig, to: str) -> None:
    rig.receive_ipv4(datagram(to=to))
    assert rig.events() == []
    assert rig.counters()["martians"] == 1


def test_frames_for_other_stations_are_dropped(rig: StackRig) -> None:
    rig.receive_ipv4(datagram(), to=b"\x52\x54\x00\x12\x34\x57")
    rig.receive_ipv4(datagram(), source=b"\x01\x00\x5e\x00\x00\x01")
    assert rig.events() == []
    assert rig.counters()["received"] == 0


def test_frame_for_all_with_a_packet_for_us_is_dropped(rig: StackRig) -> None:
    rig.receive_ipv4(datagram(), to=frames.BROADCAST)
    assert rig.events() == []


@pytest.mark.parametrize("to", ["255.255.255.255", "10.0.2.255"])
def test_broadcasts_are_taken_and_marked(rig: StackRig, to: str) -> None:
    rig.receive_ipv4(datagram(to=to), to=frames.BROADCAST)
    (event,) = rig.events()
    assert event.is_broadcast
    assert event.addresses == (PEER, to)


def test_broadcasts_come_in_without_an_address() -> None:
    rig = checked_rig(is_configured=False)
    rig.receive_ipv4(datagram(to="255.255.255.255"), to=frames.BROADCAST)
    rig.receive_ipv4(datagram())
    (event,) = rig.events()
    assert event.addresses == (PEER, "255.255.255.255")


def test_segments_for_all_are_dropped(rig: StackRig) -> None:
    segment = frames.tcp((PEER, 1), ("10.0.2.255", 2), 1, 0, frames.SYN)
    rig.receive_ipv4(frames.ipv4(PEER, "10.0.2.255", frames.TCP, segment), to=frames.BROADCAST)
    assert rig.events() == []


@pytest.mark.parametrize("kind", [131, 137])
def test_source_routes_are_dropped(rig: StackRig, kind: int) -> None:
    options = bytes([kind, 7, 4, *b"\x01\x02\x03\x04", 0])
    packet = frames.ipv4(PEER, OUR_ADDRESS, frames.UDP, datagram()[20:], options=options)
    rig.receive_ipv4(packet)
    assert rig.counters()["martians"] == 1


def test_other_options_are_skipped(rig: StackRig) -> None:
    options = bytes([1, 7, 7, 4, *b"\0\0\0\0"])
    packet = frames.ipv4(PEER, OUR_ADDRESS, frames.UDP, datagram()[20:], options=options)
    rig.receive_ipv4(packet)
    assert [event.payload for event in rig.events()] == [b"x"]


def test_segment_with_wrong_checksum_is_dropped(rig: StackRig) -> None:
    segment = bytearray(frames.tcp((PEER, 1), (OUR_ADDRESS, 2), 1, 0, frames.SYN, b"data"))
    segment[22] ^= 1
    rig.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.TCP, bytes(segment)))
    assert rig.events() == []
    assert rig.counters()["bad_transport"] == 1


@pytest.mark.parametrize("kind", [0x86DD, 0x8100, 1500, 0x88CC])
def test_other_protocols_are_dropped(rig: StackRig, kind: int) -> None:
    rig.receive(frames.ethernet(OUR_MAC, PEER_MAC, kind, bytes(60)))
    assert rig.sent() == []
    assert rig.number(Number.PACKETS_IN_USE) == 0


def test_far_hosts_are_reached_through_the_gateway(rig: StackRig) -> None:
    assert rig.send(b"12345678", FAR) == 0
    assert [target(frame) for frame in rig.sent()] == [PEER]
    rig.meet()
    (packet,) = rig.sent_ipv4()
    assert packet.destination == FAR


def test_neighbours_are_reached_directly(rig: StackRig) -> None:
    rig.send(b"12345678", "10.0.2.99")
    assert [target(frame) for frame in rig.sent()] == ["10.0.2.99"]


def test_longest_prefix_wins(rig: StackRig) -> None:
    assert rig.add_route("8.0.0.0", 8, "10.0.2.8") == 0
    assert rig.add_route("8.8.0.0", 16, "10.0.2.88") == 0
    for to, gateway in ((FAR, "10.0.2.88"), ("8.9.9.9", "10.0.2.8"), ("9.9.9.9", PEER)):
        rig.send(b"12345678", to)
        assert [target(frame) for frame in rig.sent()] == [gateway]
    assert rig.remove_route("8.8.0.0", 16, "0.0.0.0") == 0
    rig.send(b"12345678", "8.8.4.4")
    assert rig.number(Number.WAITING) == 4
    assert rig.sent() == []


def test_host_route_beats_the_link(rig: StackRig) -> None:
    rig.add_route("10.0.2.99", 32, "10.0.2.3")
    rig.send(b"12345678", "10.0.2.99")
    assert [target(frame) for frame in rig.sent()] == ["10.0.2.3"]


def test_routes_that_cannot_be(rig: StackRig) -> None:
    assert rig.add_route("0.0.0.0", 0, PEER) == errno.EEXIST
    assert rig.add_route("9.0.0.0", 8, "10.0.3.1") == errno.ENETUNREACH
    assert rig.remove_route("9.0.0.0", 8, PEER) == errno.ESRCH
    for number in range(63):
        assert rig.add_route(f"11.{number}.0.0", 16, PEER) == 0
    assert rig.add_route("12.0.0.0", 8, PEER) == errno.ENOBUFS


@pytest.mark.parametrize("to", ["0.0.0.0", "224.0.0.1", "240.0.0.1"])
def test_destinations_that_cannot_be(rig: StackRig, to: str) -> None:
    assert rig.send(b"12345678", to) == errno.ENETUNREACH


def test_nothing_leads_out_without_an_address() -> None:
    rig = checked_rig(is_configured=False)
    assert rig.send(b"12345678", FAR) == errno.ENETUNREACH
    assert rig.send(b"12345678", "255.255.255.255") == 0
    (packet,) = rig.sent_ipv4()
    assert (packet.source, packet.destination) == ("0.0.0.0", "255.255.255.255")


def test_new_address_takes_the_old_routes_away(rig: StackRig) -> None:
    rig.set_address("10.0.3.15", 24)
    assert rig.send(b"12345678", FAR) == errno.ENETUNREACH


@pytest.mark.parametrize("address", ["224.0.0.1", "127.0.0.2", "255.255.255.255", "0.0.0.1"])
def test_addresses_that_no_host_may_have(rig: StackRig, address: str) -> None:
    assert rig.set_address(address, 24) == errno.EADDRNOTAVAIL


@pytest.mark.parametrize("to", ["255.255.255.255", "10.0.2.255"])
def test_broadcasts_go_to_all_stations(rig: StackRig, to: str) -> None:
    rig.send(b"12345678", to)
    (frame,) = rig.sent()
    assert frame[:6] == frames.BROADCAST


def test_large_datagram_leaves_in_fragments(rig: StackRig) -> None:
    data = bytes(index % 251 for index in range(4000))
    rig.send(b"first", PEER)
    rig.meet()
    rig.sent()
    assert rig.send(data, PEER) == 0
    parts = rig.sent_ipv4()
    assert b"".join(part.payload for part in parts) == data
    assert [part.fragment for part in parts] == [
        frames.MORE_FRAGMENTS,
        frames.MORE_FRAGMENTS | 185,
        370,
    ]
    assert len({part.identification for part in parts}) == 1


def test_datagrams_have_different_identifications(rig: StackRig) -> None:
    rig.send(b"first", PEER)
    rig.meet()
    for _ in range(3):
        rig.send(b"12345678", PEER)
    assert len({packet.identification for packet in rig.sent_ipv4()}) == 4


def test_frame_keeps_its_payload_and_may_not_be_cut(rig: StackRig) -> None:
    header, payload = b"a header of 20 bytes", bytes(range(256)) * 5
    free = rig.number(Number.FREE_FRAMES)
    assert rig.send_frame(header, payload) == 0
    rig.meet()
    (packet,) = rig.sent_ipv4()
    assert packet.payload == header + payload
    assert packet.fragment == frames.DONT_FRAGMENT
    assert rig.send_frame(header, payload) == 0
    assert rig.sent_ipv4()[0].payload == header + payload
    assert rig.number(Number.FREE_FRAMES) >= free - 2


def test_no_room_loses_the_packet_only(rig: StackRig) -> None:
    rig.send(b"first", PEER)
    rig.meet()
    rig.sent()
    rig.set_full(True)
    assert rig.send(b"12345678", PEER) == 0
    assert rig.send_frame(b"header", b"payload") == errno.ENOMEM
    assert rig.counters()["no_room"] == 2
    assert rig.number(Number.PACKETS_IN_USE) == 0
    rig.set_full(False)
    assert [event.kind for event in rig.events()] == [Kind.ROOM]
    rig.send(b"12345678", PEER)
    assert len(rig.sent()) == 1


def test_loopback_answers_itself(rig: StackRig) -> None:
    for to in ("127.0.0.1", "127.1.2.3", OUR_ADDRESS):
        assert rig.send(frames.udp((to, 9), (to, LISTENING_PORT), b"self"), to) == 0
        (event,) = rig.events()
        assert event.addresses == (to, to)
        assert event.payload == b"self"
    assert rig.sent() == []
    assert rig.number(Number.PACKETS_IN_USE) == 0


def test_closed_port_of_our_own_is_reported_to_us(rig: StackRig) -> None:
    rig.send(frames.udp(("127.0.0.1", 9), ("127.0.0.1", 10), b"self"), "127.0.0.1")
    (error,) = rig.events()
    assert error.kind == Kind.ERROR
    assert error.word(28) == errno.ECONNREFUSED
    assert error.ports == (9, 10)


def test_own_address_does_not_go_out(rig: StackRig) -> None:
    assert rig.send(b"12345678", PEER, source="127.0.0.1") == errno.ENETUNREACH


def test_burst_beyond_the_budget_is_left_to_the_thread(rig: StackRig) -> None:
    for _ in range(BUDGET + 10):
        assert rig.queue(frames.ethernet(OUR_MAC, PEER_MAC, frames.IPV4, datagram()))
    assert rig.serve() == 10
    assert len(rig.events()) == BUDGET
    assert rig.go_on() == 0
    assert len(rig.events()) == 10


def test_link_that_is_down_hears_nothing(rig: StackRig) -> None:
    rig.set_link(False)
    rig.receive_ipv4(datagram())
    assert rig.events() == []
    rig.set_link(True)
    rig.receive_ipv4(datagram())
    assert len(rig.events()) == 1


def test_frames_that_cannot_be_answered_wait_a_moment_and_no_longer(rig: StackRig) -> None:
    rig.let_stall()
    rig.set_full(True)
    rig.receive_ipv4(datagram())
    assert rig.events() == []
    rig.pass_time(0.004)
    assert rig.events() == []
    rig.pass_time(0.002)
    assert [event.kind for event in rig.events()] == [Kind.UDP]
