"""`TcpConnection`: everything that TCP knows about one connection.

It holds no payload. The socket owns two queues of bytes: the send queue, which begins at
`send.unacknowledged`, and the receive queue, which ends at `receive.next`, with what came out of
order beside it by sequence number.

How to use it, all under the stack's lock, with the same clock everywhere:

    open_active(connection, now_ms, opening)            opening.py
    segment_arrives(connection, now_ms, segment, arrival)   input.py, for each segment
    data_queued / data_consumed / finish_sending / abort    application.py, what the program does
    time_passed(connection, now_ms)                     timers.py, when deadline_ms() is over
    path_mtu_changed / unreachable                      path.py, what ICMP says

and after any of them, until it says False:

    while plan_segment(connection, now_ms, outgoing):   output.py
        ... send it, or stop here: nothing has changed yet; or outgoing.shorten(length) first
        commit_segment(connection, now_ms, outgoing)

then `deadline_ms(connection)` says when to call `time_passed`. A deadline only ever tells when to
look again: a timer that is left standing and fires early does no harm.
"""

from __future__ import annotations

from bare import inline, struct, u32, u64
from kernel.net.tcp.congestion import CongestionControl
from kernel.net.tcp.new_reno import NewReno
from kernel.net.tcp.receive_state import AckNeed, ReceiveState
from kernel.net.tcp.round_trip import RoundTrip
from kernel.net.tcp.send_state import SendState
from kernel.net.tcp.settings import TcpSettings
from kernel.net.tcp.state import TcpState

NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF
"""A deadline that is not reached."""
TIMESTAMPS_SIZE = 12
"""Bytes of the timestamps option, padded (RFC 7323, appendix A)."""


@struct
class TcpTimers:
    """When what is to be done, in milliseconds of the caller's clock; NEVER: not set."""

    retransmit_ms: u64 = NEVER
    """Retransmission, or the next zero-window probe where nothing is in flight."""
    is_persisting: bool = False
    """The timer above is the persist timer."""
    probe_ms: u64 = NEVER
    """When a tail loss probe is sent (RFC 8985, 7)."""
    delayed_ack_ms: u64 = NEVER
    keepalive_ms: u64 = NEVER
    linger_ms: u64 = NEVER
    """The end of TIME-WAIT, or of FIN-WAIT-2 without a program."""
    cork_ms: u64 = NEVER
    """When a corked partial segment leaves all the same."""
    backoff: u32 = 0
    """How often the timeout is doubled: since the last valid measurement (RFC 6298, 5.7)."""
    retries: u32 = 0
    """Times that the retransmission timer ran out since something was acknowledged."""
    stalled_ms: u64 = NEVER
    """Since when nothing was acknowledged although something waits for it: for the user timeout."""
    probes: u32 = 0
    """Keepalive probes without an answer."""

    def stop(self) -> None:
        """Stops all of them."""
        self.retransmit_ms = NEVER
        self.is_persisting = False
        self.probe_ms = NEVER
        self.delayed_ack_ms = NEVER
        self.keepalive_ms = NEVER
        self.linger_ms = NEVER
        self.cork_ms = NEVER
        self.stalled_ms = NEVER


@struct
class TimestampState:
    """The timestamps option of a connection (RFC 7323, 4 and 5)."""

    is_on: bool = False
    offset: u32 = 0
    """Added to the clock, so that the machine's uptime does not show (RFC 7323, 7.1)."""
    recent: u32 = 0
    """TS.Recent."""
    recent_ms: u64 = 0
    """When it was taken: after 24 days it no longer counts."""


@struct
class TcpConnection:
    """One connection. The socket reads its fields; only this folder writes them, except `settings`
    and `receive.limit_max`, which are the socket's.
    """

    state: TcpState = TcpState.CLOSED
    error: u32 = 0
    """errno of why it ended: ECONNREFUSED, ECONNRESET, ETIMEDOUT, EPIPE, ...; 0: in good order."""
    soft_error: u32 = 0
    """errno of what ICMP said last; becomes `error` if the connection times out."""
    is_passive: bool = False
    """It came from a listener."""
    is_sack_on: bool = False
    is_probe_due: bool = False
    """A zero-window or keepalive probe is to be sent."""
    is_reset_due: bool = False
    """A RST with the number `reset_sequence` is to be sent. The connection may live on, where it
    answers a segment of an old one.
    """
    reset_sequence: u32 = 0
    reset_acknowledges: bool = False
    """The RST carries an ACK, of RCV.NXT."""
    challenge_budget: u32 = 0
    """Challenge ACKs that may still be sent in the second `challenge_second`."""
    challenge_second: u64 = 0
    last_received_ms: u64 = 0
    last_sent_ms: u64 = 0
    send: SendState = inline()
    receive: ReceiveState = inline()
    timestamps: TimestampState = inline()
    timers: TcpTimers = inline()
    round_trip: RoundTrip = inline()
    settings: TcpSettings = inline()
    new_reno: NewReno = inline()
    congestion: CongestionControl | None = None
    """The algorithm in use; NewReno unless the caller put another one here before opening."""

    def is_synchronized(self) -> bool:
        """Says whether both sides know each other's numbers (RFC 9293, 3.3.2)."""
        return self.state not in (TcpState.CLOSED, TcpState.LISTEN, TcpState.SYN_SENT)

    def can_send(self) -> bool:
        """Says whether the program may queue data: no FIN is queued, and it has not ended."""
        return not self.send.is_finishing and self.state in (
            TcpState.SYN_SENT,
            TcpState.SYN_RECEIVED,
            TcpState.ESTABLISHED,
            TcpState.CLOSE_WAIT,
        )

    def is_receive_ended(self) -> bool:
        """Says whether no more data will come: behind what is unread is the end of the stream."""
        return self.state in (
            TcpState.CLOSED,
            TcpState.CLOSE_WAIT,
            TcpState.LAST_ACK,
            TcpState.CLOSING,
            TcpState.TIME_WAIT,
        )

    def segment_size(self) -> u32:
        """Returns the most payload of a segment: the effective send MSS (RFC 9293, 3.7.1)."""
        return self.send.mss - (TIMESTAMPS_SIZE if self.timestamps.is_on else 0)

    def control(self) -> CongestionControl:
        """Returns the congestion control of an opened connection."""
        congestion = self.congestion
        assert congestion is not None, "connection was not opened"
        return congestion

    def end(self, error: u32) -> None:
        """Makes it CLOSED and stops its timers."""
        self.state = TcpState.CLOSED
        self.error = error
        self.receive.ack = AckNeed.NONE
        self.is_probe_due = False
        self.timers.stop()
