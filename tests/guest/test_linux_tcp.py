"""Our TCP and Linux's, in a network namespace at the other end of the cable, with frames lost.

Both sides send at once, each checks what it got by its hash; the recorded frames show which options
were agreed on. Without root or `/dev/net/tun` all of this is skipped.
"""

from __future__ import annotations

import hashlib
import random
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from swiftos import network, qemu
from swiftos.guest import Guest
from swiftos.runfolder import RunFolder
from tests.support import linux_host, network_guest, pcap
from tests.support.frame_peer import Cable
from tests.support.frames import Segment
from tests.support.linux_host import LinuxHost, LossyBridge

BOOT_BUDGET_S = 60
TRANSFER_BUDGET_S = 100
PIECE = 65536
GUEST_PORT = 7000
LINUX_PORT = 9000
GUEST_FILE = "/tmp/sent"
SIZES = {0.0: 4_000_000, 0.01: 4_000_000, 0.05: 1_000_000, 0.20: 80_000}
"""Bytes each way by loss: at 20 % most segments wait for a timeout."""
MSS, SCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 2, 3, 4, 5, 8
SYN, ACK = 2, 16

REASON = linux_host.why_impossible()
pytestmark = pytest.mark.skipif(REASON is not None, reason=f"no Linux to talk to: {REASON}")


@dataclass(frozen=True)
class Pair:
    """A guest and Linux, and what is between them."""

    guest: Guest
    host: LinuxHost
    bridge: LossyBridge
    capture: Path

    def segments(self) -> list[Segment]:
        """Returns the TCP segments that the guest has sent and received so far."""
        packets = [frame.ipv4() for frame in pcap.read(self.capture)]
        return [packet.segment() for packet in packets if packet and packet.protocol == 6]


@pytest.fixture(scope="module")
def pair(
    built_profile: qemu.Profile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    cable = Cable()
    handle = cable.far.fileno()
    capture = tmp_path_factory.mktemp("linux") / "frames.pcap"
    profile = replace(built_profile, network=network.datagram_network(handle), capture=capture)
    host = LinuxHost()
    bridge = LossyBridge(cable, host.tap)
    bridge.start()
    guest = Guest.start(profile, RunFolder.create("linux"), [handle])
    cable.far.close()
    try:
        guest.wait_prompt(BOOT_BUDGET_S)
        guest.wait_text(network_guest.CONFIGURED, network_guest.CONFIGURE_BUDGET_S)
        yield Pair(guest, host, bridge, capture)
    finally:
        guest.end()
        bridge.stop()
        host.stop()
        cable.close()


def content(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def exchange(connection: socket.socket, sent: bytes) -> bytes:
    """Sends and receives at once, until both streams have ended."""
    received = bytearray()

    def send() -> None:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    while data := connection.recv(PIECE):
        received += data
    sender.join()
    connection.close()
    return bytes(received)


def make_file(guest: Guest, size: int) -> str:
    """Makes the file that the guest sends and returns its hash."""
    command = f"cat /bin/* /bin/* /bin/* | head -c {size} > {GUEST_FILE}"
    guest.run_command(command, TRANSFER_BUDGET_S)
    return guest.run_command(f"sha256sum {GUEST_FILE}", TRANSFER_BUDGET_S).text.split()[0]


def is_hash_printed(guest: Guest, data: bytes) -> None:
    """Waits for the line in which the guest says what it has received."""
    guest.expect(hashlib.sha256(data).hexdigest(), TRANSFER_BUDGET_S)
    guest.wait_prompt(TRANSFER_BUDGET_S)


@pytest.mark.parametrize("loss", SIZES)
def test_linux_opens_and_both_send_at_once(pair: Pair, loss: float) -> None:
    size = SIZES[loss]
    expected = make_file(pair.guest, size)
    sent = content(int(loss * 100), size)
    pair.guest.type_line(f"nc -l {GUEST_PORT} < {GUEST_FILE} | sha256sum")
    pair.bridge.loss = loss
    connection = connect(pair)
    received = exchange(connection, sent)
    pair.bridge.loss = 0.0
    is_hash_printed(pair.guest, sent)
    assert len(received) == size
    assert hashlib.sha256(received).hexdigest() == expected


def connect(pair: Pair) -> socket.socket:
    """Connects as soon as the guest listens."""
    while True:
        try:
            return pair.host.connect(GUEST_PORT, TRANSFER_BUDGET_S)
        except ConnectionRefusedError:
            pair.guest.wait_text("nc", 1)


@pytest.mark.parametrize("loss", SIZES)
def test_the_guest_opens_and_both_send_at_once(pair: Pair, loss: float) -> None:
    size = SIZES[loss]
    expected = make_file(pair.guest, size)
    sent = content(50 + int(loss * 100), size)
    with pair.host.listen(LINUX_PORT, TRANSFER_BUDGET_S) as listener:
        pair.guest.type_line(f"nc 10.0.2.2 {LINUX_PORT} < {GUEST_FILE} | sha256sum")
        pair.bridge.loss = loss
        connection, _ = listener.accept()
    connection.settimeout(TRANSFER_BUDGET_S)
    received = exchange(connection, sent)
    pair.bridge.loss = 0.0
    is_hash_printed(pair.guest, sent)
    assert len(received) == size
    assert hashlib.sha256(received).hexdigest() == expected


def test_both_sides_agreed_on_all_options(pair: Pair) -> None:
    """Of whoever opened: segment size, scaled windows, SACK and timestamps in SYN and SYN-ACK."""
    opening = [segment for segment in pair.segments() if segment.flags & SYN]
    assert {segment.flags & ACK for segment in opening} == {0, ACK}
    for segment in opening:
        assert {MSS, SCALE, SACK_PERMITTED, TIMESTAMPS} <= set(segment.options), segment
        assert segment.options[MSS] == (1460).to_bytes(2, "big")
    later = [segment for segment in pair.segments() if segment.flags & ACK]
    assert all(TIMESTAMPS in segment.options for segment in later if not segment.flags & 4)
    ours = [segment for segment in later if segment.source_port == GUEST_PORT]
    theirs = [segment for segment in later if segment.source_port == LINUX_PORT]
    assert any(SACK in segment.options for segment in ours), "we reported no gap"
    assert any(SACK in segment.options for segment in theirs), "Linux reported no gap"
