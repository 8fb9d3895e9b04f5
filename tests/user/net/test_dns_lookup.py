"""DNS questions and answers, against messages built independently."""

from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare
from tests.user.net import dns_builder as dns
from tests.user.net.dns_builder import Query, pointer

lookup_module = bare.load("user/lib/net/dns_lookup.py")
name_module = bare.load("user/lib/net/dns_name.py")
Step = lookup_module.Step
QUESTION = pointer(12)
"""The name asked for, where a message repeats it."""


class Asking:
    """A lookup with its source of random numbers."""

    def __init__(self, name: str, kind: int = dns.A, servers: int = 1, seed: int = 1) -> None:
        self.state = lookup_module.Lookup()
        for index in range(servers):
            self.state.add_server(0x0A000001 + index)
        self.random = random.Random(seed)
        self.state.begin(name.encode(), kind)

    def ask(self) -> Query | None:
        if not self.state.next_query(self.random.randbytes(lookup_module.RANDOM_SIZE)):
            return None
        return Query(bytes(self.state.question()))

    def must_ask(self) -> Query:
        query = self.ask()
        assert query is not None
        return query

    def take(self, message: bytes) -> Any:
        return self.state.take(message)

    def addresses(self) -> list[str]:
        answer = self.state.answer
        return [str(IPv4Address(answer.address(index))) for index in range(answer.count)]


def test_question_is_what_the_standard_says() -> None:
    asking = Asking("www.Example.org")
    query = asking.must_ask()
    assert query.data[2:12].hex() == "01000001000000000000"
    assert query.text.lower() == "www.example.org"
    assert query.data[-4:].hex() == "00010001"


def test_identifier_and_case_are_new_each_time() -> None:
    asking = Asking("a-long-enough-name.example.org", servers=3)
    queries = [asking.must_ask() for _ in range(6)]
    assert len({query.identifier for query in queries}) == 6
    assert len({query.text for query in queries}) == 6


def test_addresses_of_an_answer() -> None:
    asking = Asking("test.swos")
    query = asking.must_ask()
    reply = dns.reply(query, dns.a(QUESTION, "192.0.2.7", 50), dns.a(QUESTION, "192.0.2.8", 40))
    assert asking.take(reply) == Step.FOUND
    assert asking.addresses() == ["192.0.2.7", "192.0.2.8"]
    assert asking.state.answer.seconds == 40


def test_ipv6_address_of_an_answer() -> None:
    asking = Asking("test6.swos", dns.AAAA)
    query = asking.must_ask()
    assert query.kind == dns.AAAA
    assert asking.take(dns.reply(query, dns.aaaa(QUESTION, "2001:db8::7"))) == Step.FOUND
    found = bytes(asking.state.answer.address_bytes(0))
    assert IPv6Address(found) == IPv6Address("2001:db8::7")


def test_aliases_are_followed_in_any_order_and_case() -> None:
    asking = Asking("one.example")
    query = asking.must_ask()
    two, three = dns.name("Two.example"), dns.name("three.example")
    reply = dns.reply(
        query,
        dns.a(dns.name("THREE.example"), "192.0.2.3"),
        dns.a(dns.name("other.example"), "192.0.2.99"),
        dns.record(dns.name("two.EXAMPLE"), dns.CNAME, three),
        dns.record(QUESTION, dns.CNAME, two),
        dns.record(QUESTION, dns.TXT, b"\x04text"),
    )
    assert asking.take(reply) == Step.FOUND
    assert asking.addresses() == ["192.0.2.3"]


def test_alias_without_address_is_asked_for_again() -> None:
    asking = Asking("one.example")
    reply = dns.reply(asking.must_ask(), dns.record(QUESTION, dns.CNAME, dns.name("two.example")))
    assert asking.take(reply) == Step.ASK_NEXT
    query = asking.must_ask()
    assert query.text.lower() == "two.example"
    assert asking.take(dns.reply(query, dns.a(QUESTION, "192.0.2.2"))) == Step.FOUND


def test_endless_aliases_end() -> None:
    asking = Asking("loop.example")
    steps = 0
    while True:
        query = asking.must_ask()
        alias = dns.record(QUESTION, dns.CNAME, dns.name(f"loop{steps}.example"))
        step = asking.take(dns.reply(query, alias))
        steps += 1
        if step == Step.NO_NAME:
            break
        assert step == Step.ASK_NEXT
    assert steps == lookup_module.MOST_FOLLOWED + 1


def test_circle_of_aliases_is_a_failed_server() -> None:
    asking = Asking("a.example")
    a, b = dns.name("a.example"), dns.name("b.example")
    reply = dns.reply(asking.must_ask(), dns.record(a, dns.CNAME, b), dns.record(b, dns.CNAME, a))
    assert asking.take(reply) == Step.ASK_NEXT


@pytest.mark.parametrize("code", [3, 0])
def test_no_such_name_or_no_address_of_this_kind(code: int) -> None:
    asking = Asking("nobody.example")
    assert asking.take(dns.reply(asking.must_ask(), code=code)) == Step.NO_NAME


@pytest.mark.parametrize("code", [1, 2, 4, 5])
def test_server_that_fails_is_left_for_the_next(code: int) -> None:
    asking = Asking("a.example", servers=2)
    query = asking.must_ask()
    assert asking.state.server_address() == 0x0A000001
    assert asking.take(dns.reply(query, code=code)) == Step.ASK_NEXT
    asking.must_ask()
    assert asking.state.server_address() == 0x0A000002


def test_every_server_is_asked_twice_and_longer_the_second_time() -> None:
    asking = Asking("a.example", servers=3)
    asked = []
    while asking.ask() is not None:
        asked.append((asking.state.server_address() & 0xFF, asking.state.timeout_ms()))
    assert asked == [(1, 2000), (2, 2000), (3, 2000), (1, 4000), (2, 4000), (3, 4000)]


def test_truncated_answer_is_asked_for_over_tcp() -> None:
    asking = Asking("a.example")
    query = asking.must_ask()
    record = dns.a(QUESTION, "192.0.2.1")
    assert asking.take(dns.reply(query, record, truncated=True)) == Step.ASK_STREAM
    many = [dns.a(QUESTION, f"192.0.2.{number}") for number in range(1, 200)]
    assert asking.take(dns.reply(query, *many)) == Step.FOUND
    assert asking.addresses() == [f"192.0.2.{number}" for number in range(1, 9)]


def test_what_is_no_answer_to_the_question_is_passed_over() -> None:
    asking = Asking("a.example")
    query = asking.must_ask()
    record = dns.a(QUESTION, "192.0.2.66")
    other = dns.name("b.example") + query.question[-4:]
    for message in (
        dns.reply(query, record, identifier=query.identifier ^ 1),
        dns.reply(query, record, question=other),
        dns.reply(query, record, flags=0x0180),
        dns.reply(query, record, flags=0x8980),
        query.data,
        b"",
    ):
        assert asking.take(message) == Step.WAIT
    assert asking.take(dns.reply(query, record)) == Step.FOUND


def test_server_that_folds_case_is_asked_again_without_it() -> None:
    asking = Asking("a-name-with-letters.example")
    query = asking.must_ask()
    folded = query.question.lower()
    record = dns.a(QUESTION, "192.0.2.1")
    assert asking.take(dns.reply(query, record, question=folded)) == Step.ASK_NEXT
    again = asking.must_ask()
    assert again.text == "a-name-with-letters.example"
    assert again.identifier != query.identifier
    assert asking.state.server_address() == 0x0A000001
    assert asking.take(dns.reply(again, record)) == Step.FOUND


def test_pointer_that_leads_forward_or_to_itself_is_refused() -> None:
    for target in (12, 14, 40):
        message = bytes(12) + pointer(target) + bytes(30)
        with pytest.raises(OSError):
            name_module.DnsName().decode(message, 12)


def test_name_behind_many_pointers_is_read() -> None:
    message = bytes(12) + b"\x01a\x00" + pointer(12)
    for _ in range(9):
        message += pointer(len(message) - 2)
    found = name_module.DnsName()
    assert found.decode(message, len(message) - 2) == len(message)
    assert bytes(found.wire()) == b"\x01a\x00"


@pytest.mark.parametrize(
    "word", [b"", b".", b"a..b", b".a", b"a" * 64, b".".join([b"a" * 63] * 4), b"a.."]
)
def test_what_is_no_name_is_refused(word: bytes) -> None:
    with pytest.raises(OSError):
        name_module.DnsName().encode(word)


def test_longest_name_is_taken() -> None:
    name = b".".join([b"a" * 63] * 3 + [b"a" * 61])
    encoded = name_module.DnsName()
    encoded.encode(name)
    assert len(encoded.wire()) == 255


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120), st.integers(0, 120))
def test_names_in_any_bytes_are_read_or_refused(message: bytes, offset: int) -> None:
    name = name_module.DnsName()
    try:
        after = name.decode(message, offset)
    except OSError:
        return
    assert offset < after <= len(message)
    assert len(name.wire()) <= 255


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_bytes_behind_the_question_do_no_harm(data: st.DataObject) -> None:
    asking = Asking("one.example", seed=data.draw(st.integers(0, 99)))
    query = asking.must_ask()
    whole = dns.reply(
        query,
        dns.record(QUESTION, dns.CNAME, dns.name("two.example")),
        dns.a(dns.name("two.example"), "192.0.2.2"),
    )
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    assert asking.take(bytes(changed[:cut])) in Step
    assert asking.state.answer.count <= 8
