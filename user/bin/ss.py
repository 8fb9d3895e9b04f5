"""ss - show sockets.

usage: ss [-alntu]

  -t   TCP        -u   UDP        both and ICMP when neither is given
  -l   only those that wait for connections or datagrams from anybody
  -a   those too; without -l and -a only the connected ones
  -n   numbers instead of names, which is always so

Each line: protocol, state, bytes to be read and to be sent (of a listener: waiting connections and
their limit), both ends, and the process.
"""

from __future__ import annotations

from abi.socket import (
    IPPROTO_ICMP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    TCP_CLOSE,
    TCP_LISTEN,
    SocketInfo,
)
from bare import Span, allocate_span, errno_of, i32, raises, release, struct, u8, u16, u32, usize
from user.lib import sys
from user.lib.arguments import Arguments, Options
from user.lib.net.address import AddressText
from user.lib.report import report_error
from user.lib.standard import standard

LETTER_A = ord("a")
LETTER_L = ord("l")
LETTER_T = ord("t")
LETTER_U = ord("u")
FIRST_CAPACITY: usize = 64
STATES: tuple[str, ...] = (
    "UNCONN", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
    "TIME-WAIT", "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
)  # fmt: skip
"""By the number of the state; that of a socket without a connection is TCP_CLOSE."""


@struct
class Filter:
    """Which sockets are shown."""

    with_tcp: bool = False
    with_udp: bool = False
    with_waiting: bool = False
    with_connected: bool = True

    def parse(self, arguments: Arguments) -> None:
        """Reads the options."""
        options = Options(arguments, b"alntu")
        while options.next():
            if options.letter == LETTER_T:
                self.with_tcp = True
            elif options.letter == LETTER_U:
                self.with_udp = True
            elif options.letter == LETTER_L:
                self.with_waiting = True
                self.with_connected = False
            elif options.letter == LETTER_A:
                self.with_waiting = True
        options.refuse_operands()

    def shows(self, record: SocketInfo) -> bool:
        """Whether a socket is to be shown."""
        has_choice = self.with_tcp or self.with_udp
        if has_choice and not self.has_protocol(record.protocol):
            return False
        if record.state in (TCP_LISTEN, TCP_CLOSE):
            return self.with_waiting
        return self.with_connected

    def has_protocol(self, protocol: u8) -> bool:
        """Whether a protocol was chosen."""
        if protocol == IPPROTO_TCP:
            return self.with_tcp
        return protocol == IPPROTO_UDP and self.with_udp


def main(arguments: Arguments) -> i32:
    """Lists the sockets."""
    wanted = Filter()
    wanted.parse(arguments)
    try:
        show_all(wanted)
    except OSError as error:
        report_error(b"sockstat", errno_of(error))
        return 1
    return 0


@raises()
def show_all(wanted: Filter) -> None:
    """Reads all records, with more room until they fit, and prints those that are wanted."""
    capacity = FIRST_CAPACITY
    while True:
        records = allocate_span(standard().heap, SocketInfo, capacity)
        count = sys.sockstat(records)
        if count < capacity:
            show(records[:count], wanted)
            return
        release(standard().heap, records)
        capacity *= 2


def show(records: Span[SocketInfo], wanted: Filter) -> None:
    """Prints the table."""
    print(
        f"{'Netid':5} {'State':10} {'Recv-Q':>7} {'Send-Q':>7} {'Local Address:Port':>21}"
        f" {'Peer Address:Port':>21} {'PID':>5}"
    )
    for record in records:
        if wanted.shows(record):
            show_one(record)


def show_one(record: SocketInfo) -> None:
    """Prints one line."""
    state = STATES[record.state] if record.state < len(STATES) else "?"
    print(f"{protocol_name(record.protocol):5} {state:10} ", end="")
    print(f"{record.receive_queue:7} {record.send_queue:7} ", end="")
    show_end(record.local_address, record.local_port)
    show_end(record.remote_address, record.remote_port)
    if record.owner > 0:
        print(f"{record.owner:5}")
    else:
        print("    -")


def show_end(address: u32, port: u16) -> None:
    """Prints one end; port 0 means any."""
    shown = AddressText()
    if port != 0:
        print(f"{shown.show_endpoint(address, port):>21} ", end="")
    else:
        print(f"{shown.show(address):>19}:* ", end="")


def protocol_name(protocol: u8) -> str:
    """Returns a protocol's name."""
    if protocol == IPPROTO_TCP:
        return "tcp"
    if protocol == IPPROTO_UDP:
        return "udp"
    return "icmp" if protocol == IPPROTO_ICMP else "?"
