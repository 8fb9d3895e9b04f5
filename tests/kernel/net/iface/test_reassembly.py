"""Fragments: every order gives the datagram, contradictions give nothing, and all is bounded."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.net.rig import (
    LISTENING_PORT,
    OUR_ADDRESS,
    PEER,
    Kind,
    Number,
    StackRig,
    checked_rig,
)
from tests.support import frames

DATAGRAM_LIMIT = 64
FRAGMENT_LIMIT = 64
TIMEOUT_S = 30
MORE = frames.MORE_FRAGMENTS


def datagram(size: int, port: int = LISTENING_PORT) -> bytes:
    """A UDP datagram of `size` bytes, header included."""
    payload = bytes(index % 251 for index in range(size - 8))
    return frames.udp((PEER, 9), (OUR_ADDRESS, port), payload)


def piece(
    whole: bytes,
    start: int,
    end: int,
    number: int = 1,
    protocol: int = frames.UDP,
    source: str = PEER,
) -> bytes:
    """The fragment with bytes `start` to `end` of a datagram."""
    more = MORE if end < len(whole) else 0
    return frames.ipv4(
        source,
        OUR_ADDRESS,
        protocol,
        whole[start:end],
        identification=number,
        fragment=more | start // 8,
    )


def pieces(whole: bytes, cuts: list[int], number: int = 1) -> list[bytes]:
    """The fragments of a datagram that is cut at multiples of eight."""
    places = sorted({0, len(whole), *(cut * 8 for cut in cuts if cut * 8 < len(whole))})
    return [piece(whole, start, end, number) for start, end in pairwise(places)]


def received(rig: StackRig) -> list[bytes]:
    return [event.payload for event in rig.events() if event.kind == Kind.UDP]


def is_clean(rig: StackRig) -> bool:
    return (
        rig.number(Number.DATAGRAMS)
        == rig.number(Number.FRAGMENTS)
        == rig.number(Number.PACKETS_IN_USE)
        == 0
    )


shared = checked_rig()


@settings(max_examples=60)
@given(st.lists(st.integers(1, 120), max_size=12), st.randoms(use_true_random=False))
def test_any_cut_in_any_order(cuts: list[int], order: random.Random) -> None:
    whole = datagram(999)
    parts = pieces(whole, cuts, order.randrange(1 << 16))
    copies = [part for part in parts if len(parts) > 1 and order.random() < 0.3]
    order.shuffle(parts)
    for part in parts[:-1]:
        shared.receive_ipv4(part)
        if part in copies:
            shared.receive_ipv4(part)
    assert received(shared) == []
    shared.receive_ipv4(parts[-1])
    assert received(shared) == [whole[8:]]
    assert is_clean(shared)


def test_largest_datagram(rig: StackRig) -> None:
    whole = datagram(65535 - 20)
    for part in pieces(whole, [185 * index for index in range(1, 50)]):
        rig.receive_ipv4(part)
    assert received(rig) == [whole[8:]]


def test_datagram_beyond_the_largest_is_dropped(rig: StackRig) -> None:
    whole = bytes(65535 - 20 + 8)
    rig.receive_ipv4(piece(whole, 65504, len(whole)))
    assert is_clean(rig)


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, 80), (72, 160)), ((80, 160), (72, 88)), ((80, 160), (0, 88)), ((80, 160), (88, 96))],
    ids=["behind", "before and in", "before", "inside"],
)
def test_overlap_drops_the_datagram(
    rig: StackRig, first: tuple[int, int], second: tuple[int, int]
) -> None:
    whole = datagram(400)
    rig.receive_ipv4(piece(whole, *first))
    rig.receive_ipv4(piece(whole, *second))
    assert is_clean(rig)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MORE | 40, 10),
        (20, 30),
        (20, MORE | 20),
        (20, MORE | 30),
    ],
    ids=["end before a piece", "two ends", "more at the end", "more behind the end"],
)
def test_contradicting_ends_drop_the_datagram(rig: StackRig, first: int, second: int) -> None:
    for fragment in (first, second):
        data = bytes(8 if fragment == first else 16)
        packet = frames.ipv4(
            PEER, OUR_ADDRESS, frames.UDP, data, identification=4, fragment=fragment
        )
        rig.receive_ipv4(packet)
    assert is_clean(rig)


@pytest.mark.parametrize("size", [0, 1, 7, 9])
def test_piece_of_odd_length_that_is_not_the_last_is_dropped(rig: StackRig, size: int) -> None:
    rig.receive_ipv4(frames.ipv4(PEER, OUR_ADDRESS, frames.UDP, bytes(size), fragment=MORE))
    assert is_clean(rig)


def test_datagrams_are_told_apart(rig: StackRig) -> None:
    whole = datagram(160)
    for number in (1, 2):
        rig.receive_ipv4(piece(whole, 0, 80, number))
    rig.receive_ipv4(piece(whole, 80, 160, 3))
    rig.receive_ipv4(piece(whole, 80, 160, 1, source="10.0.2.3"))
    rig.receive_ipv4(piece(whole, 80, 160, 1, protocol=99))
    assert received(rig) == []
    rig.receive_ipv4(piece(whole, 80, 160, 2))
    assert received(rig) == [whole[8:]]
    assert rig.number(Number.DATAGRAMS) == 4


def test_what_takes_too_long_is_given_up_and_reported(rig: StackRig) -> None:
    whole = datagram(400)
    rig.receive_ipv4(piece(whole, 0, 80, 1))
    rig.receive_ipv4(piece(whole, 80, 160, 2))
    rig.pass_time(TIMEOUT_S - 1)
    assert rig.number(Number.DATAGRAMS) == 2
    rig.pass_time(1.5)
    rig.meet()
    assert is_clean(rig)
    (error,) = rig.sent_ipv4()
    assert error.payload == frames.icmp(11, 1, 0, piece(whole, 0, 80, 1)[:28])
    assert rig.counters()["reassembly_failures"] == 2


def test_datagrams_under_way_are_bounded_and_the_newest_stay(rig: StackRig) -> None:
    whole = datagram(160)
    for number in range(DATAGRAM_LIMIT + 10):
        rig.receive_ipv4(piece(whole, 0, 80, number))
    assert rig.number(Number.DATAGRAMS) == DATAGRAM_LIMIT
    rig.receive_ipv4(piece(whole, 80, 160, DATAGRAM_LIMIT + 9))
    rig.receive_ipv4(piece(whole, 80, 160, 0))
    assert received(rig) == [whole[8:]]


def test_pieces_of_one_datagram_are_bounded(rig: StackRig) -> None:
    whole = datagram(8 * (FRAGMENT_LIMIT + 1))
    for index in range(FRAGMENT_LIMIT):
        rig.receive_ipv4(piece(whole, index * 8, index * 8 + 8))
    assert is_clean(rig)


def test_packets_held_are_bounded() -> None:
    rig = checked_rig(pages=512)
    whole = datagram(8 * 60)
    limit = rig.number(Number.FREE_FRAMES) // 4 * 2 // 8
    for number in range(20):
        for index in range(30):
            rig.receive_ipv4(piece(whole, index * 16, index * 16 + 8, number))
            assert rig.number(Number.FRAGMENTS) <= limit + 1
    rig.pass_time(TIMEOUT_S + 10)
    assert is_clean(rig)


def test_checksum_covers_all_pieces(rig: StackRig) -> None:
    whole = bytearray(datagram(160))
    whole[150] ^= 1
    for part in pieces(bytes(whole), [10]):
        rig.receive_ipv4(part)
    assert received(rig) == []
    assert rig.counters()["bad_transport"] == 1
    assert is_clean(rig)


def test_segment_in_pieces_comes_as_segments(rig: StackRig) -> None:
    data = bytes(range(200))
    flags = frames.ACK | frames.PSH | frames.FIN
    segment = frames.tcp((PEER, 1), (OUR_ADDRESS, 2), 1000, 5, flags, data)
    for start in (0, 80, 160):
        rig.receive_ipv4(piece(segment, start, min(start + 80, len(segment)), 7, frames.TCP))
    events = rig.events()
    assert [event.kind for event in events] == [Kind.TCP] * 3
    assert b"".join(event.payload for event in events) == data
    assert [event.sequence for event in events] == [1000, 1060, 1140]
    assert [event.head[28] for event in events] == [frames.ACK, frames.ACK, flags]


def test_header_in_two_pieces_is_dropped(rig: StackRig) -> None:
    segment = frames.tcp((PEER, 1), (OUR_ADDRESS, 2), 1000, 5, frames.ACK, b"data data")
    for start, end in ((0, 16), (16, len(segment))):
        rig.receive_ipv4(piece(segment, start, end, 7, frames.TCP))
    assert rig.events() == []
    assert is_clean(rig)


def test_link_that_goes_down_gives_pieces_up(rig: StackRig) -> None:
    rig.receive_ipv4(piece(datagram(160), 0, 80))
    rig.set_link(False)
    assert is_clean(rig)
