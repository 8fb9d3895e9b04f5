"""The arguments that both echo servers have."""

from __future__ import annotations

from bare import text, u16
from user.lib.arguments import Arguments, Options
from user.lib.net.address import parse_port
from user.lib.report import leave, report, usage_error

DEFAULT_PORT: u16 = 5555
LETTER_6 = ord("6")
FAILED_STATUS = 1


def echo_port(arguments: Arguments) -> u16:
    """Returns the port to serve; ends the program where the arguments are wrong or ask for IPv6."""
    port = DEFAULT_PORT
    options = Options(arguments, b"6p:")
    while options.next():
        if options.letter == LETTER_6:
            refuse_ipv6()
        try:
            port = parse_port(options.value)
        except OSError:
            usage_error(f"not a port: {text(options.value)}")
    if options.index < arguments.count and arguments.get(options.index) == b"6":
        refuse_ipv6()
    options.refuse_operands()
    return port


def refuse_ipv6() -> None:
    """Ends the program as a socket of a family that is not there does."""
    report("socket failed")
    leave(FAILED_STATUS)
