"""udpecho - send one UDP datagram back.

usage: udpecho [-k] [-p PORT]

Listens on PORT, 5555 when not given, sends the first datagram, of at most 2048 bytes, back to
where it came from, and ends. With -k it sends every datagram back until it is ended.
"""

from __future__ import annotations

from bare import Array, array, i32, text, u8
from user.lib import socket
from user.lib.arguments import Arguments
from user.lib.inputs import close_quietly
from user.lib.net.address import AddressText
from user.lib.net.echo_port import EchoSettings
from user.lib.report import report
from user.lib.socket import Endpoint
from user.lib.standard import standard

MOST_BYTES = 2048


def main(arguments: Arguments) -> i32:
    """Serves one datagram."""
    settings = EchoSettings()
    settings.parse(arguments)
    port = settings.port
    doing = b"socket"
    descriptor: i32 = -1
    data: Array[u8] = array(MOST_BYTES)
    remote = Endpoint()
    try:
        descriptor = socket.open_udp()
        doing = b"bind"
        socket.bind(descriptor, Endpoint(0, port))
        print(f"udpecho: listening on {port}")
        standard().output.flush()
        while settings.is_kept:
            count = socket.receive_from(descriptor, data, remote)
            socket.send_to(descriptor, data[:count], remote)
        doing = b"read"
        count = socket.receive_from(descriptor, data, remote)
        doing = b"write"
        socket.send_to(descriptor, data[:count], remote)
        sender = AddressText().show_endpoint(remote.address, remote.port)
        print(f"udpecho: got {count} bytes from {sender}")
    except OSError:
        report(f"{text(doing)} failed")
        return 1
    finally:
        close_quietly(descriptor)
    return 0
