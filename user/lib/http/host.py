"""What may stand in a Host field: a name or an address, and perhaps a port (RFC 9110, 7.2)."""

from __future__ import annotations

from bare import Bytes, usize
from user.lib.http.characters import COLON, IS_HOST, PERCENT, POINT
from user.lib.strings import NOT_HEX, find_byte, hex_value, is_digit

OPEN_BRACKET = ord("[")
CLOSE_BRACKET = ord("]")
MOST_PORT_DIGITS: usize = 5


def is_host(value: Bytes) -> bool:
    """Whether `value` is a host and an optional port; empty is allowed (RFC 9112, 3.2)."""
    end = end_of_host(value)
    if end > len(value):
        return False
    if end == len(value):
        return True
    return value[end] == COLON and is_port(value[end + 1 :])


def end_of_host(value: Bytes) -> usize:
    """Returns where the host ends, or a number above the length where there is none."""
    if len(value) > 0 and value[0] == OPEN_BRACKET:
        close = find_byte(value, CLOSE_BRACKET, 0)
        if close == len(value) or not is_address(value[1:close]):
            return len(value) + 1
        return close + 1
    colon = find_byte(value, COLON, 0)
    return colon if is_name(value[:colon]) else len(value) + 1


def is_name(name: Bytes) -> bool:
    """Whether `name` is a reg-name or an IPv4 address (RFC 3986, 3.2.2)."""
    for index in range(len(name)):
        byte = name[index]
        if not IS_HOST[byte] or byte in (OPEN_BRACKET, CLOSE_BRACKET):
            return False
        if byte == PERCENT:
            if index + 2 >= len(name):
                return False
            if hex_value(name[index + 1]) == NOT_HEX or hex_value(name[index + 2]) == NOT_HEX:
                return False
    return True


def is_address(address: Bytes) -> bool:
    """Whether `address` has only what an IPv6 address is written with."""
    for byte in address:
        if byte != COLON and byte != POINT and hex_value(byte) == NOT_HEX:
            return False
    return len(address) > 1


def is_port(port: Bytes) -> bool:
    """Whether `port` is empty or digits, few enough for a port."""
    for byte in port:
        if not is_digit(byte):
            return False
    return len(port) <= MOST_PORT_DIGITS
