"""httpload - ask an HTTP server for one file many times, and tell what that cost.

usage: httpload [-k] [-c CONNECTIONS] [-n REQUESTS] [-w REQUESTS] URL

  -c CONNECTIONS   asked at once, 1 when not given
  -k               keep connections for further requests
  -n REQUESTS      that are counted, 100 when not given
  -w REQUESTS      asked before, so that nothing is new to anybody; 20 when not given

Prints `httpload: REQUESTS requests, FAILED failed, BYTES bytes` and the line of `spent` for the
counted ones: what the whole system spent, this program and the server alike; then least, median and
most of the time from a request to the end of its answer, on all connections together. A request has
failed when its status is not 200 or its body is not complete. The exit status is 0 if none has.
"""

from __future__ import annotations

from abi.errno import EPROTONOSUPPORT
from bare import Bytes, allocate, errno_of, i32, inline, raises, struct, text, u8, u64, usize
from user.lib.arguments import Arguments, Options
from user.lib.net.http_load import MOST_CONNECTIONS, HttpLoad
from user.lib.numbers import parse_unsigned
from user.lib.report import report, report_error, usage_error
from user.lib.spending import Spending
from user.lib.standard import standard

LETTER_C = ord("c")
LETTER_K = ord("k")
LETTER_N = ord("n")
MOST_REQUESTS: u64 = 1_000_000


@struct
class Settings:
    """What the arguments say."""

    url: Bytes = b""
    connections: u64 = 1
    requests: u64 = 100
    warm_up: u64 = 20
    is_kept: bool = False

    def parse(self, arguments: Arguments) -> None:
        """Reads the arguments; ends the program where they are wrong."""
        options = Options(arguments, b"c:kn:w:")
        while options.next():
            self.take(options.letter, options.value)
        if options.index + 1 != arguments.count:
            usage_error("one URL is to be given")
        self.url = arguments.get(options.index)

    def take(self, letter: u8, value: Bytes) -> None:
        """Takes one option."""
        if letter == LETTER_K:
            self.is_kept = True
        elif letter == LETTER_C:
            self.connections = number_of(value, 1, MOST_CONNECTIONS)
        elif letter == LETTER_N:
            self.requests = number_of(value, 1, MOST_REQUESTS)
        else:
            self.warm_up = number_of(value, 0, MOST_REQUESTS)


@struct
class Tool:
    """What the program works with; too large for a stack's frame."""

    load: HttpLoad = inline()
    spending: Spending = inline()


def number_of(word: Bytes, least: u64, most: u64) -> u64:
    """Reads a number between two bounds; ends the program where it is none."""
    try:
        number = parse_unsigned(word)
        if least <= number <= most:
            return number
    except OSError:
        pass
    usage_error(f"not a number from {least} to {most}: {text(word)}")


@raises()
def measure(tool: Tool, settings: Settings) -> None:
    """Asks all that is asked, and prints what it cost."""
    load = tool.load
    load.prepare(settings.url, usize(settings.connections), settings.is_kept)
    tool.spending.prepare()
    load.ask(settings.warm_up)
    load.forget()
    tool.spending.begin()
    load.ask(settings.requests)
    tool.spending.end()
    load.close()
    print(f"httpload: {settings.requests} requests, {load.failed} failed, {load.bytes} bytes")
    tool.spending.print_line()
    load.steps.print_line("steps")


def main(arguments: Arguments) -> i32:
    """Asks and prints."""
    settings = Settings()
    settings.parse(arguments)
    try:
        tool = allocate(standard().heap, Tool)
        measure(tool, settings)
        return 0 if tool.load.failed == 0 else 1
    except OSError as error:
        if errno_of(error) == EPROTONOSUPPORT:
            report(f"{text(settings.url)}: only plain http is known")
        else:
            report_error(settings.url, errno_of(error))
    return 1
