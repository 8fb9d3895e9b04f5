"""A connection's timers: when to look again, and what is done then."""

from __future__ import annotations

from abi.errno import ETIMEDOUT
from bare import u32, u64
from kernel.net.tcp.connection import NEVER, TcpConnection
from kernel.net.tcp.loss import begin_timeout_recovery, mark_reported_gaps
from kernel.net.tcp.receive_state import AckNeed
from kernel.net.tcp.send_state import Recovery
from kernel.net.tcp.settings import (
    ORPHAN_RETRANSMISSIONS,
    RETRANSMISSIONS,
    SYN_RETRANSMISSIONS,
)
from kernel.net.tcp.state import TcpState

CORK_MS = 200
"""How long a corked partial segment waits, as Linux has it."""
LONGEST_BACKOFF: u32 = 12
SHORTEST_PROBE_MS: u32 = 10
LONGEST_DELAYED_ACK_MS: u32 = 200
"""What a peer may wait with the ACK of a single segment (RFC 8985, 7.2: WCDelAckT)."""


def deadline_ms(connection: TcpConnection) -> u64:
    """Returns when `time_passed` is to be called; NEVER where nothing is awaited."""
    timers = connection.timers
    first = min(timers.retransmit_ms, timers.delayed_ack_ms)
    second = min(timers.keepalive_ms, timers.linger_ms)
    third = min(timers.cork_ms, timers.probe_ms)
    return min(min(first, second), third)


def time_passed(connection: TcpConnection, now_ms: u64) -> bool:
    """Does what is due. True where the connection has ended by it: see `state` and `error`.

    Segments that follow, a RST for the peer of one that has ended too, come from `plan_segment`.
    """
    timers = connection.timers
    if timers.delayed_ack_ms <= now_ms:
        timers.delayed_ack_ms = NEVER
        connection.receive.ack = AckNeed.NOW
    if timers.cork_ms <= now_ms:
        timers.cork_ms = NEVER
        connection.send.is_hurried = True
    if timers.probe_ms <= now_ms:
        timers.probe_ms = NEVER
        if connection.send.scoreboard.count > 0:
            mark_reported_gaps(connection, now_ms)
        else:
            connection.send.is_rescue_due = True
            arm_retransmission(connection, now_ms)
    if timers.linger_ms <= now_ms:
        connection.end(0)
    elif timers.retransmit_ms <= now_ms:
        _retransmission_due(connection, now_ms)
    elif timers.keepalive_ms <= now_ms:
        _keepalive_due(connection, now_ms)
    return connection.state == TcpState.CLOSED


def arm_retransmission(connection: TcpConnection, now_ms: u64) -> None:
    """Starts the retransmission timer anew; it does not outlast the user timeout."""
    timers = connection.timers
    timers.probe_ms = NEVER
    deadline = now_ms + connection.round_trip.timeout_after(timers.backoff)
    user_timeout = connection.settings.user_timeout_ms
    if user_timeout > 0 and timers.stalled_ms != NEVER:
        deadline = min(deadline, max(timers.stalled_ms + user_timeout, now_ms + 1))
    timers.retransmit_ms = deadline


def arm_tail_probe(connection: TcpConnection, now_ms: u64) -> None:
    """Starts, before the retransmission timer and where the peer can answer by SACK, the timer of a
    tail loss probe (RFC 8985, 7.2): the last segments of a burst leave no duplicate ACKs behind.
    """
    timers = connection.timers
    send = connection.send
    round_trip = connection.round_trip
    timers.probe_ms = NEVER
    if not connection.is_sack_on or not round_trip.has_sample or send.recovery != Recovery.NONE:
        return
    if send.scoreboard.count > 0:
        # A gap was reported: what fills it may only be late, by a part of a round trip.
        timers.probe_ms = now_ms + max(round_trip.smoothed_8 // 32, SHORTEST_PROBE_MS)
        return
    if send.is_probe_out:
        return
    wait_ms = max(round_trip.smoothed_8 // 4, SHORTEST_PROBE_MS)
    if send.in_flight() <= connection.segment_size():
        wait_ms += LONGEST_DELAYED_ACK_MS
    if now_ms + wait_ms < timers.retransmit_ms:
        timers.probe_ms = now_ms + wait_ms


def arm_persist(connection: TcpConnection, now_ms: u64) -> None:
    """Starts what makes a sender go on that has nothing in flight and may not send: the persist
    timer for a closed or small window (RFC 9293, 3.8.6.1), or the limit of a cork.
    """
    send = connection.send
    timers = connection.timers
    if send.unsent() == 0 and not send.is_finish_unsent():
        return
    if connection.settings.is_corked and timers.cork_ms == NEVER and not send.is_hurried:
        timers.cork_ms = now_ms + CORK_MS
    is_open = connection.state not in (TcpState.SYN_SENT, TcpState.SYN_RECEIVED, TcpState.CLOSED)
    if not is_open or send.in_flight() > 0 or timers.retransmit_ms != NEVER:
        return
    wanted = min(send.unsent() + u32(send.is_finish_unsent()), connection.segment_size())
    if send.usable() < wanted:
        timers.is_persisting = True
        timers.retransmit_ms = now_ms + connection.round_trip.timeout_after(timers.backoff)


def _retransmission_due(connection: TcpConnection, now_ms: u64) -> None:
    """The retransmission or the persist timer ran out."""
    timers = connection.timers
    if timers.is_persisting:
        _persist_due(connection, now_ms)
        return
    timers.retries += 1
    timers.backoff = min(timers.backoff + 1, LONGEST_BACKOFF)
    if _is_given_up(connection, now_ms):
        give_up(connection)
        return
    arm_retransmission(connection, now_ms)
    if connection.state in (TcpState.SYN_SENT, TcpState.SYN_RECEIVED):
        connection.send.lost_to = connection.send.next
        connection.send.retransmitted_to = connection.send.unacknowledged
    else:
        begin_timeout_recovery(connection, now_ms)


def _is_given_up(connection: TcpConnection, now_ms: u64) -> bool:
    """Says whether the peer has been silent for too long (RFC 9293, 3.8.3)."""
    timers = connection.timers
    user_timeout = connection.settings.user_timeout_ms
    if user_timeout > 0 and timers.stalled_ms != NEVER:
        return now_ms - timers.stalled_ms >= user_timeout
    if connection.state in (TcpState.SYN_SENT, TcpState.SYN_RECEIVED):
        return timers.retries > SYN_RETRANSMISSIONS
    if connection.settings.is_orphan:
        return timers.retries > ORPHAN_RETRANSMISSIONS
    return timers.retries > RETRANSMISSIONS


def give_up(connection: TcpConnection) -> None:
    """Ends a connection whose peer does not answer; a RST tells it, should it live after all."""
    soft_error = connection.soft_error
    if connection.is_synchronized():
        connection.is_reset_due = True
        connection.reset_sequence = connection.send.acceptable_sequence()
        connection.reset_acknowledges = True
    connection.end(soft_error if soft_error != 0 else ETIMEDOUT)


def _persist_due(connection: TcpConnection, now_ms: u64) -> None:
    """Probes a closed window, or sends into a small one what it takes."""
    timers = connection.timers
    send = connection.send
    timers.retries += 1
    timers.backoff = min(timers.backoff + 1, LONGEST_BACKOFF)
    if _is_given_up(connection, now_ms):
        give_up(connection)
        return
    timers.retransmit_ms = now_ms + connection.round_trip.timeout_after(timers.backoff)
    if send.usable() > 0:
        send.is_hurried = True
    else:
        connection.is_probe_due = True


def _keepalive_due(connection: TcpConnection, now_ms: u64) -> None:
    """Probes a silent peer (RFC 9293, 3.8.4)."""
    timers = connection.timers
    settings = connection.settings
    silent_since = connection.last_received_ms + settings.keepalive_idle_ms
    if connection.send.in_flight() > 0 or now_ms < silent_since:
        timers.keepalive_ms = max(silent_since, now_ms + settings.keepalive_interval_ms)
        if now_ms < silent_since:
            timers.keepalive_ms = silent_since
        return
    if timers.probes >= settings.keepalive_probes:
        give_up(connection)
        return
    timers.probes += 1
    connection.is_probe_due = True
    timers.keepalive_ms = now_ms + settings.keepalive_interval_ms
