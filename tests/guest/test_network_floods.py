"""Floods of raw frames: the guest goes on serving, and its memory comes back.

The cable loses nothing: every frame of a flood waits in the host until the guest takes it, and so
do the real client's, behind them.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from swiftos.console import time_scale
from swiftos.guest import Guest
from tests.support import frames
from tests.support.frame_peer import GUEST_ADDRESS, GUEST_MAC, PEER_ADDRESS, PEER_MAC, FramePeer
from tests.support.guest_memory import accounted_kib
from tests.support.network_guest import CableGuest

BUDGET_S = 30
PORT = 8080
REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: guest\r\nConnection: close\r\n\r\n"
STATUS = b"HTTP/1.1 200 "
ANSWER_S = 1.0
REQUESTS = 8
QUIET_REQUESTS = 4
SLOWER = 10
"""On a machine that takes long without a flood, it may take so many times longer with one."""
LEAST_FRAMES = 500
SETTLE_S = 90
LEFT_KIB = 512
"""What the kernel keeps for the next burst: spare packets, and frames whose other half waits in the
device's ring.
"""


def address(source: random.Random) -> str:
    """An address somewhere else (RFC 2544)."""
    return f"198.18.{source.randrange(256)}.{source.randrange(1, 255)}"


def segment_flood(source: random.Random) -> bytes:
    """SYNs to an open port from everywhere."""
    sender = address(source), source.randrange(1024, 65536)
    segment = frames.tcp(
        sender,
        (GUEST_ADDRESS, PORT),
        source.randrange(1 << 32),
        0,
        frames.SYN,
        options=bytes.fromhex("020405b4"),
    )
    packet = frames.ipv4(sender[0], GUEST_ADDRESS, frames.TCP, segment)
    return frames.ethernet(GUEST_MAC, PEER_MAC, frames.IPV4, packet)


def fragment_flood(source: random.Random) -> bytes:
    """First, middle and last pieces of datagrams that never get whole, some overlapping."""
    offset = source.choice((0, 1, 185, 186, 370))
    packet = frames.ipv4(
        address(source),
        GUEST_ADDRESS,
        frames.UDP,
        bytes(source.choice((8, 1480))),
        identification=source.randrange(1 << 16),
        fragment=offset | source.choice((0, frames.MORE_FRAGMENTS, frames.MORE_FRAGMENTS)),
    )
    return frames.ethernet(GUEST_MAC, PEER_MAC, frames.IPV4, packet)


def garbage_flood(source: random.Random) -> bytes:
    """Random bytes behind plausible beginnings."""
    kind = source.choice((frames.IPV4, frames.ARP, 0x86DD, source.randrange(1 << 16)))
    to = source.choice((GUEST_MAC, frames.BROADCAST))
    payload = source.randbytes(source.randrange(1500))
    if kind == frames.IPV4 and source.random() < 0.7:
        protocol = source.choice((frames.ICMP, frames.TCP, frames.UDP, 99))
        payload = frames.ipv4(address(source), GUEST_ADDRESS, protocol, payload[:1400])
    return frames.ethernet(to, PEER_MAC, kind, payload)


def neighbour_flood(source: random.Random) -> bytes:
    """ARP requests and replies from all over the network, and conflicts about our address."""
    mac = b"\x02" + source.randbytes(5)
    sender = mac, f"10.0.2.{source.randrange(256)}"
    if sender[1] == PEER_ADDRESS:
        sender = PEER_MAC, PEER_ADDRESS
    operation = source.choice((frames.ARP_REQUEST, frames.ARP_REPLY))
    packet = frames.arp(operation, sender, (bytes(6), GUEST_ADDRESS))
    to = source.choice((GUEST_MAC, frames.BROADCAST))
    return frames.ethernet(to, sender[0], frames.ARP, packet)


FLOODS = {
    "SYN": segment_flood,
    "fragments": fragment_flood,
    "garbage": garbage_flood,
    "ARP": neighbour_flood,
}


class Flood:
    """Sends frames as fast as the guest takes them, until the block ends."""

    def __init__(self, peer: FramePeer, make: Callable[[random.Random], bytes]) -> None:
        self._peer = peer
        source = random.Random(make.__name__)
        self._frames = [make(source) for _ in range(2000)]
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flood", daemon=True)
        self.sent = 0

    def __enter__(self) -> Flood:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._is_ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_ending.is_set():
            self._peer.send(self._frames[self.sent % len(self._frames)])
            self.sent += 1


@contextmanager
def serving(cable_guest: CableGuest) -> Iterator[Guest]:
    """Runs httpd as a job, so that the prompt stays."""
    guest = cable_guest.guest
    guest.type_line("/bin/httpd -q &")
    guest.expect("httpd: listening on 8080", BUDGET_S)
    yield guest
    guest.run_command("kill %1; wait", BUDGET_S)


def fetch(peer: FramePeer) -> float:
    """Gets a page; returns the seconds of the slower answer: to the SYN, or to the request."""
    started_s = time.monotonic()
    connection = peer.connect(PORT, BUDGET_S)
    opened_s = time.monotonic()
    connection.send(REQUEST, BUDGET_S)
    answer = connection.receive(len(STATUS), BUDGET_S)
    answered_s = time.monotonic()
    assert answer == STATUS
    connection.receive_all(BUDGET_S)
    connection.close(BUDGET_S)
    return max(opened_s - started_s, answered_s - opened_s)


def wait_for_memory(guest: Guest, wanted_kib: int) -> int:
    """Waits until as much is free as wanted, or the time is up; returns what is free."""
    deadline_s = time.monotonic() + SETTLE_S * time_scale()
    while (free_kib := accounted_kib(guest)) < wanted_kib and time.monotonic() < deadline_s:
        time.sleep(1)
    return free_kib


@pytest.mark.parametrize("kind", FLOODS)
def test_guest_serves_through_a_flood(cable_guest: CableGuest, kind: str) -> None:
    peer = cable_guest.peer
    with serving(cable_guest) as guest:
        quiet_s = max(fetch(peer) for _ in range(QUIET_REQUESTS))
        before_kib = accounted_kib(guest)
        with Flood(peer, FLOODS[kind]) as flood:
            times_s = [fetch(peer) for _ in range(REQUESTS)]
        assert flood.sent >= LEAST_FRAMES
        limit_s = max(ANSWER_S * time_scale(), SLOWER * quiet_s)
        assert max(times_s) < limit_s, (quiet_s, times_s)
        after_kib = wait_for_memory(guest, before_kib - LEFT_KIB)
        assert before_kib - after_kib <= LEFT_KIB
    assert peer.unsound == 0
