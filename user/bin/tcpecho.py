"""tcpecho - send back what one TCP connection sends first.

usage: tcpecho [-k] [-p PORT]

Listens on PORT, 5555 when not given, takes one connection, reads once, at most 2048 bytes, sends
them back and ends. With -k it sends back all that comes, one connection behind the other, until it
is ended.
"""

from __future__ import annotations

from abi.socket import SO_REUSEADDR, SOL_SOCKET
from bare import Array, Span, array, i32, raises, text, u8
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.inputs import close_quietly
from user.lib.net.echo_port import EchoSettings
from user.lib.report import report
from user.lib.socket import Endpoint
from user.lib.standard import standard

MOST_BYTES = 2048
BACKLOG = 4


@raises()
def echo_all(listener: i32, data: Span[u8]) -> None:
    """Serves a connection to its end; one that breaks ends itself only."""
    connection = socket.accept_connection(listener, Endpoint())
    try:
        socket.set_no_delay(connection)
        count = socket.receive(connection, data)
        while count > 0:
            socket.send_all(connection, data[:count])
            count = socket.receive(connection, data)
    except OSError:
        pass
    close_quietly(connection)


def main(arguments: Arguments) -> i32:
    """Serves one connection."""
    settings = EchoSettings()
    settings.parse(arguments)
    port = settings.port
    doing = b"socket"
    listener: i32 = -1
    connection: i32 = -1
    data: Array[u8] = array(MOST_BYTES)
    try:
        listener = socket.open_tcp()
        doing = b"bind"
        socket.set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1)
        socket.bind(listener, Endpoint(0, port))
        doing = b"listen"
        sys.listen(listener, BACKLOG)
        print(f"tcpecho: listening on {port}")
        standard().output.flush()
        while settings.is_kept:
            echo_all(listener, data)
        doing = b"accept"
        connection = socket.accept_connection(listener, Endpoint())
        doing = b"read"
        count = socket.receive(connection, data)
        doing = b"write"
        socket.send_all(connection, data[:count])
        print(f"tcpecho: got {count} bytes")
    except OSError:
        report(f"{text(doing)} failed")
        return 1
    finally:
        close_quietly(connection)
        close_quietly(listener)
    return 0
