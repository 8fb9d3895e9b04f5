"""Our TCP and Linux's, in a network namespace at the other end of the cable, with frames lost.

Both sides send at once, each checks what it got by its hash; the recorded frames show which options
were agreed on. Without root or `/dev/net/tun` all of this is skipped.
"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from swiftos.guest import Guest
from tests.support import frames, pcap
from tests.support.frames import Segment
from tests.support.linux_pair import LinuxPair, exchange

BUDGET_S = 100
GUEST_PORT = 7000
LINUX_PORT = 9000
GUEST_FILE = "/tmp/sent"
RECORDED_LOSS, RECORDED_BYTES = 0.03, 1_000_000
SIZES = {0.0: 4_000_000, 0.01: 4_000_000, 0.05: 1_000_000, 0.20: 50_000}
"""Bytes each way by loss: at 20 % most segments wait for a timeout."""
MSS, SCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 2, 3, 4, 5, 8
SYN, RST, ACK = 2, 4, 16


def content(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


def make_file(guest: Guest, size: int) -> str:
    """Makes the file that the guest sends and returns its hash."""
    guest.run_command(f"cat /bin/* /bin/* /bin/* | head -c {size} > {GUEST_FILE}", BUDGET_S)
    return guest.run_command(f"sha256sum {GUEST_FILE}", BUDGET_S).text.split()[0]


def expect_hash(guest: Guest, data: bytes) -> None:
    """Waits for the line in which the guest says what it has received."""
    guest.expect(hashlib.sha256(data).hexdigest(), BUDGET_S)
    guest.wait_prompt(BUDGET_S)


def linux_opens(pair: LinuxPair, loss: float, size: int) -> None:
    """Linux connects to the guest, both send at once, both got what the other one sent."""
    expected = make_file(pair.guest, size)
    sent = content(int(loss * 100), size)
    pair.guest.type_line(f"nc -l {GUEST_PORT} < {GUEST_FILE} | sha256sum")
    pair.bridge.loss = loss
    received = exchange(pair.connect(GUEST_PORT, BUDGET_S), sent)
    pair.bridge.loss = 0.0
    expect_hash(pair.guest, sent)
    assert len(received) == size
    assert hashlib.sha256(received).hexdigest() == expected


def guest_opens(pair: LinuxPair, loss: float, size: int) -> None:
    """The guest connects to Linux, and the same."""
    expected = make_file(pair.guest, size)
    sent = content(50 + int(loss * 100), size)
    with pair.host.listen(LINUX_PORT, BUDGET_S) as listener:
        pair.guest.type_line(f"nc 10.0.2.2 {LINUX_PORT} < {GUEST_FILE} | sha256sum")
        pair.bridge.loss = loss
        connection, _ = listener.accept()
    connection.settimeout(BUDGET_S)
    received = exchange(connection, sent)
    pair.bridge.loss = 0.0
    expect_hash(pair.guest, sent)
    assert len(received) == size
    assert hashlib.sha256(received).hexdigest() == expected


@pytest.mark.parametrize("loss", SIZES)
def test_linux_opens_and_both_send_at_once(linux_pair: LinuxPair, loss: float) -> None:
    linux_opens(linux_pair, loss, SIZES[loss])


@pytest.mark.parametrize("loss", SIZES)
def test_the_guest_opens_and_both_send_at_once(linux_pair: LinuxPair, loss: float) -> None:
    guest_opens(linux_pair, loss, SIZES[loss])


def test_both_sides_agree_on_all_options(linux_pair: LinuxPair, tmp_path: Path) -> None:
    """Whoever opens: segment size, scaled windows, SACK and timestamps in SYN and SYN-ACK."""
    capture = tmp_path / "frames.pcap"
    with linux_pair.bridge.recording(capture):
        linux_opens(linux_pair, RECORDED_LOSS, RECORDED_BYTES)
        guest_opens(linux_pair, RECORDED_LOSS, RECORDED_BYTES)
    segments = segments_in(capture)
    opening = [segment for segment in segments if segment.flags & SYN]
    assert {segment.flags & ACK for segment in opening} == {0, ACK}
    for segment in opening:
        assert {MSS, SCALE, SACK_PERMITTED, TIMESTAMPS} <= set(segment.options), segment
        assert segment.options[MSS] == (1460).to_bytes(2, "big")
    later = [one for one in segments if one.flags & ACK and not one.flags & RST]
    assert all(TIMESTAMPS in segment.options for segment in later)
    for port, who in ((GUEST_PORT, "we"), (LINUX_PORT, "Linux")):
        sent = [segment for segment in later if segment.source_port == port]
        assert any(SACK in segment.options for segment in sent), f"{who} reported no gap"


def segments_in(capture: Path) -> list[Segment]:
    packets = [frame.ipv4() for frame in pcap.read(capture)]
    return [packet.segment() for packet in packets if packet and packet.protocol == frames.TCP]
