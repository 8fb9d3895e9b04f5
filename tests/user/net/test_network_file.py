"""What `/etc/network.toml`, `/etc/resolv.conf` and `/etc/hosts` may say."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare

network_file = bare.load("user/lib/net/network_file.py")
rig = bare.load("tests/user/net/resolver_rig.py")
Mode = network_file.Mode


def read(content: str) -> Any:
    settings = network_file.NetworkSettings()
    settings.read(content.encode())
    return settings


def test_empty_file_means_dhcp_on_the_first_interface() -> None:
    settings = read("")
    assert (settings.mode, bytes(settings.interface)) == (Mode.DHCP, b"eth0")
    assert settings.dns_count == 0


def test_static_addresses_are_read() -> None:
    settings = read(
        'mode = "static"\ninterface = "eth1"\naddress = "192.168.1.5"\nprefix = 16\n'
        'gateway = "192.168.1.1"\ndns = ["192.168.1.2", "192.168.1.3"]\n'
    )
    assert settings.mode == Mode.STATIC
    assert bytes(settings.interface) == b"eth1"
    assert str(IPv4Address(settings.address)) == "192.168.1.5"
    assert str(IPv4Address(settings.gateway)) == "192.168.1.1"
    assert settings.prefix == 16
    found = [str(IPv4Address(settings.dns[n])) for n in range(settings.dns_count)]
    assert found == ["192.168.1.2", "192.168.1.3"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('mode = "magic"', b"mode"),
        ("mode = dhcp", b"mode"),
        ("interface = eth0", b"interface"),
        ('mode = "static"\nprefix = 24', b"address"),
        ('mode = "static"\naddress = "1.2.3"\nprefix = 24', b"address"),
        ('mode = "static"\naddress = "1.2.3.4"', b"prefix"),
        ('mode = "static"\naddress = "1.2.3.4"\nprefix = 33', b"prefix"),
        ('mode = "static"\naddress = "1.2.3.4"\nprefix = 24\ngateway = "x"', b"gateway"),
        ('dns = "1.2.3.4"', b"dns"),
        ('dns = ["1.2.3.4", "1.2.3.500"]', b"dns"),
        ('dns = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]', b"dns"),
        ('dns = ["1.1.1.1', b"dns"),
    ],
)
def test_wrong_value_is_named(content: str, problem: bytes) -> None:
    settings = network_file.NetworkSettings()
    with pytest.raises(OSError):
        settings.read(content.encode())
    assert bytes(settings.problem) == problem


@given(st.binary(max_size=60), st.sampled_from([b'mode = "static"\naddress = ', b"dns = ["]))
def test_any_file_is_read_or_refused(content: bytes, start: bytes) -> None:
    settings = network_file.NetworkSettings()
    try:
        settings.read(start + content)
    except OSError:
        assert len(settings.problem) > 0


def resolver(content: bytes) -> tuple[list[str], int, int]:
    """Returns the servers, the timeout in milliseconds and the attempts."""
    servers = [0, 0, 0]
    count, timeout_ms, attempts = rig.read_settings(content, servers)
    return [str(IPv4Address(server)) for server in servers[:count]], timeout_ms, attempts


def test_servers_and_options_of_the_resolver() -> None:
    found = resolver(
        b"# comment\nnameserver 10.0.2.3\n\tnameserver\t10.0.2.4 ; second\nnameserver ::1\n"
        b"search example.org\noptions timeout:3 attempts:4 edns0\r\nnameserver 10.0.2.5\n"
        b"nameserver 10.0.2.6"
    )
    assert found == (["10.0.2.3", "10.0.2.4", "10.0.2.5"], 3000, 4)


@pytest.mark.parametrize(
    ("option", "timeout_ms"),
    [(b"timeout:0", 1000), (b"timeout:x", 2000), (b"timeout:999", 2000), (b"attempts:-1", 2000)],
)
def test_options_that_make_no_sense_are_passed_over(option: bytes, timeout_ms: int) -> None:
    assert resolver(b"options " + option) == ([], timeout_ms, 2)


def test_names_of_the_hosts_file() -> None:
    content = b"127.0.0.1 localhost\n::1 six\n# 1.2.3.4 no\n10.0.0.7\tA.example b # c\nbad x\n"

    def find(name: bytes) -> str:
        return str(IPv4Address(rig.find_host(content, name)))

    assert find(b"localhost") == "127.0.0.1"
    assert find(b"LocalHost") == "127.0.0.1"
    assert find(b"a.example") == "10.0.0.7"
    assert find(b"b") == "10.0.0.7"
    for name in (b"c", b"no", b"six", b"x", b"local", b""):
        assert find(name) == "0.0.0.0"


@given(st.binary(max_size=80))
def test_any_name_file_is_read(content: bytes) -> None:
    assert len(resolver(content)[0]) <= 3
    rig.find_host(content, b"host")
