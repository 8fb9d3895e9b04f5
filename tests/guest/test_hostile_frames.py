"""Raw frames at the real driver: while they come a real client is served within a second, and
afterwards memory is back where it was.
"""

import random
import threading
import time
from collections.abc import Iterator

import pytest

from swiftos.console import time_scale
from tests.support import hostile_frames
from tests.support.frame_peer import FramePeer
from tests.support.network_guest import CableGuest

LISTEN_S = 40
ANSWER_S = 20
FLOOD_S = 2
CLIENT_BUDGET_S = 1.0
CLIENT_PAUSE_S = 0.2
SETTLE_S = 60
FRAMES_AT_LEAST = 1000
SPARE_KIB = 128
"""Packets that the kernel keeps for the next burst."""
SLACK_KIB = 32
"""Heap pages that a few objects still share."""
REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: guest\r\n\r\n"
HELLO = b"hello from the swift-os static file server"


def fetch(peer: FramePeer) -> float:
    """Fetches a page with the peer's own TCP; returns the seconds that it took."""
    started_s = time.monotonic()
    connection = peer.connect(8080, ANSWER_S)
    connection.send(REQUEST, ANSWER_S)
    answer = b""
    while HELLO not in answer:
        piece = connection.receive_some(ANSWER_S)
        assert piece, f"the connection ended behind {answer!r}"
        answer += piece
    elapsed_s = time.monotonic() - started_s
    assert answer.startswith(b"HTTP/1.1 200 ")
    connection.close(ANSWER_S)
    return elapsed_s


def used_kib(guest: CableGuest) -> int:
    """Returns the memory in use, caches included, as `free` says."""
    output = guest.guest.run_command("free", ANSWER_S).text
    row = next(line for line in output.splitlines() if line.startswith("Mem:"))
    return int(row.split()[2])


class Flood:
    """Sends the frames of an attack from a thread until the block ends."""

    def __init__(self, peer: FramePeer, attack: hostile_frames.Attack) -> None:
        self.count = 0
        self._peer = peer
        self._frames = attack(random.Random(1))
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flood", daemon=True)

    def __enter__(self) -> "Flood":
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
    guest.expect(r"httpd: listening on 8080", LISTEN_S)
    yield cable_guest
    guest.run_command("kill %1; wait", ANSWER_S)


def test_a_client_is_served_throughout_and_memory_comes_back(served_guest: CableGuest) -> None:
    peer = served_guest.peer
    for _ in range(3):
        fetch(peer)
    before_kib = used_kib(served_guest)
    slow = []
    for name, attack in hostile_frames.ATTACKS.items():
        times_s = []
        with Flood(peer, attack) as flood:
            ending_s = time.monotonic() + FLOOD_S
            while time.monotonic() < ending_s:
                times_s.append(fetch(peer))
                time.sleep(CLIENT_PAUSE_S)
        print(f"{name}: {flood.count} frames, slowest answer {max(times_s) * 1000:.0f} ms")
        assert flood.count >= FRAMES_AT_LEAST, name
        if max(times_s) > CLIENT_BUDGET_S * time_scale():
            slow.append(name)
    assert not slow, f"a client waited longer than {CLIENT_BUDGET_S} s under: {slow}"
    fetch(peer)
    wait_for_memory(served_guest, before_kib)


def wait_for_memory(guest: CableGuest, before_kib: int) -> None:
    """Waits until no more memory is used than before: half-open connections and fragments age."""
    deadline_s = time.monotonic() + SETTLE_S * time_scale()
    while (after_kib := used_kib(guest)) > before_kib + SPARE_KIB + SLACK_KIB:
        assert time.monotonic() < deadline_s, f"{before_kib} KiB before, {after_kib} KiB behind it"
        time.sleep(1)
