"""`TcpState`: the states of RFC 9293, 3.3.2, numbered as Linux numbers them for `ss`."""

from __future__ import annotations

from bare import Enum8


class TcpState(Enum8):
    """A connection's state. LISTEN is the listener's, SYN_RECEIVED mostly the half-open table's."""

    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECEIVED = 3
    FIN_WAIT_1 = 4
    FIN_WAIT_2 = 5
    TIME_WAIT = 6
    CLOSED = 7
    CLOSE_WAIT = 8
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11
