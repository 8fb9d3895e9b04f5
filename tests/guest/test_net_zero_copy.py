"""Frames are parsed where the device wrote them and payload is sent from where it lies.

The driver counts; the router's capture is the judge. What the counters say when the link is pulled
must be what the capture holds.
"""

import re
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support import frames, http_client, pcap
from tests.support.frame_peer import GUEST_MAC
from tests.support.network_guest import NetGuest

REQUESTS = 32
AT_ONCE = 8
LISTEN_S = 40
ANSWER_S = 20
LIMIT_S = 25
MARKER = r"^httpd: listening on 8080"
HELLO = b"hello from the swift-os static file server"
LINE = r"net-zc OK: rx_batch=\d+ tx_batch=\d+ rx_refs=\d+ rx_held=\d+ tx_submitted=\d+.*"

Counters = dict[str, int]


def read_counters(line: str) -> Counters:
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", line)}


def counters_now(guest: NetGuest) -> Counters:
    """Pulls the link, upon which the driver tells its counters, and puts it back."""
    guest.guest.control.execute("set_link", ANSWER_S, name="n0", up=False)
    told = guest.guest.expect(r"net-a: link down, .*\n", ANSWER_S)
    guest.guest.control.execute("set_link", ANSWER_S, name="n0", up=True)
    guest.guest.expect("net-a: link up", ANSWER_S)
    return read_counters(told[told.rindex("net-a: link down") :])


FIN = 0x01
RESET = 0x04
LOOK_AGAIN_S = 0.05


def open_connections(captured: list[pcap.Captured]) -> set[int]:
    """The clients' ports of the connections whose two ends were not both acknowledged."""
    ended: dict[int, dict[bytes, int]] = {}
    left: dict[int, set[bytes]] = {}
    for frame in captured:
        packet = frame.ipv4()
        if packet is None or packet.protocol != frames.TCP:
            continue
        segment = packet.segment()
        is_sent = frame.source == GUEST_MAC
        port = segment.destination_port if is_sent else segment.source_port
        waiting = left.setdefault(port, {frame.source, frame.destination})
        if segment.flags & RESET:
            waiting.clear()
        ends = ended.setdefault(port, {})
        if segment.flags & FIN:
            ends[frame.source] = (segment.sequence + len(segment.payload) + 1) & 0xFFFFFFFF
        if segment.acknowledgement == ends.get(frame.destination):
            waiting.discard(frame.destination)
    return {port for port, waiting in left.items() if waiting}


def wait_closed(guest: NetGuest, first: int) -> None:
    """Returns when no connection since frame `first` can send again: a frame on its way when the
    link is pulled is in the capture and never in the guest."""
    limit_s = time.monotonic() + ANSWER_S
    while ports := open_connections(guest.frames()[first:]):
        assert time.monotonic() < limit_s, f"connections from {ports} stay open"
        time.sleep(LOOK_AGAIN_S)


class Traffic:
    """What a capture says of the frames of the guest from one on."""

    def __init__(self, guest: NetGuest, first: int) -> None:
        captured = guest.frames()
        self.end = len(captured)
        sent = [frame for frame in captured[first:] if frame.source == GUEST_MAC]
        self.sent = len(sent)
        self.received = self.end - first - self.sent
        packets = [packet for packet in (frame.ipv4() for frame in sent) if packet is not None]
        self.payload = sum(
            len(packet.segment().payload) for packet in packets if packet.protocol == frames.TCP
        )
        self.is_only_tcp = all(packet.protocol == frames.TCP for packet in packets)


def test_counters_agree_with_the_capture_and_nothing_is_copied(net_guest: NetGuest) -> None:
    port = net_guest.host_port(8080)
    guest = net_guest.guest
    with net_guest.serving("httpd", MARKER, LISTEN_S):
        before = counters_now(net_guest)
        start = Traffic(net_guest, 0).end
        started_s = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as clients:
            answers = list(
                clients.map(
                    lambda _: http_client.get(port, "/hello.txt", ANSWER_S), range(REQUESTS)
                )
            )
        elapsed_s = max(1.0, time.monotonic() - started_s)
        assert [answer.status for answer in answers] == [200] * REQUESTS
        assert all(HELLO in answer.body for answer in answers)
        assert elapsed_s <= LIMIT_S
        guest.wait_text(LINE, ANSWER_S)
        wait_closed(net_guest, start)
        after = counters_now(net_guest)
        traffic = Traffic(net_guest, start)
    line = re.search(LINE, guest.console.text())
    assert line is not None
    first = read_counters(line.group())
    assert first["rx_refs"] >= 16 and first["tx_submitted"] >= 16
    assert first["rx_batch"] >= 2 or first["tx_batch"] >= 2
    assert first["copied_bytes"] == 0
    assert traffic.is_only_tcp
    assert after["rx_refs"] - before["rx_refs"] == traffic.received
    assert after["tx_submitted"] - before["tx_submitted"] == traffic.sent
    assert after["tx_ref_bytes"] - before["tx_ref_bytes"] == traffic.payload
    assert traffic.payload > REQUESTS * len(HELLO)
    assert after["copied_bytes"] == before["copied_bytes"]
    rate = f"{REQUESTS / elapsed_s:.0f} req/s"
    print(f"{REQUESTS} requests in {elapsed_s:.0f} s, {rate}; {line.group()}")
