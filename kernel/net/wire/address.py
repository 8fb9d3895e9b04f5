"""IPv4 addresses: numbers of 32 bits, the first byte on the wire highest. RFC 6890."""

from __future__ import annotations

from bare import invert, u32, u64

Ipv4Address = u32
"""An IPv4 address as a number."""

ANY_ADDRESS: Ipv4Address = 0
"""No address: "this host on this network". RFC 1122, 3.2.1.3 (a)."""
LIMITED_BROADCAST: Ipv4Address = 0xFFFF_FFFF
LOOPBACK_ADDRESS: Ipv4Address = 0x7F00_0001


def prefix_mask(length: u32) -> u32:
    """Returns the mask of a prefix of `length` bits, up to 32."""
    return 0 if length == 0 else invert(u32((u64(1) << (32 - length)) - 1))


def prefix_length(mask: u32) -> u32:
    """Returns the length of a mask's prefix, 33 where its bits are not one run from the top."""
    for length in range(u32(33)):
        if prefix_mask(length) == mask:
            return length
    return 33


def is_loopback(address: Ipv4Address) -> bool:
    """Whether an address is in 127/8. RFC 1122, 3.2.1.3 (g)."""
    return address >> 24 == 127


def is_unicast(address: Ipv4Address) -> bool:
    """Whether an address may be that of one host: not 0/8, 127/8, 224/4 or 240/4."""
    first = address >> 24
    return first != 0 and first != 127 and first < 224


def has_prefix(prefix: Ipv4Address, length: u32, address: Ipv4Address) -> bool:
    """Whether an address has a prefix."""
    return (prefix ^ address) & prefix_mask(length) == 0
