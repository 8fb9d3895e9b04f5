"""`TcpSettings`: what a program may choose for a connection, and TCP's numbers."""

from __future__ import annotations

from bare import struct, u32

INITIAL_TIMEOUT_MS = 1000
"""Retransmission timeout before there is a measurement (RFC 6298, 2.1)."""
MINIMUM_TIMEOUT_MS = 200
"""As Linux has it; RFC 6298, 2.4 wants a second, of coarser clocks."""
MAXIMUM_TIMEOUT_MS = 60_000
"""RFC 6298, 2.5 allows it from here."""
DELAYED_ACK_MS = 40
"""RFC 9293, 3.8.6.3 allows 500; it must stay below a peer's minimum timeout."""
QUICK_ACKS = 8
"""Segments acknowledged at once while the peer is in slow start, and after a gap."""
RETRANSMISSIONS = 15
"""Timeouts in a row before a connection is given up: R2, some minutes (RFC 9293, 3.8.3)."""
ORPHAN_RETRANSMISSIONS = 8
"""The same for a connection without a program, and for its window probes, answered or not: nobody
may hold its memory for long by keeping a window closed. Nearly two minutes.
"""
SYN_RETRANSMISSIONS = 6
"""The same for an opening: about two minutes."""
TIME_WAIT_MS = 60_000
"""Twice the life of a segment, as Linux has it (RFC 9293, 3.4.2 takes two minutes for one)."""
ORPHAN_MS = 60_000
"""How long a connection without a program stays in FIN-WAIT-2."""
CHALLENGE_ACKS_A_SECOND = 10
"""RFC 5961, 7: of a connection, so that no other connection's count can be probed."""
DUPLICATE_THRESHOLD = 3
"""DupThresh (RFC 5681, 3.2; RFC 6675, 2)."""
MINIMUM_MSS = 64
"""What a peer or a router may press the segment size down to."""


@struct
class TcpSettings:
    """Options of a socket. The socket writes them; they hold from the next segment on."""

    is_no_delay: bool = False
    """TCP_NODELAY: Nagle's algorithm is off."""
    is_corked: bool = False
    """TCP_CORK, or MSG_MORE of the last send: only full segments leave, for at most 200 ms.
    Call `uncorked` when it goes away."""
    is_quick_ack: bool = False
    """TCP_QUICKACK: no ACK is delayed."""
    is_keepalive: bool = False
    """SO_KEEPALIVE. Call `keepalive_changed` after a change."""
    keepalive_idle_ms: u32 = 7_200_000
    keepalive_interval_ms: u32 = 75_000
    keepalive_probes: u32 = 9
    user_timeout_ms: u32 = 0
    """TCP_USER_TIMEOUT: sent data may stay unacknowledged this long; 0: RETRANSMISSIONS decides."""
    is_orphan: bool = False
    """No program refers to the connection any more: FIN-WAIT-2 ends after ORPHAN_MS."""
