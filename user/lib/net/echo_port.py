"""The arguments that both echo servers have."""

from __future__ import annotations

from bare import Bytes, struct, text, u16
from user.lib.arguments import Arguments, Options
from user.lib.net.address import parse_port
from user.lib.report import leave, report, usage_error

DEFAULT_PORT: u16 = 5555
LETTER_6 = ord("6")
LETTER_K = ord("k")
FAILED_STATUS = 1


@struct
class EchoSettings:
    """What the arguments say."""

    port: u16 = DEFAULT_PORT
    is_kept: bool = False
    """Whether the server goes on behind the first message."""

    def parse(self, arguments: Arguments) -> None:
        """Reads the arguments; ends the program where they are wrong or ask for IPv6."""
        options = Options(arguments, b"6kp:")
        while options.next():
            if options.letter == LETTER_6:
                refuse_ipv6()
            elif options.letter == LETTER_K:
                self.is_kept = True
            else:
                self.port = port_of(options.value)
        if options.index < arguments.count and arguments.get(options.index) == b"6":
            refuse_ipv6()
        options.refuse_operands()


def port_of(word: Bytes) -> u16:
    """Reads a port; ends the program where it is none."""
    try:
        return parse_port(word)
    except OSError:
        usage_error(f"not a port: {text(word)}")


def refuse_ipv6() -> None:
    """Ends the program as a socket of a family that is not there does."""
    report("socket failed")
    leave(FAILED_STATUS)
