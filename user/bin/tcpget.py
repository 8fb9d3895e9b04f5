"""tcpget - send a line over TCP and show the answer.

usage: tcpget [HOST [PORT]]

Connects to PORT (5555 when not given) of HOST (10.0.2.2), sends `GET swos` and a newline, and
shows the first bytes that come back, at most 2048.
"""

from __future__ import annotations

from abi.errno import ENODATA
from bare import Array, Bytes, array, i32, raises, text, u8, u16, u32, usize
from user.lib import socket
from user.lib.arguments import Arguments, Options
from user.lib.inputs import close_quietly
from user.lib.net.address import AddressText, parse_address, parse_port
from user.lib.net.resolver import find_host
from user.lib.output import ends_line
from user.lib.report import report, usage_error
from user.lib.socket import Endpoint
from user.lib.standard import standard

DEFAULT_HOST: bytes = b"10.0.2.2"
DEFAULT_PORT: u16 = 5555
REQUEST: bytes = b"GET swos\n"
MOST_BYTES = 2048
RECEIVE_TIMEOUT_MS = 20_000
MOST_OPERANDS: usize = 2


def main(arguments: Arguments) -> i32:
    """Connects, asks and shows the answer."""
    options = Options(arguments, b"")
    options.next()
    host: Bytes = DEFAULT_HOST
    port = DEFAULT_PORT
    if arguments.count > options.index + MOST_OPERANDS:
        usage_error("too many operands")
    if arguments.count > options.index:
        host = arguments.get(options.index)
    if arguments.count > options.index + 1:
        port = port_of(arguments.get(options.index + 1))
    is_name = not is_address(host)
    address: u32 = 0
    try:
        address = find_host(host)
    except OSError:
        report("resolve failed")
        return 1
    if is_name:
        print(f"tcpget: resolved {text(host)} -> {AddressText().show(address)}")
    return exchange(Endpoint(address, port), is_name)


def port_of(word: Bytes) -> u16:
    """Reads a port; ends the program where it is none."""
    try:
        return parse_port(word)
    except OSError:
        usage_error(f"not a port: {text(word)}")


def is_address(word: Bytes) -> bool:
    """Whether a host is given by number."""
    try:
        parse_address(word)
    except OSError:
        return False
    return True


def exchange(remote: Endpoint, is_name: bool) -> i32:
    """Sends the request and shows the reply; returns the exit status."""
    descriptor: i32 = -1
    try:
        descriptor = socket.open_tcp()
    except OSError:
        report("socket failed")
        return 1
    try:
        socket.connect(descriptor, remote)
    except OSError:
        report("connect failed")
        close_quietly(descriptor)
        return 1
    print("tcpget: connected by name" if is_name else "tcpget: connected")
    try:
        show_reply(descriptor)
    except OSError:
        report("no reply")
        return 1
    finally:
        close_quietly(descriptor)
    return 0


@raises()
def show_reply(descriptor: i32) -> None:
    """Sends the request on a connection and shows what comes back first."""
    socket.send_all(descriptor, REQUEST)
    print(f"tcpget: sent {len(REQUEST)} bytes")
    standard().output.flush()
    socket.set_receive_timeout(descriptor, RECEIVE_TIMEOUT_MS)
    data: Array[u8] = array(MOST_BYTES)
    count = socket.receive(descriptor, data)
    if count == 0:
        raise OSError(ENODATA)
    print(f"tcpget: got {count} bytes: ", end="")
    output = standard().output
    output.write(data[:count])
    if not ends_line(data[:count]):
        output.write(b"\n")
