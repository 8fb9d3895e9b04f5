"""tcpecho - send back what one TCP connection sends first.

usage: tcpecho [-p PORT]

Listens on PORT, 5555 when not given, takes one connection, reads once, at most 2048 bytes, sends
them back and ends.
"""

from __future__ import annotations

from abi.socket import SO_REUSEADDR, SOL_SOCKET
from bare import Array, array, i32, text, u8
from user.lib import socket, sys
from user.lib.arguments import Arguments
from user.lib.inputs import close_quietly
from user.lib.net.echo_port import echo_port
from user.lib.report import report
from user.lib.socket import Endpoint
from user.lib.standard import standard

MOST_BYTES = 2048
BACKLOG = 4


def main(arguments: Arguments) -> i32:
    """Serves one connection."""
    port = echo_port(arguments)
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
