"""ping - ask a host whether it answers.

usage: ping [-c COUNT] [-i SECONDS] [-W SECONDS] [-s BYTES] HOST

  -c COUNT    end after COUNT requests; without it ^C ends
  -i SECONDS  time from one request to the next, 1 when not given
  -W SECONDS  how long to wait for the last reply, 2 when not given
  -s BYTES    data behind the header, 56 when not given

The exit status is 0 if any reply came, 1 if none.
"""

from __future__ import annotations

from abi.errno import EAGAIN, EINTR, EINVAL, ENOENT
from abi.error_text import strerror
from abi.signal import SigSet
from bare import (
    Array,
    Bytes,
    Span,
    array,
    errno_of,
    i32,
    inline,
    raises,
    struct,
    text,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from user.lib import socket
from user.lib.arguments import Arguments, Options
from user.lib.clock import monotonic_ns
from user.lib.inputs import close_quietly
from user.lib.net.address import AddressText
from user.lib.net.echo import HEADER_SIZE, TIME_SIZE, EchoReply, build_request, read_reply
from user.lib.net.resolver import find_host
from user.lib.net.waiting import wait_readable
from user.lib.numbers import parse_seconds, parse_unsigned
from user.lib.report import report, report_error, usage_error
from user.lib.socket import Endpoint
from user.lib.standard import standard
from user.lib.stop_signal import catch_stop_signals, set_waiting_mask, stop_is_wanted

LETTER_C = ord("c")
LETTER_I = ord("i")
LETTER_S = ord("s")
DEFAULT_SIZE: usize = 56
LARGEST_SIZE: usize = 1472
BUFFER_SIZE = 2048
SECOND_NS: u64 = 1_000_000_000
US: u64 = 1000
ENDLESS: u64 = 0xFFFF_FFFF_FFFF_FFFF


@struct
class Settings:
    """What the arguments say."""

    count: u64 = ENDLESS
    interval_ns: u64 = SECOND_NS
    timeout_ns: u64 = 2 * SECOND_NS
    size: usize = DEFAULT_SIZE
    host: Bytes = b""

    def parse(self, arguments: Arguments) -> None:
        """Reads the arguments; ends the program where they are wrong."""
        options = Options(arguments, b"c:i:W:s:")
        while options.next():
            try:
                self._take(options)
            except OSError:
                usage_error(f"not a number that fits: {text(options.value)}")
        if options.index + 1 != arguments.count:
            usage_error("one host is to be named")
        self.host = arguments.get(options.index)

    @raises()
    def _take(self, options: Options) -> None:
        if options.letter == LETTER_C:
            self.count = parse_unsigned(options.value)
        elif options.letter == LETTER_I:
            self.interval_ns = parse_seconds(options.value)
        elif options.letter == LETTER_S:
            self.size = parse_unsigned(options.value)
            if self.size > LARGEST_SIZE:
                raise OSError(EINVAL)
        else:
            self.timeout_ns = parse_seconds(options.value)


@struct
class Statistics:
    """What came of the requests."""

    sent: u64 = 0
    received: u64 = 0
    timed: u64 = 0
    least_ns: u64 = ENDLESS
    most_ns: u64 = 0
    sum_ns: u64 = 0

    def count(self, time_ns: u64) -> None:
        """Counts a reply with its time."""
        self.timed += 1
        self.least_ns = min(self.least_ns, time_ns)
        self.most_ns = max(self.most_ns, time_ns)
        self.sum_ns += time_ns

    def show(self, host: Bytes) -> None:
        """Prints the summary."""
        lost = (
            0 if self.sent == 0 else (self.sent - min(self.received, self.sent)) * 100 // self.sent
        )
        print(f"--- {text(host)} ping statistics ---")
        print(
            f"{self.sent} packets transmitted, {self.received} packets received,"
            f" {lost}% packet loss"
        )
        if self.timed > 0:
            print("round-trip min/avg/max = ", end="")
            show_ms(self.least_ns)
            print("/", end="")
            show_ms(self.sum_ns // self.timed)
            print("/", end="")
            show_ms(self.most_ns)
            print(" ms")


@struct
class Pinger:
    """A socket, and the replies that it brought."""

    descriptor: i32
    settings: Settings
    remote: Endpoint
    statistics: Statistics = inline()

    @raises()
    def run(self) -> None:
        """Sends requests and shows replies until the last one or a signal to stop."""
        next_ns = monotonic_ns()
        while self.statistics.sent < self.settings.count and not stop_is_wanted():
            self._send()
            next_ns += self.settings.interval_ns
            is_last = self.statistics.sent == self.settings.count
            self._collect(monotonic_ns() + self.settings.timeout_ns if is_last else next_ns)

    @raises()
    def _send(self) -> None:
        """Sends one request; that there is no way to the host is said, and counts as lost."""
        message: Array[u8] = array(BUFFER_SIZE)
        request = message[: HEADER_SIZE + self.settings.size]
        build_request(request, u16(self.statistics.sent + 1 & 0xFFFF), monotonic_ns())
        self.statistics.sent += 1
        try:
            socket.send_to(self.descriptor, request, self.remote)
        except OSError as error:
            report_error(b"send", errno_of(error))

    @raises()
    def _collect(self, end_ns: u64) -> None:
        """Shows the replies that come up to a time, or up to the last one that can come."""
        data: Array[u8] = array(BUFFER_SIZE)
        mask = SigSet(0)
        set_waiting_mask(mask)
        while not self._is_done():
            try:
                if not wait_readable(self.descriptor, end_ns, mask):
                    return
                self._receive(data)
            except OSError as error:
                if errno_of(error) == EINTR:
                    return
                report_error(b"receive", errno_of(error))

    def _is_done(self) -> bool:
        """Whether no further reply can come."""
        statistics = self.statistics
        return statistics.sent == self.settings.count and statistics.received >= statistics.sent

    @raises()
    def _receive(self, data: Span[u8]) -> None:
        """Takes one message and shows it if it is a reply."""
        sender = Endpoint()
        count = socket.receive_from(self.descriptor, data, sender)
        now_ns = monotonic_ns()
        reply = EchoReply()
        if not read_reply(data[:count], reply):
            return
        self.statistics.received += 1
        shown = AddressText().show(sender.address)
        print(f"{count} bytes from {shown}: icmp_seq={reply.sequence}", end="")
        if reply.size >= TIME_SIZE and reply.sent_ns <= now_ns:
            self.statistics.count(now_ns - reply.sent_ns)
            print(" time=", end="")
            show_ms(now_ns - reply.sent_ns)
            print(" ms", end="")
        print("")
        standard().output.flush()


def show_ms(time_ns: u64) -> None:
    """Prints a time in milliseconds with three digits behind the point."""
    print(f"{time_ns // (1000 * US)}.{time_ns // US % 1000:03}", end="")


def main(arguments: Arguments) -> i32:
    """Pings one host."""
    settings = Settings()
    settings.parse(arguments)
    address: u32 = 0
    try:
        address = find_host(settings.host)
    except OSError as error:
        code = errno_of(error)
        reason = "not found" if code in (ENOENT, EINVAL) else strerror(code)
        if code == EAGAIN:
            reason = "no name server has answered"
        report(f"{text(settings.host)}: {reason}")
        return 1
    return ping(settings, address)


def ping(settings: Settings, address: u32) -> i32:
    """Pings an address; returns the exit status."""
    descriptor: i32 = -1
    try:
        descriptor = socket.open_ping()
        catch_stop_signals()
        pinger = Pinger(descriptor, settings, Endpoint(address, 0))
        shown = AddressText().show(address)
        print(f"PING {text(settings.host)} ({shown}): {settings.size} data bytes")
        standard().output.flush()
        pinger.run()
        pinger.statistics.show(settings.host)
        return 0 if pinger.statistics.received > 0 else 1
    except OSError as error:
        report_error(settings.host, errno_of(error))
        return 1
    finally:
        close_quietly(descriptor)
