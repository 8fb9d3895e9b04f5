"""Headers of Ethernet, ARP, IPv4, ICMP and UDP: what is built reads the same elsewhere, what is
wrong is refused.
"""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare
from tests.support import frames

WORDS = ("address", "arp", "ethernet", "icmp", "ipv4", "udp")
program = bare.load(*(f"kernel/net/wire/{word}.py" for word in WORDS))
address, arp, ethernet, icmp, ipv4, udp = (
    program.module(f"kernel.net.wire.{word}") for word in WORDS
)
OURS, PEER = "10.0.2.15", "10.0.2.2"
MAC_A, MAC_B = bytes.fromhex("525400123456"), bytes.fromhex("52550a000202")
addresses = st.integers(0, 2**32 - 1)


def number(address: str) -> int:
    return int(IPv4Address(address))


def text(address: int) -> str:
    return str(IPv4Address(address))


def test_ethernet_both_ways() -> None:
    frame = bytearray(14)
    ethernet.build_ethernet(
        frame, int.from_bytes(MAC_B, "big"), int.from_bytes(MAC_A, "big"), 0x0800
    )
    assert bytes(frame) == frames.ethernet(MAC_B, MAC_A, frames.IPV4, b"")
    header = ethernet.parse_ethernet(frame)
    assert header.destination() == int.from_bytes(MAC_B, "big")
    assert header.source() == int.from_bytes(MAC_A, "big")
    assert header.type == 0x0800
    assert ethernet.parse_ethernet(frame[:13]) is None


def test_group_addresses() -> None:
    assert ethernet.is_group_address(0xFFFF_FFFF_FFFF)
    assert ethernet.is_group_address(0x0100_5E00_0001)
    assert not ethernet.is_group_address(int.from_bytes(MAC_A, "big"))


def test_arp_both_ways() -> None:
    built = bytearray(28)
    arp.build_arp(
        built,
        arp.ArpOperation.REPLY,
        int.from_bytes(MAC_A, "big"),
        number(OURS),
        int.from_bytes(MAC_B, "big"),
        number(PEER),
    )
    assert bytes(built) == frames.arp(frames.ARP_REPLY, (MAC_A, OURS), (MAC_B, PEER))
    packet = arp.parse_arp(built)
    assert packet.sender() == int.from_bytes(MAC_A, "big")
    assert packet.sender_ipv4 == number(OURS)
    assert packet.target_ipv4 == number(PEER)
    assert not packet.is_request()


@pytest.mark.parametrize(
    ("offset", "value"),
    [(1, 6), (2, 0x86), (4, 8), (5, 16), (7, 0), (7, 3), (8, 0x53)],
    ids=["hardware", "protocol", "hardware size", "protocol size", "operation 0", "3", "group"],
)
def test_other_arp_is_refused(offset: int, value: int) -> None:
    packet = bytearray(frames.arp(frames.ARP_REQUEST, (MAC_A, OURS), (MAC_B, PEER)))
    packet[offset] = value
    assert arp.parse_arp(packet) is None


def test_short_arp_is_refused() -> None:
    packet = frames.arp(frames.ARP_REQUEST, (MAC_A, OURS), (MAC_B, PEER))
    assert arp.parse_arp(bytearray(packet[:27])) is None


@given(addresses, addresses, st.binary(max_size=64), st.integers(0, 255), st.integers(0, 65535))
def test_ipv4_both_ways(
    source: int, destination: int, payload: bytes, protocol: int, identification: int
) -> None:
    packet = bytearray(20) + payload
    ipv4.build_ipv4(
        packet, len(payload), protocol, source, destination, 64, 0, identification, 0x2000 | 185
    )
    assert bytes(packet) == frames.ipv4(
        text(source),
        text(destination),
        protocol,
        payload,
        identification=identification,
        fragment=0x2000 | 185,
    )
    header = ipv4.parse_ipv4(packet + b"padding")
    assert (header.source, header.destination) == (source, destination)
    assert (header.protocol, header.total_length) == (protocol, len(packet))
    assert header.fragment_offset() == 185 * 8
    assert header.has_more()
    assert header.is_fragment()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 6},
        {"words": 4},
        {"words": 15},
        {"total_length": 19},
        {"total_length": 40},
        {"sum": 1},
    ],
    ids=str,
)
def test_wrong_ipv4_is_refused(change: dict[str, int]) -> None:
    packet = bytearray(frames.ipv4(PEER, OURS, 17, b"payload"))
    if "version" in change:
        packet[0] = change["version"] << 4 | 5
    if "words" in change:
        packet[0] = 0x40 | change["words"]
    if "total_length" in change:
        packet[2:4] = change["total_length"].to_bytes(2, "big")
    packet[10:12] = bytes(2)
    total = frames.checksum(bytes(packet[:20])) ^ change.get("sum", 0)
    packet[10:12] = total.to_bytes(2, "big")
    assert ipv4.parse_ipv4(packet) is None


def test_ipv4_shorter_than_a_header_is_refused() -> None:
    assert ipv4.parse_ipv4(bytearray(frames.ipv4(PEER, OURS, 17, b"")[:19])) is None


@given(st.binary(max_size=60), st.integers(0, 65535), st.integers(0, 65535))
def test_icmp_both_ways(payload: bytes, identifier: int, sequence: int) -> None:
    message = bytearray(8) + payload
    icmp.build_icmp(message, 8, 0, identifier, sequence)
    assert bytes(message) == frames.icmp(8, 0, identifier << 16 | sequence, payload)
    header = icmp.icmp_header(message)
    assert (header.identifier, header.sequence) == (identifier, sequence)
    icmp.turn_echo(header)
    assert message[0] == frames.ECHO_REPLY
    assert frames.checksum(bytes(message)) == 0
    assert icmp.icmp_header(message[:7]) is None


@given(addresses, addresses, st.integers(0, 65535), st.integers(0, 65535), st.binary(max_size=60))
def test_udp_both_ways(
    source: int, destination: int, source_port: int, destination_port: int, payload: bytes
) -> None:
    built = bytearray(8) + payload
    udp.build_udp(built, source_port, destination_port, len(payload))
    sum = program.module("kernel.net.wire.checksum").Checksum()
    sum.add_pseudo_header(source, destination, 17, len(built))
    sum.add(built)
    udp.set_udp_checksum(built, sum)
    ends = (text(source), source_port), (text(destination), destination_port)
    assert bytes(built) == frames.udp(*ends, payload)
    header = udp.udp_header(built, len(built))
    assert (header.source_port, header.destination_port) == (source_port, destination_port)
    assert header.length == len(built)


@pytest.mark.parametrize("length", [0, 7, 13])
def test_udp_of_wrong_length_is_refused(length: int) -> None:
    datagram = bytearray(frames.udp((PEER, 1), (OURS, 2), b"data"))
    datagram[4:6] = length.to_bytes(2, "big")
    assert udp.udp_header(datagram, len(datagram)) is None
    assert udp.udp_header(datagram[:7], 7) is None


@pytest.mark.parametrize("length", range(33))
def test_prefixes(length: int) -> None:
    mask = (0xFFFF_FFFF << (32 - length)) & 0xFFFF_FFFF
    assert address.prefix_mask(length) == mask
    assert address.prefix_length(mask) == length
    assert address.has_prefix(number(OURS), length, number(OURS))


def test_mask_with_a_hole_has_no_length() -> None:
    assert address.prefix_length(0xFF00_FF00) == 33


@pytest.mark.parametrize(
    ("spelled", "kind"),
    [
        ("0.1.2.3", ""),
        ("10.0.2.15", "unicast"),
        ("127.0.0.1", "loopback"),
        ("128.0.0.1", "unicast"),
        ("223.255.255.254", "unicast"),
        ("224.0.0.1", ""),
        ("240.0.0.1", ""),
        ("255.255.255.255", ""),
    ],
)
def test_kinds_of_addresses(spelled: str, kind: str) -> None:
    value = number(spelled)
    assert address.is_unicast(value) is (kind == "unicast")
    assert address.is_loopback(value) is (kind == "loopback")
