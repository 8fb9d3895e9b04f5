"""Addresses as text, against Python's `ipaddress`."""

from __future__ import annotations

import errno
from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare

address = bare.load("user/lib/net/address.py")


@given(st.integers(0, 2**32 - 1), st.integers(0, 65535))
def test_address_and_text_agree_with_ipaddress(value: int, port: int) -> None:
    shown = str(IPv4Address(value))
    assert address.parse_address(shown.encode()) == value
    assert address.AddressText().show(value) == shown
    assert address.AddressText().show_endpoint(value, port) == f"{shown}:{port}"


@given(st.binary(max_size=20) | st.text("0123456789.", max_size=16).map(str.encode))
def test_what_is_read_as_an_address_is_one(word: bytes) -> None:
    try:
        expected: int | None = int(IPv4Address(word.decode("ascii")))
    except ValueError:
        expected = None
    try:
        found: int | None = address.parse_address(word)
    except OSError as error:
        assert error.errno == errno.EINVAL
        found = None
    assert found == expected


GROUP = st.sampled_from([0, 0, 0, 1, 0xDB8, 0xFFFF])


@given(st.lists(GROUP, min_size=8, max_size=8))
def test_ipv6_text_agrees_with_ipaddress(groups: list[int]) -> None:
    data = b"".join(group.to_bytes(2, "big") for group in groups)
    assert address.AddressText().show_ipv6(data) == str(IPv6Address(data))


@pytest.mark.parametrize("length", range(33))
def test_prefix_and_mask(length: int) -> None:
    mask = int(IPv4Network((0, length)).netmask)
    assert address.prefix_mask(length) == mask
    assert address.prefix_length(mask) == length


@pytest.mark.parametrize("mask", [1, 0xFF00FF00, 0x7FFFFFFF])
def test_mask_with_a_hole_is_refused(mask: int) -> None:
    with pytest.raises(OSError):
        address.prefix_length(mask)


@pytest.mark.parametrize("word", [b"", b"0", b"65536", b"-1", b"080", b"1x", b"999999"])
def test_what_is_no_port_is_refused(word: bytes) -> None:
    with pytest.raises(OSError):
        address.parse_port(word)


@pytest.mark.parametrize(
    ("word", "length"), [(b"host:80", 4), (b"host", 4), (b":80", 0), (b"::1", 1), (b"", 0)]
)
def test_host_ends_at_the_last_colon(word: bytes, length: int) -> None:
    assert address.host_length(word) == length
