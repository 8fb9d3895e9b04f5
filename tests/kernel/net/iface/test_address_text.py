"""Addresses as text."""

from ipaddress import IPv4Address

import pytest

import bare

module = bare.load("kernel/net/iface/address_text.py")


@pytest.mark.parametrize(
    "spelled", ["0.0.0.0", "10.0.2.15", "192.168.100.1", "255.255.255.255", "1.20.99.100"]
)
def test_ipv4(spelled: str) -> None:
    assert bytes(module.AddressText().ipv4(int(IPv4Address(spelled)))) == spelled.encode()


def test_station() -> None:
    assert bytes(module.AddressText().station(0x525400ABCDEF)) == b"52:54:00:ab:cd:ef"
