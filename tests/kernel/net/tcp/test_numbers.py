"""Numbers that nobody should guess: the hash, initial sequence numbers, ports, cookies."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

import bare

PROGRAM: Any = bare.load(
    "kernel/lib/sip_hash.py", "kernel/net/tcp/initial_sequence.py", "kernel/net/tcp/cookie.py"
)
SIP: Any = PROGRAM.module("kernel.lib.sip_hash")
NUMBERS: Any = PROGRAM.module("kernel.net.tcp.initial_sequence")
COOKIE: Any = PROGRAM.module("kernel.net.tcp.cookie")
SEGMENT: Any = PROGRAM.module("kernel.net.tcp.segment")
KEY = bytes(range(16))


def sip_hash(data: bytes) -> int:
    hash = SIP.SipHash()
    hash.start(int.from_bytes(KEY[:8], "little"), int.from_bytes(KEY[8:], "little"))
    whole = len(data) // 8 * 8
    for place in range(0, whole, 8):
        hash.add(int.from_bytes(data[place : place + 8], "little"))
    return int(hash.finish(int.from_bytes(data[whole:], "little"), len(data)))


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0, "310e0edd47db6f72"), (8, "6224939a79f5f593"), (15, "e545be4961ca29a1")],
)
def test_sip_hash_gives_the_published_values(length: int, expected: str) -> None:
    """From the reference implementation and the paper, appendix A."""
    assert sip_hash(bytes(range(length))).to_bytes(8, "little").hex() == expected


def generator(secret: bytes = KEY) -> Any:
    numbers = NUMBERS.IsnGenerator()
    numbers.start(secret)
    return numbers


def endpoints(remote: int = 2, port: int = 1000) -> Any:
    return SEGMENT.Endpoints(0, 1, 0, remote, 80, port)


def test_initial_numbers_follow_a_clock_of_4_us() -> None:
    numbers = generator()
    first = numbers.initial_sequence(endpoints(), 1_000_000)
    later = numbers.initial_sequence(endpoints(), 1_000_400)
    assert (later - first) & 0xFFFF_FFFF == 100


def test_initial_numbers_of_others_say_nothing() -> None:
    values = {generator().initial_sequence(endpoints(port=port), 0) for port in range(500)}
    assert len(values) == 500
    distances = sorted(values)
    assert max(b - a for a, b in pairwise(distances)) > 1 << 20
    other = generator(bytes(16)).initial_sequence(endpoints(), 0)
    assert other != generator().initial_sequence(endpoints(), 0)


def test_timestamps_of_two_machines_have_one_offset() -> None:
    numbers = generator()
    offset = numbers.timestamp_offset(endpoints(port=1))
    assert offset == numbers.timestamp_offset(endpoints(port=2))
    assert offset != numbers.timestamp_offset(endpoints(remote=3))


def test_every_ephemeral_port_is_tried_once() -> None:
    numbers = generator()
    tried = {numbers.port(12345, attempt) for attempt in range(NUMBERS.PORT_COUNT)}
    assert tried == set(range(32768, 61000))
    assert numbers.port(0xFFFF_FFFF, 0xFFFF_FFFF) in tried


@pytest.mark.parametrize(
    ("mss", "expected"),
    [(0, 536), (100, 216), (536, 536), (1459, 1440), (1460, 1460), (9000, 1460)],
)
def test_cookie_keeps_the_largest_segment_size_that_fits(mss: int, expected: int) -> None:
    cookies = COOKIE.SynCookies(generator())
    handshake = PROGRAM.module("kernel.net.tcp.opening").Handshake()
    segment = SEGMENT.TcpSegment()
    cookie = cookies.make(endpoints(), 5_000_000, 77, mss)
    segment.sequence, segment.acknowledgment = 78, (cookie + 1) & 0xFFFF_FFFF
    assert cookies.check(endpoints(), 70_000_000, segment, handshake)
    assert (handshake.mss, handshake.remote_initial) == (expected, 77)
    assert not cookies.check(endpoints(remote=3), 70_000_000, segment, handshake)
    assert not cookies.check(endpoints(), 200_000_000, segment, handshake)


@pytest.mark.parametrize("clock", [0, 5, 31, 32, 1000, 0xFFFF_FFFF])
def test_a_marked_timestamp_is_not_of_the_future(clock: int) -> None:
    segment = SEGMENT.TcpSegment(has_window_scale=True, window_shift=7, is_sack_permitted=True)
    marked = COOKIE.timestamp_with_options(clock, segment)
    assert marked & 31 == 7 | 16
    assert (clock - marked) & 0xFFFF_FFFF < 64
