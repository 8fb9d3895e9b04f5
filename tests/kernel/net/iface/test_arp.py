"""ARP: who is asked, who is answered, who is believed, and what is kept of it."""

import errno

import pytest

from tests.kernel.net.rig import (
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

OTHER_MAC = bytes.fromhex("525500000099")
ZERO_MAC = bytes(6)
ENTRY_LIMIT = 256
DATAGRAM = frames.udp((OUR_ADDRESS, 1000), (PEER, 7), b"hello")


def request_for(address: str, to: bytes = frames.BROADCAST) -> bytes:
    packet = frames.arp(frames.ARP_REQUEST, (OUR_MAC, OUR_ADDRESS), (ZERO_MAC, address))
    return frames.ethernet(to, OUR_MAC, frames.ARP, packet)


def request_from(mac: bytes, address: str, target: str = OUR_ADDRESS) -> bytes:
    return frames.arp(frames.ARP_REQUEST, (mac, address), (ZERO_MAC, target))


def reply_from(mac: bytes, address: str) -> bytes:
    return frames.arp(frames.ARP_REPLY, (mac, address), (OUR_MAC, OUR_ADDRESS))


def test_first_packet_asks_and_waits(rig: StackRig) -> None:
    assert rig.send(DATAGRAM) == 0
    assert rig.sent() == [request_for(PEER)]
    assert rig.number(Number.WAITING) == 1
    rig.meet()
    (frame,) = rig.sent()
    assert (frame[:6], frame[6:12]) == (PEER_MAC, OUR_MAC)
    packet = frames.read_ipv4(frame[14:])
    assert (packet.source, packet.destination, packet.payload) == (OUR_ADDRESS, PEER, DATAGRAM)
    assert rig.number(Number.WAITING) == rig.number(Number.PACKETS_IN_USE) == 0


def test_known_neighbour_is_not_asked(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.meet()
    rig.sent()
    rig.send(DATAGRAM)
    assert [packet.payload for packet in rig.sent_ipv4()] == [DATAGRAM]


def test_latest_packets_wait(rig: StackRig) -> None:
    for number in range(5):
        rig.send(frames.udp((OUR_ADDRESS, 1), (PEER, 7), bytes([number])))
    rig.meet()
    assert [packet.payload[8:] for packet in rig.sent_ipv4()] == [b"\2", b"\3", b"\4"]
    assert rig.number(Number.PACKETS_IN_USE) == 0


def test_request_for_us_is_answered_and_makes_no_entry(rig: StackRig) -> None:
    rig.receive_arp(request_from(PEER_MAC, PEER), to=frames.BROADCAST)
    reply = frames.arp(frames.ARP_REPLY, (OUR_MAC, OUR_ADDRESS), (PEER_MAC, PEER))
    assert rig.sent() == [frames.ethernet(PEER_MAC, OUR_MAC, frames.ARP, reply)]
    assert rig.number(Number.NEIGHBOURS) == 0


def test_probe_for_our_address_is_answered(rig: StackRig) -> None:
    rig.receive_arp(request_from(OTHER_MAC, "0.0.0.0"), OTHER_MAC, frames.BROADCAST)
    (reply,) = rig.sent()
    assert reply[14:] == frames.arp(
        frames.ARP_REPLY, (OUR_MAC, OUR_ADDRESS), (OTHER_MAC, "0.0.0.0")
    )


def test_request_for_others_is_not_answered(rig: StackRig) -> None:
    rig.receive_arp(request_from(PEER_MAC, PEER, "10.0.2.77"), to=frames.BROADCAST)
    assert rig.sent() == []


def test_unasked_reply_makes_no_entry(rig: StackRig) -> None:
    rig.receive_arp(reply_from(OTHER_MAC, "10.0.2.50"))
    assert rig.number(Number.NEIGHBOURS) == 0


def test_neighbour_that_moved_is_followed(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.meet()
    rig.sent()
    gratuitous = frames.arp(frames.ARP_REQUEST, (OTHER_MAC, PEER), (ZERO_MAC, PEER))
    rig.receive_arp(gratuitous, OTHER_MAC, frames.BROADCAST)
    rig.send(DATAGRAM)
    (frame,) = rig.sent()
    assert frame[:6] == OTHER_MAC


def test_nobody_answers(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.pass_time(2.5)
    assert rig.sent() == [request_for(PEER)] * 3
    assert rig.events() == []
    rig.pass_time(1)
    (error,) = rig.events()
    assert error.kind == Kind.ERROR
    assert error.addresses == (OUR_ADDRESS, PEER)
    assert error.ports == (1000, 7)
    assert error.word(28) == errno.EHOSTUNREACH
    assert rig.counters()["unresolved"] == 1
    assert rig.number(Number.NEIGHBOURS) == rig.number(Number.PACKETS_IN_USE) == 0
    assert rig.number(Number.ALARM_NS) == 0


def test_old_neighbour_is_asked_when_used_and_used_meanwhile(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.meet()
    rig.pass_time(61)
    rig.sent()
    rig.send(DATAGRAM)
    assert rig.sent()[1] == request_for(PEER, PEER_MAC)
    rig.meet()
    rig.send(DATAGRAM)
    assert len(rig.sent()) == 1


def test_old_neighbour_that_is_gone_is_forgotten(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.meet()
    rig.pass_time(61)
    rig.send(DATAGRAM)
    rig.pass_time(4)
    assert rig.number(Number.NEIGHBOURS) == 0
    rig.sent()
    rig.send(DATAGRAM)
    assert rig.sent() == [request_for(PEER)]


def test_unused_neighbour_is_forgotten_and_no_alarm_stays(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.meet()
    rig.pass_time(700)
    assert rig.number(Number.NEIGHBOURS) == 0
    assert rig.number(Number.ALARM_NS) == 0


def test_flood_makes_no_entries_and_holds_no_memory(rig: StackRig) -> None:
    free = rig.number(Number.FREE_FRAMES)
    for number in range(2000):
        address = f"10.0.2.{number % 250 + 3}"
        mac = b"\x02" + number.to_bytes(5, "big")
        rig.receive_arp(reply_from(mac, address), mac)
        rig.receive_arp(request_from(mac, address, "10.0.2.200"), mac, frames.BROADCAST)
    assert rig.number(Number.NEIGHBOURS) == rig.number(Number.PACKETS_IN_USE) == 0
    assert rig.number(Number.FREE_FRAMES) >= free - 64


def test_entries_are_bounded_and_who_answered_stays() -> None:
    rig = checked_rig(is_configured=False)
    rig.set_address("10.0.0.1", 16)
    packet = frames.udp(("10.0.0.1", 1), ("10.0.0.2", 7), b"x")
    rig.send(packet, "10.0.0.2")
    answer = frames.arp(frames.ARP_REPLY, (PEER_MAC, "10.0.0.2"), (OUR_MAC, "10.0.0.1"))
    rig.receive_arp(answer)
    for number in range(ENTRY_LIMIT + 100):
        rig.send(packet, f"10.0.{number // 250 + 1}.{number % 250 + 1}")
    assert rig.number(Number.NEIGHBOURS) == ENTRY_LIMIT
    assert rig.number(Number.WAITING) <= 64
    rig.sent()
    rig.send(packet, "10.0.0.2")
    (frame,) = rig.sent()
    assert frame[:6] == PEER_MAC
    rig.pass_time(700)
    assert rig.number(Number.NEIGHBOURS) == rig.number(Number.PACKETS_IN_USE) == 0


def test_address_conflict_is_reported_and_defended_now_and_then(rig: StackRig) -> None:
    announcement = frames.arp(frames.ARP_REQUEST, (OUR_MAC, OUR_ADDRESS), (ZERO_MAC, OUR_ADDRESS))
    conflict = request_from(OTHER_MAC, OUR_ADDRESS, "10.0.2.1")
    rig.receive_arp(conflict, OTHER_MAC, frames.BROADCAST)
    rig.receive_arp(conflict, OTHER_MAC, frames.BROADCAST)
    assert rig.sent() == [frames.ethernet(frames.BROADCAST, OUR_MAC, frames.ARP, announcement)]
    assert rig.log().count("52:55:00:00:00:99 also uses") == 1
    rig.pass_time(11)
    rig.receive_arp(conflict, OTHER_MAC, frames.BROADCAST)
    assert len(rig.sent()) == 1


def test_new_address_is_announced() -> None:
    rig = checked_rig(is_configured=False)
    rig.set_address(OUR_ADDRESS, 24)
    announcement = frames.arp(frames.ARP_REQUEST, (OUR_MAC, OUR_ADDRESS), (ZERO_MAC, OUR_ADDRESS))
    assert rig.sent() == [frames.ethernet(frames.BROADCAST, OUR_MAC, frames.ARP, announcement)]


def test_nothing_is_answered_without_an_address() -> None:
    rig = checked_rig(is_configured=False)
    rig.receive_arp(request_from(PEER_MAC, PEER), to=frames.BROADCAST)
    assert rig.sent() == []


def test_gateway_that_answers_is_logged_once(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.meet()
    rig.meet()
    assert rig.log().count("net-a: ARP reply, 10.0.2.2 is at 52:55:0a:00:02:02") == 1


@pytest.mark.parametrize("length", [0, 13, 14, 41])
def test_short_frames_are_dropped(rig: StackRig, length: int) -> None:
    frame = frames.ethernet(OUR_MAC, PEER_MAC, frames.ARP, request_from(PEER_MAC, PEER))
    assert rig.receive(frame[:length])
    assert rig.sent() == []
    assert rig.number(Number.PACKETS_IN_USE) == 0


def test_link_that_goes_down_forgets(rig: StackRig) -> None:
    rig.send(DATAGRAM)
    rig.set_link(False)
    assert rig.number(Number.NEIGHBOURS) == rig.number(Number.PACKETS_IN_USE) == 0
    assert rig.send(DATAGRAM) == errno.ENETUNREACH
