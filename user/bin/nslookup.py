"""nslookup - ask a name server for the addresses of a name.

usage: nslookup NAME [SERVER] [PORT] [AAAA]

SERVER is an IPv4 address; without it the servers of /etc/resolv.conf are asked. PORT is 53. With
AAAA as the last word, IPv6 addresses are asked for. Prints `NAME -> ADDRESS` for each.
"""

from __future__ import annotations

from abi.errno import EAGAIN, EINVAL, ENOENT
from abi.error_text import strerror
from bare import Bytes, errno_of, i32, text, u16, u32, usize
from user.lib.arguments import Arguments, Options
from user.lib.net.address import AddressText, parse_address, parse_port
from user.lib.net.dns_message import PORT, TYPE_A, TYPE_AAAA
from user.lib.net.resolver import Resolver
from user.lib.report import usage_error
from user.lib.standard import standard

USAGE = "usage: nslookup NAME [SERVER] [PORT] [AAAA]"
USAGE_STATUS = 2
MOST_OPERANDS: usize = 3


def main(arguments: Arguments) -> i32:
    """Asks and shows the addresses."""
    options = Options(arguments, b"")
    options.next()
    first = options.index
    end = arguments.count
    if first >= end:
        standard().errors.line(USAGE)
        return USAGE_STATUS
    kind = TYPE_A
    if end > first + 1 and kind_of(arguments.get(end - 1)) != 0:
        kind = kind_of(arguments.get(end - 1))
        end -= 1
    if end > first + MOST_OPERANDS:
        usage_error("too many operands")
    resolver = Resolver()
    if end > first + 1:
        port = port_of(arguments.get(first + 2)) if end > first + 2 else PORT
        resolver.use_server(server_of(arguments.get(first + 1)), port)
    else:
        resolver.load()
    return look_up(resolver, arguments.get(first), kind)


def look_up(resolver: Resolver, name: Bytes, kind: u16) -> i32:
    """Asks for one name; returns the exit status."""
    try:
        resolver.find(name, kind)
    except OSError as error:
        code = errno_of(error)
        if code in (ENOENT, EINVAL):
            report_name(name, "not found")
        else:
            report_name(name, "no server has answered" if code == EAGAIN else strerror(code))
        return 1
    answer = resolver.lookup.answer
    shown = AddressText()
    for index in range(answer.count):
        if kind == TYPE_AAAA:
            print(f"{text(name)} -> {shown.show_ipv6(answer.address_bytes(index))}")
        else:
            print(f"{text(name)} -> {shown.show(answer.address(index))}")
    return 0


def report_name(name: Bytes, message: str) -> None:
    """Prints `NAME: message`."""
    print(f"{text(name)}: {message}")


def kind_of(word: Bytes) -> u16:
    """Returns the type of record that a word names; 0 for none."""
    if word in (b"AAAA", b"aaaa"):
        return TYPE_AAAA
    if word in (b"A", b"a"):
        return TYPE_A
    return 0


def server_of(word: Bytes) -> u32:
    """Reads a server's address; ends the program where it is none."""
    try:
        return parse_address(word)
    except OSError:
        usage_error(f"not an IPv4 address: {text(word)}")


def port_of(word: Bytes) -> u16:
    """Reads a port; ends the program where it is none."""
    try:
        return parse_port(word)
    except OSError:
        usage_error(f"not a port: {text(word)}")
