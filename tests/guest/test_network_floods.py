"""Floods of raw frames at the real driver: while they come a real client is served within a second,
and afterwards memory is back where it was.

The cable loses nothing: every frame of a flood waits in the host until the guest takes it, and so
do the real client's, behind them. Times are the client's. Where the machine below is so busy that
answers without a flood take more than a tenth of a second, a flood may make them ten times slower.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import pytest

from swiftos.console import time_scale
from tests.support import hostile_frames
from tests.support.frame_peer import FramePeer
from tests.support.guest_memory import accounted_kib
from tests.support.network_guest import CableGuest

BUDGET_S = 30
FLOOD_S = 1.5
CLIENT_BUDGET_S = 1.0
CLIENT_PAUSE_S = 0.1
SLOWER = 10
QUIET_REQUESTS = 4
LEAST_FRAMES = 1000
SETTLE_S = 90
"""Longer than fragments and half-open connections are kept."""
LEFT_KIB = 160
"""Packets that the kernel keeps for the next burst, and heap pages that a few objects share."""
REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: guest\r\n\r\n"
HELLO = b"hello from the swift-os static file server"


def fetch(peer: FramePeer) -> float:
    """Fetches a page with the peer's own TCP; returns the seconds from SYN to the last byte."""
    started_s = time.monotonic()
    connection = peer.connect(8080, BUDGET_S)
    connection.send(REQUEST, BUDGET_S)
    answer = b""
    while HELLO not in answer:
        piece = connection.receive_some(BUDGET_S)
        assert piece, f"the connection ended behind {answer!r}"
        answer += piece
    elapsed_s = time.monotonic() - started_s
    assert answer.startswith(b"HTTP/1.1 200 ")
    connection.close(BUDGET_S)
    return elapsed_s


class Flood:
    """Sends the frames of an attack as fast as the guest takes them, until the block ends."""

    def __init__(self, peer: FramePeer, attack: hostile_frames.Attack) -> None:
        self.count = 0
        self._peer = peer
        self._frames = attack(random.Random(1))
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flood", daemon=True)

    def __enter__(self) -> Flood:
        self._thread.start()
        return self

    def __exit__(self, *ignored: object) -> None:
        self._is_ending.set()
        self._thread.join()

    def _run(self) -> None:
        for frame in self._frames:
            self._peer.send(frame)
            self.count += 1
            if self._is_ending.is_set():
                return


@pytest.fixture
def served_guest(cable_guest: CableGuest) -> Iterator[CableGuest]:
    """A guest at its prompt that also serves pages."""
    guest = cable_guest.guest
    guest.type_line("httpd -q &")
    guest.expect(r"httpd: listening on 8080", BUDGET_S)
    yield cable_guest
    guest.run_command("kill %1; wait", BUDGET_S)


def slowest_answer(peer: FramePeer, attack: hostile_frames.Attack) -> tuple[float, int]:
    """Floods and fetches; returns the seconds of the slowest answer, and how many frames came."""
    times_s = []
    with Flood(peer, attack) as flood:
        ending_s = time.monotonic() + FLOOD_S
        while time.monotonic() < ending_s:
            times_s.append(fetch(peer))
            time.sleep(CLIENT_PAUSE_S)
    return max(times_s), flood.count


def test_a_client_is_served_throughout_and_memory_comes_back(served_guest: CableGuest) -> None:
    peer = served_guest.peer
    for _ in range(3):
        fetch(peer)
    before_kib = accounted_kib(served_guest.guest)
    too_slow = []
    for name, attack in hostile_frames.ATTACKS.items():
        quiet_s = max(fetch(peer) for _ in range(QUIET_REQUESTS))
        slowest_s, count = slowest_answer(peer, attack)
        assert count >= LEAST_FRAMES, name
        line = f"{name}: {count} frames, slowest answer {slowest_s:.3f} s, {quiet_s:.3f} s without"
        print(line)
        if slowest_s > max(CLIENT_BUDGET_S * time_scale(), SLOWER * quiet_s):
            too_slow.append(line)
    assert not too_slow
    assert peer.unsound == 0
    wait_for_memory(served_guest, before_kib - LEFT_KIB)


def wait_for_memory(guest: CableGuest, wanted_kib: int) -> None:
    """Waits until as much memory is free as wanted: what is half open or half there ages."""
    deadline_s = time.monotonic() + SETTLE_S * time_scale()
    while (free_kib := accounted_kib(guest.guest)) < wanted_kib:
        assert time.monotonic() < deadline_s, f"{wanted_kib - free_kib} KiB too few are free"
        time.sleep(0.5)
