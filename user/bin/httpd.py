"""httpd - serve files over HTTP.

usage: httpd [-q] [-p PORT] [-r ROOT]

  -p PORT   the port to listen on, 8080 when not given
  -r ROOT   the directory with the files, /www when not given
  -q        no log lines

HTTP/1.1 and HTTP/1.0: GET and HEAD, several requests on one connection, ranges, conditional
requests, listings of directories without an index.html. Names that begin with a point are hidden.
Each request is logged as `httpd: STATUS PATH`; lines are left out and counted when there are more
than can be written. SIGTERM or ^C ends the program.
"""

from __future__ import annotations

from abi.errno import EACCES, EADDRINUSE
from abi.file import AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY
from abi.socket import IPPROTO_TCP, SOCK_NONBLOCK, SOMAXCONN, TCP_NODELAY
from bare import Bytes, allocate, errno_of, i32, raises, struct, text, u16, u64
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.httpd.server import Server
from user.lib.numbers import parse_unsigned
from user.lib.report import report, report_error, usage_error
from user.lib.socket import Endpoint, listen_tcp, set_option
from user.lib.standard import standard
from user.lib.stop_signal import catch_stop_signals, ignore_broken_pipes, pass_interrupt_on

DEFAULT_PORT: u16 = 8080
LARGEST_PORT: u64 = 65_535
LETTER_P = ord("p")
LETTER_R = ord("r")


@struct
class Settings:
    """What the arguments say."""

    port: u16 = DEFAULT_PORT
    root: Bytes = b"/www"
    is_quiet: bool = False

    def parse(self, arguments: Arguments) -> None:
        """Reads the arguments; ends the program where they are wrong."""
        options = Options(arguments, b"qp:r:")
        while options.next():
            if options.letter == LETTER_P:
                self.port = port_of(options.value)
            elif options.letter == LETTER_R:
                self.root = options.value
            else:
                self.is_quiet = True
        if options.index < arguments.count:
            usage_error("there are no operands")


def port_of(word: Bytes) -> u16:
    """Reads a port number; ends the program where it is none."""
    number: u64 = 0
    try:
        number = parse_unsigned(word)
    except OSError:
        number = 0
    if number == 0 or number > LARGEST_PORT:
        usage_error(f"not a port: {text(word)}")
    return u16(number)


def listen(port: u16) -> i32:
    """Returns a listener on every address, or -1 after a message.

    Connections inherit TCP_NODELAY: a response is written as a whole, so its end must not wait.
    """
    try:
        listener = listen_tcp(Endpoint(0, port), i32(SOMAXCONN), SOCK_NONBLOCK)
        set_option(listener, IPPROTO_TCP, TCP_NODELAY, 1)
        return listener
    except OSError as error:
        if errno_of(error) == EADDRINUSE:
            report(f"port {port} is in use")
        elif errno_of(error) == EACCES:
            report("no right to use the network")
        else:
            report_error(b"socket", errno_of(error))
        return -1


@raises()
def serve(settings: Settings, root: i32, listener: i32) -> None:
    """Serves until the program is told to stop."""
    server = allocate(standard().heap, Server)
    server.log.is_quiet = settings.is_quiet
    catch_stop_signals()
    ignore_broken_pipes()
    server.prepare(standard().heap, listener, settings.root, root)
    print(f"httpd: listening on {settings.port}")
    standard().output.flush()
    server.serve()
    standard().output.flush()
    pass_interrupt_on()


def main(arguments: Arguments) -> i32:
    """Opens the folder and the port, and serves."""
    settings = Settings()
    settings.parse(arguments)
    root: i32 = -1
    try:
        root = sys.openat(AT_FDCWD, settings.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    except OSError as error:
        report_error(settings.root, errno_of(error))
        return 1
    listener = listen(settings.port)
    if listener < 0:
        return 1
    try:
        serve(settings, root, listener)
    except OSError as error:
        report_error(b"serving", errno_of(error))
        return 1
    return 0
