"""nc - connect standard input and output with a connection.

usage: nc [-u] [-w SECONDS] HOST PORT
       nc [-u] [-w SECONDS] -l PORT
       nc -z [-w SECONDS] HOST PORT

  -l   wait for one connection (with -u: for a first datagram) at PORT
  -u   UDP instead of TCP
  -w   how long to wait for the connection, and at most without anything happening
  -z   only see whether PORT takes connections; the exit status says it

At the end of the input the connection is closed for sending; the program ends when the other side
has closed too, with -u after SECONDS without anything. It does not wait for the end of what is
typed at a terminal.
"""

from __future__ import annotations

from abi.errno import EAGAIN, EINPROGRESS, ENOENT, ETIMEDOUT
from abi.poll import POLLIN, PollFd
from abi.socket import SHUT_WR
from abi.time import NS_PER_MS, NS_PER_SECOND, TimeSpec
from bare import Array, Bytes, array, errno_of, i32, i64, raises, struct, text, u8, u16, u32, u64
from user.lib import socket, sys
from user.lib.arguments import Arguments, Options
from user.lib.inputs import close_quietly
from user.lib.net.address import parse_port
from user.lib.net.resolver import find_host
from user.lib.numbers import parse_seconds
from user.lib.report import report, report_error, usage_error
from user.lib.socket import Endpoint
from user.lib.terminal import is_terminal

LETTER_L = ord("l")
LETTER_U = ord("u")
LETTER_W = ord("w")
LETTER_Z = ord("z")
BUFFER_SIZE = 16 * 1024
BACKLOG = 1
STANDARD_INPUT: i32 = 0
STANDARD_OUTPUT: i32 = 1
CLOSED: i32 = -1
"""Of a descriptor in `PollFd`: not to be waited for."""


@struct
class Settings:
    """What the arguments say."""

    host: Bytes = b""
    port: u16 = 0
    listens: bool = False
    is_datagram: bool = False
    only_tries: bool = False
    timeout_ns: u64 = 0
    """0: for ever."""

    def parse(self, arguments: Arguments) -> None:
        """Reads the arguments; ends the program where they are wrong."""
        options = Options(arguments, b"luw:z")
        while options.next():
            if options.letter == LETTER_L:
                self.listens = True
            elif options.letter == LETTER_U:
                self.is_datagram = True
            elif options.letter == LETTER_Z:
                self.only_tries = True
            else:
                self.timeout_ns = seconds_of(options.value)
        first = options.index
        if not self.listens:
            if arguments.count < first + 2:
                usage_error("a host and a port are to be given")
            self.host = arguments.get(first)
            first += 1
        if arguments.count != first + 1:
            usage_error("one port is to be given")
        self.port = port_of(arguments.get(first))


def seconds_of(word: Bytes) -> u64:
    """Reads a time; ends the program where it is none."""
    try:
        return parse_seconds(word)
    except OSError:
        usage_error(f"not a number of seconds: {text(word)}")


def port_of(word: Bytes) -> u16:
    """Reads a port; ends the program where it is none."""
    try:
        return parse_port(word)
    except OSError:
        usage_error(f"not a port: {text(word)}")


def main(arguments: Arguments) -> i32:
    """Connects or waits, and carries bytes both ways."""
    settings = Settings()
    settings.parse(arguments)
    address: u32 = 0
    try:
        if not settings.listens:
            address = find_host(settings.host)
    except OSError as error:
        code = errno_of(error)
        if code in (ENOENT, EAGAIN):
            report(f"{text(settings.host)}: not found")
        else:
            report_error(settings.host, code)
        return 1
    try:
        descriptor = open_connection(settings, Endpoint(address, settings.port))
        try:
            if not settings.only_tries:
                relay(descriptor, settings)
        finally:
            close_quietly(descriptor)
    except OSError as error:
        code = errno_of(error)
        is_late = code in (EAGAIN, EINPROGRESS)
        report_error(b"connection", ETIMEDOUT if is_late else code)
        return 1
    return 0


@raises()
def open_connection(settings: Settings, remote: Endpoint) -> i32:
    """Returns a connected socket."""
    timeout_ms = settings.timeout_ns // NS_PER_MS
    if settings.listens:
        local = Endpoint(0, settings.port)
        if settings.is_datagram:
            return wait_for_datagram(local, timeout_ms)
        return wait_for_connection(local, timeout_ms)
    descriptor = socket.open_udp() if settings.is_datagram else socket.open_tcp()
    try:
        if not settings.is_datagram:
            socket.set_send_timeout(descriptor, timeout_ms)
        socket.connect(descriptor, remote)
    except OSError:
        close_quietly(descriptor)
        raise
    return descriptor


@raises()
def wait_for_connection(local: Endpoint, timeout_ms: u64) -> i32:
    """Returns the first connection to a port."""
    listener = socket.listen_tcp(local, BACKLOG)
    try:
        socket.set_receive_timeout(listener, timeout_ms)
        return socket.accept_connection(listener, Endpoint())
    finally:
        close_quietly(listener)


@raises()
def wait_for_datagram(local: Endpoint, timeout_ms: u64) -> i32:
    """Returns a socket connected with who sends the first datagram, whose data is written."""
    descriptor = socket.bind_udp(local)
    try:
        remote = Endpoint()
        data: Array[u8] = array(BUFFER_SIZE)
        socket.set_receive_timeout(descriptor, timeout_ms)
        count = socket.receive_from(descriptor, data, remote)
        write_all(STANDARD_OUTPUT, data[:count])
        socket.connect(descriptor, remote)
    except OSError:
        close_quietly(descriptor)
        raise
    return descriptor


@raises()
def relay(descriptor: i32, settings: Settings) -> None:
    """Carries bytes both ways until both have ended, or nothing happens any more."""
    polled: Array[PollFd] = array(2)
    polled[0].fd = STANDARD_INPUT
    polled[0].events = POLLIN
    polled[1].fd = descriptor
    polled[1].events = POLLIN
    timeout = TimeSpec(
        i64(settings.timeout_ns // NS_PER_SECOND), i64(settings.timeout_ns % NS_PER_SECOND)
    )
    has_timeout = settings.timeout_ns > 0
    while polled[0].fd != CLOSED or polled[1].fd != CLOSED:
        if sys.ppoll(polled[:], timeout if has_timeout else None, None) == 0:
            return
        if polled[1].revents != 0 and not take(descriptor, settings):
            polled[1].fd = CLOSED
            if is_terminal(STANDARD_INPUT):
                return
        if polled[0].revents != 0 and not give(descriptor, settings):
            polled[0].fd = CLOSED


@raises()
def take(descriptor: i32, settings: Settings) -> bool:
    """Writes out what the other side has sent; False at the end."""
    data: Array[u8] = array(BUFFER_SIZE)
    count = socket.receive(descriptor, data)
    write_all(STANDARD_OUTPUT, data[:count])
    return count > 0 or settings.is_datagram


@raises()
def give(descriptor: i32, settings: Settings) -> bool:
    """Sends what there is of the input; False at its end, which is told to the other side."""
    data: Array[u8] = array(BUFFER_SIZE)
    count = sys.read(STANDARD_INPUT, data)
    write_all(descriptor, data[:count])
    if count == 0 and not settings.is_datagram:
        sys.shutdown(descriptor, SHUT_WR)
    return count > 0


@raises()
def write_all(descriptor: i32, data: Bytes) -> None:
    """Writes all of `data`."""
    rest = data
    while len(rest) > 0:
        rest = rest[sys.write(descriptor, rest) :]
