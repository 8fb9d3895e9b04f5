"""The DHCP client against a server built independently, over hours of simulated time."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare
from tests.user.net import dhcp_server as dhcp
from tests.user.net.dhcp_server import Message, Server

client_module = bare.load("user/lib/net/dhcp_client.py")
Change, State = client_module.Change, client_module.State
HARDWARE = bytes.fromhex("525400123456")
LIMIT = 576
HOUR_MS = 3_600_000


class Client:
    """A client on its own clock."""

    def __init__(self, now_ms: int = 5000, random: int = 12345) -> None:
        self.now_ms = now_ms
        self.state = client_module.DhcpClient()
        self.state.begin(now_ms, HARDWARE, random)

    def send(self) -> Message | None:
        if not self.state.has_message:
            return None
        buffer = bytearray(LIMIT)
        length = self.state.build(self.now_ms, buffer, b"swiftos")
        return Message(bytes(buffer[:length]))

    def must_send(self) -> Message:
        message = self.send()
        assert message is not None
        return message

    def take(self, data: bytes) -> Any:
        return self.state.take(self.now_ms, data)

    def wait(self) -> Any:
        """Lets the time pass until something is due."""
        self.now_ms = max(self.state.deadline_ms, self.now_ms)
        return self.state.timer(self.now_ms)

    def bind(self, server: Server) -> Any:
        discover = self.must_send()
        assert discover.kind == dhcp.DISCOVER
        assert self.take(server.answer(discover, dhcp.OFFER)) == Change.NONE
        request = self.must_send()
        assert request.kind == dhcp.REQUEST
        return self.take(server.answer(request, dhcp.ACK))


def text(address: int) -> str:
    return str(IPv4Address(address))


def test_address_is_asked_for_and_taken() -> None:
    client, server = Client(), Server()
    discover = client.must_send()
    assert discover.is_broadcast
    assert discover.hardware == HARDWARE
    assert discover.client == "0.0.0.0"
    assert len(discover.data) >= 300
    assert client.send() is None
    client.take(server.answer(discover, dhcp.OFFER))
    request = client.must_send()
    assert request.options[dhcp.ADDRESS] == dhcp.packed("10.0.2.15")
    assert request.options[dhcp.SERVER] == dhcp.packed("10.0.2.2")
    assert request.transaction == discover.transaction
    assert client.state.destination() == 0xFFFFFFFF
    assert client.take(server.answer(request, dhcp.ACK)) == Change.BOUND
    lease = client.state.lease
    assert (text(lease.address), lease.prefix, text(lease.router)) == ("10.0.2.15", 24, "10.0.2.2")
    assert [text(lease.dns[n]) for n in range(lease.dns_count)] == ["10.0.2.3", "10.0.2.4"]


def test_lease_is_renewed_with_its_server_at_half_its_time() -> None:
    client, server = Client(), Server(lease_s=7200)
    assert client.bind(server) == Change.BOUND
    started_ms = client.now_ms
    assert client.wait() == Change.NONE
    assert client.now_ms == started_ms + HOUR_MS
    request = client.must_send()
    assert client.state.destination() == 0x0A000202
    assert request.client == "10.0.2.15"
    assert dhcp.SERVER not in request.options
    assert dhcp.ADDRESS not in request.options
    assert not request.is_broadcast
    assert client.take(server.answer(request, dhcp.ACK)) == Change.NONE
    renewed_ms = client.now_ms
    client.wait()
    assert client.now_ms == renewed_ms + HOUR_MS


def test_other_values_at_renewal_are_told() -> None:
    client, server = Client(), Server(lease_s=7200)
    client.bind(server)
    client.wait()
    server.extra = {dhcp.DNS: dhcp.packed("10.0.2.9")}
    assert client.take(server.answer(client.must_send(), dhcp.ACK)) == Change.BOUND
    assert client.state.lease.dns_count == 1


def test_lost_server_is_asked_then_any_then_the_address_is_given_up() -> None:
    client, server = Client(), Server(lease_s=7200)
    client.bind(server)
    started_ms, seen, change = client.now_ms, [], Change.NONE
    while change == Change.NONE:
        change = client.wait()
        if client.state.is_bound():
            client.must_send()
            seen.append(((client.now_ms - started_ms) // 1000, client.state.destination()))
    unicast = [second for second, destination in seen if destination == 0x0A000202]
    broadcast = [second for second, destination in seen if destination == 0xFFFFFFFF]
    assert change == Change.LOST
    assert client.now_ms - started_ms == 7200_000
    assert unicast[:3] == [3600, 4950, 5625]
    assert unicast[-1] < 6300 <= broadcast[0] == 6300
    assert all(b - a >= 60 for a, b in pairwise(unicast))
    assert client.must_send().kind == dhcp.DISCOVER


def test_any_server_may_extend_a_lease_when_rebinding() -> None:
    client, server = Client(), Server(lease_s=7200)
    client.bind(server)
    while client.state.state != State.REBINDING:
        client.wait()
        client.must_send()
    other = Server(identifier="10.0.2.77", lease_s=7200)
    client.state.has_message = True
    assert client.take(other.answer(client.must_send(), dhcp.ACK)) == Change.NONE
    client.wait()
    client.must_send()
    assert text(client.state.destination()) == "10.0.2.77"


def test_discovery_is_repeated_at_growing_random_intervals() -> None:
    client = Client()
    client.must_send()
    waits = []
    for _ in range(7):
        before_ms = client.now_ms
        client.wait()
        waits.append(client.now_ms - before_ms)
        client.must_send()
    for wait_ms, middle_s in zip(waits, [4, 8, 16, 32, 64, 64, 64], strict=True):
        assert abs(wait_ms - middle_s * 1000) <= 1000
    assert len(set(waits)) == 7


def test_unanswered_request_begins_anew() -> None:
    client, server = Client(), Server()
    client.take(server.answer(client.must_send(), dhcp.OFFER))
    kinds = []
    for _ in range(5):
        kinds.append(client.must_send().kind)
        client.wait()
    assert kinds == [dhcp.REQUEST] * 4 + [dhcp.DISCOVER]


def test_refusal_of_a_lease_in_use_gives_the_address_up() -> None:
    client, server = Client(), Server(lease_s=7200)
    client.bind(server)
    client.wait()
    request = client.must_send()
    assert client.take(server.answer(request, dhcp.NAK)) == Change.LOST
    assert client.send() is None
    client.wait()
    assert client.bind(server) == Change.BOUND


def test_refusal_of_a_request_waits_before_the_next_attempt() -> None:
    client, server = Client(), Server()
    client.take(server.answer(client.must_send(), dhcp.OFFER))
    refused_ms = client.now_ms
    assert client.take(server.answer(client.must_send(), dhcp.NAK)) == Change.NONE
    client.wait()
    assert client.now_ms - refused_ms >= 10_000
    assert client.must_send().kind == dhcp.DISCOVER


def test_short_lease_is_renewed_and_given_up_in_time() -> None:
    client, server = Client(), Server(lease_s=1)
    client.bind(server)
    client.wait()
    assert client.now_ms == 5500
    while client.wait() == Change.NONE:
        client.must_send()
    assert client.now_ms == 6000


def test_endless_lease_is_never_renewed() -> None:
    client = Client()
    client.bind(Server(lease_s=0xFFFFFFFF))
    assert client.state.deadline_ms == client_module.FOREVER


def test_times_of_the_server_are_kept_unless_they_make_no_sense() -> None:
    def renewal_s(t1: int, t2: int) -> tuple[int, int]:
        client = Client()
        numbers = {dhcp.T1: struct.pack(">I", t1), dhcp.T2: struct.pack(">I", t2)}
        client.bind(Server(lease_s=8000, extra=numbers))
        state = client.state
        return ((state.renewal_ms - 5000) // 1000, (state.rebinding_ms - 5000) // 1000)

    assert renewal_s(1000, 2000) == (1000, 2000)
    assert renewal_s(3000, 2000) == (2000, 2000)
    assert renewal_s(0, 9000) == (4000, 7000)


@pytest.mark.parametrize(
    "change",
    [
        {"transaction": 7},
        {"hardware": b"\x02\x00\x00\x00\x00\x09"},
        {"options": {}},
        {"options": {dhcp.SERVER: dhcp.packed("10.0.2.2")}},
    ],
)
def test_offer_for_somebody_else_or_of_nothing_is_passed_over(change: dict[str, Any]) -> None:
    client, server = Client(), Server()
    discover = client.must_send()
    client.take(server.answer(discover, dhcp.OFFER, **change))
    assert client.state.state == State.SELECTING
    client.take(server.answer(discover, dhcp.OFFER))
    assert client.state.state == State.REQUESTING


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"])
def test_address_that_no_host_can_have_is_refused(address: str) -> None:
    client = Client()
    client.take(Server(address=address).answer(client.must_send(), dhcp.OFFER))
    assert client.state.state == State.SELECTING


def test_acknowledgement_of_another_server_is_passed_over() -> None:
    client, server = Client(), Server()
    client.take(server.answer(client.must_send(), dhcp.OFFER))
    request = client.must_send()
    other = Server(identifier="10.0.2.66")
    assert client.take(other.answer(request, dhcp.ACK)) == Change.NONE
    assert client.take(other.answer(request, dhcp.NAK)) == Change.NONE
    assert client.take(server.answer(request, dhcp.ACK)) == Change.BOUND


def test_options_go_on_in_the_fields_for_names() -> None:
    client, server = Client(), Server()
    discover = client.must_send()
    client.take(server.answer(discover, dhcp.OFFER))
    request = client.must_send()
    kept = {dhcp.SERVER: dhcp.packed("10.0.2.2"), dhcp.OVERLOAD: b"\x03"}
    file = dhcp.encode({dhcp.MASK: dhcp.packed("255.255.0.0")})
    name = dhcp.encode({dhcp.LEASE: struct.pack(">I", 600)})
    data = server.answer(request, dhcp.ACK, options=kept, name=name, file=file)
    assert client.take(data) == Change.BOUND
    assert (client.state.lease.prefix, client.state.lease.seconds) == (16, 600)


@pytest.mark.parametrize(
    ("address", "prefix"), [("10.1.2.3", 8), ("172.16.2.3", 16), ("192.168.2.3", 24)]
)
def test_prefix_without_a_mask_is_that_of_the_class(address: str, prefix: int) -> None:
    client = Client()
    server = Server(address=address, extra={dhcp.MASK: b""})
    client.bind(server)
    assert client.state.lease.prefix == prefix


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.booleans())
def test_any_options_do_no_harm(options: bytes, is_cut: bool) -> None:
    client, server = Client(), Server()
    whole = server.answer(client.must_send(), dhcp.OFFER, options={})
    client.take(whole[: 240 + (0 if is_cut else 3)] + options)
    assert client.state.state in (State.SELECTING, State.REQUESTING)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 330), st.integers(0, 255)), max_size=8), st.data())
def test_changed_messages_in_any_order_do_no_harm(
    changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    client, server = Client(), Server(lease_s=3600)
    for _ in range(8):
        message = client.send()
        if message is None:
            client.wait()
            continue
        kind = data.draw(st.sampled_from([dhcp.OFFER, dhcp.ACK, dhcp.NAK]))
        answer = bytearray(server.answer(message, kind))
        for place, value in changes:
            if place < len(answer):
                answer[place] = value
        client.take(bytes(answer))
        client.take(server.answer(message, kind))
    assert client.state.deadline_ms >= 5000
