"""Runs scripts of TCP: segments in, segments out, and what the program and the clock do.

A script is a line each:

    open [mss N] [limit N] [max N]        the program connects; defaults 1460, 65535, 65535
    established [ts] [sack] [ws N] [win N] [mss N] [limit N] [max N]
                                          a listener's connection whose handshake had these options
    listen [entries N]                    a listener; the connection comes with the third segment
    < FLAGS SEQ[+LENGTH] [ack N] [win N] [mss N] [ws N] [sackok] [ts VALUE ECHO] [sack L-R ...]
    > FLAGS SEQ[+LENGTH] ...              the next segment sent must be this one
    +MS                                   time passes; nothing is sent before its end
    write N, read N, close, abort, orphan, shut, cork, uncork, no-delay, quick-ack
    keepalive IDLE INTERVAL PROBES, user-timeout MS, unreachable SEQ ERRNO, mtu SEQ N, forget-held
    time-wait                             the connection becomes a record
    state NAME, error NAME, FIELD N       what must hold; fields: see FIELDS

Whatever is sent must be asked for: nothing may wait when a line makes something happen. Numbers
count from the initial ones of either side (its SYN is 0), timestamps from the start on both sides;
the real ones wrap around early. FLAGS are of SRFPA in this order; a P that is not asked for is not
looked at, nor is a field that is not named, except that SACK blocks are always compared.
"""

from __future__ import annotations

import errno
from collections import deque
from typing import Any

import bare
from tests.kernel.net.tcp.notation import (
    BASE_MS,
    MASK,
    PEER_CLOCK,
    PEER_INITIAL,
    Notation,
    options_of,
)

PARTS = (
    "acknowledge",
    "application",
    "arrival",
    "connection",
    "half_open",
    "initial_sequence",
    "input",
    "opening",
    "output",
    "path",
    "receive",
    "reset",
    "segment",
    "time_wait",
    "timers",
)
PROGRAM: Any = bare.load(*(f"kernel/net/tcp/{part}.py" for part in PARTS))
OUR_INITIAL = 0xFFFF_FF80
NEVER = 0xFFFF_FFFF_FFFF_FFFF
FIELDS = {
    "cwnd": lambda run: run.connection.control().window,
    "ssthresh": lambda run: run.connection.control().threshold,
    "rto": lambda run: run.connection.round_trip.timeout_ms,
    "backoff": lambda run: run.connection.timers.backoff,
    "acknowledged": lambda run: run.arrival.acknowledged,
    "delivered": lambda run: run.arrival.delivered,
    "skip": lambda run: run.arrival.skip,
    "kept": lambda run: run.arrival.length,
    "kept-at": lambda run: (run.arrival.sequence - run.notation.peer_initial) & MASK,
    "unread": lambda run: run.connection.receive.unread,
    "room": lambda run: run.connection.receive.limit,
    "window": lambda run: run.connection.send.window,
    "ended": lambda run: int(run.arrival.is_ended),
    "finished": lambda run: int(run.arrival.is_peer_finished),
    "opened": lambda run: int(run.arrival.is_established),
    "half-open": lambda run: run.table.count,
    "cookies": lambda run: run.table.cookies_sent,
}


def part(name: str) -> Any:
    """Returns a loaded module of TCP."""
    return PROGRAM.module(f"kernel.net.tcp.{name}")


class MismatchError(AssertionError):
    """A script does not hold; says the line and what happened instead."""


class ScriptRun:
    """One connection or listener, and the script's clock."""

    def __init__(self) -> None:
        self.now_ms = BASE_MS
        self.connection: Any = None
        self.table: Any = None
        self.record: Any = None
        self.segment = part("segment").TcpSegment()
        self.arrival = part("arrival").Arrival()
        self.opening = part("opening").Opening()
        self.replies: deque[Any] = deque()
        self.notation = Notation()

    def run(self, script: str) -> None:
        """Runs a whole script."""
        for line in script.splitlines():
            words = line.split("#")[0].split()
            if words:
                try:
                    self.run_line(words)
                except MismatchError as problem:
                    raise MismatchError(f"`{line.strip()}`: {problem}") from None
        self.expect_silence()

    def run_line(self, words: list[str]) -> None:
        """Runs a line."""
        name, arguments = words[0], words[1:]
        if name == ">":
            self.expect(arguments)
            return
        if name in FIELDS:
            got, wanted = FIELDS[name](self), int(arguments[0])
            require(got == wanted, f"{name} is {got}")
        elif name == "state":
            require(self.connection.state.name == arguments[0], f"it is {self.connection.state}")
        elif name == "error":
            wanted = 0 if arguments[0] == "0" else getattr(errno, arguments[0])
            require(self.connection.error == wanted, f"it is {self.connection.error}")
        else:
            self.expect_silence()
            self.act(name, arguments)

    def act(self, name: str, arguments: list[str]) -> None:
        """Runs a line that makes something happen."""
        if name == "<":
            self.arrive(arguments)
        elif name.startswith("+"):
            self.pass_time(int(name[1:]))
        else:
            getattr(self, "do_" + name.replace("-", "_"))(*arguments)

    # --- what happens

    def do_open(self, *arguments: str) -> None:
        options = named(arguments)
        self.set_opening(options)
        self.opening.initial_sequence = self.notation.our_initial = OUR_INITIAL
        self.opening.timestamp_offset = self.notation.clock_offset = 77
        self.connection = part("connection").TcpConnection()
        part("opening").open_active(self.connection, self.now_ms, self.opening)

    def do_listen(self, *arguments: str) -> None:
        options = named(arguments)
        self.set_opening(options)
        half_open = part("half_open")
        self.entries = [half_open.HalfOpen() for _ in range(int(options.get("entries", "8")))]
        numbers = part("initial_sequence").IsnGenerator(0x1122, 0x3344)
        self.table = half_open.HalfOpenTable(self.entries, numbers)
        self.endpoints = part("segment").Endpoints(0, 1, 0, 2, 80, 1000)
        self.handshake = part("opening").Handshake()

    def do_established(self, *arguments: str) -> None:
        options = named(arguments)
        self.set_opening({**options, "mss": "1460"})
        handshake = part("opening").Handshake()
        handshake.local_initial = self.notation.our_initial = OUR_INITIAL
        handshake.remote_initial = PEER_INITIAL
        handshake.mss = int(options.get("mss", "1000"))
        handshake.has_window_scale = "ws" in options
        handshake.window_shift = int(options.get("ws", "0"))
        handshake.is_sack_on = "sack" in options
        handshake.has_timestamps = "ts" in options
        handshake.timestamp_offset = self.notation.clock_offset = 77
        handshake.timestamp_recent = PEER_CLOCK
        handshake.timestamp_recent_ms = self.now_ms
        self.connection = part("connection").TcpConnection()
        part("opening").establish(self.connection, self.now_ms, handshake, self.opening)
        timestamps = "ts 0 0" if "ts" in options else ""
        self.arrive(f"A 1 ack 1 win {options.get('win', '10000')} {timestamps}".split())
        self.expect_silence()

    def set_opening(self, options: dict[str, str]) -> None:
        self.opening.mss = int(options.get("mss", "1460"))
        self.opening.receive_limit = int(options.get("limit", "65535"))
        self.opening.receive_limit_max = int(options.get("max", options.get("limit", "65535")))

    def arrive(self, words: list[str]) -> None:
        """A segment arrives."""
        segment = self.segment
        self.notation.parse(words, segment)
        if self.record is not None:
            reply = part("segment").OutgoingSegment()
            answer = self.record.segment_arrives(self.now_ms, segment, reply)
            if answer.name == "REPLY":
                self.replies.append(reply)
            require(answer.name != "REOPEN", "REOPEN")
        elif self.connection is not None:
            part("input").segment_arrives(self.connection, self.now_ms, segment, self.arrival)
        elif self.table is not None:
            self.listener_segment(segment)
        else:
            reply = part("segment").OutgoingSegment()
            if part("reset").reset_for(segment, reply):
                self.replies.append(reply)

    def listener_segment(self, segment: Any) -> None:
        reply = part("segment").OutgoingSegment()
        answer = self.table.segment_arrives(
            self.now_ms * 1000, self.endpoints, segment, self.opening, reply, self.handshake
        )
        if answer.name == "REPLY":
            if reply.header.is_syn:
                self.notation.our_initial = reply.header.sequence
                self.notation.clock_offset = self.table.numbers.timestamp_offset(self.endpoints)
            self.replies.append(reply)
        elif answer.name == "ESTABLISH":
            self.connection = part("connection").TcpConnection()
            part("opening").establish(self.connection, self.now_ms, self.handshake, self.opening)
            self.table.forget(self.endpoints)
            part("input").segment_arrives(self.connection, self.now_ms, segment, self.arrival)

    def pass_time(self, milliseconds: int) -> None:
        """Lets timers run out; only at the end may something be sent."""
        end = self.now_ms + milliseconds
        while True:
            due = max(self.deadline(), self.now_ms)
            if due > end:
                break
            self.now_ms = due
            self.time_passed()
            if due == end:
                return
            self.expect_silence()
        self.now_ms = end

    def deadline(self) -> int:
        if self.connection is not None:
            return int(part("timers").deadline_ms(self.connection))
        return int(self.table.deadline_ms()) if self.table is not None else NEVER

    def time_passed(self) -> None:
        if self.connection is not None:
            part("timers").time_passed(self.connection, self.now_ms)
            return
        while True:
            reply = part("segment").OutgoingSegment()
            if not self.table.next_due(self.now_ms * 1000, self.endpoints, reply):
                return
            self.replies.append(reply)

    # --- what the program does

    def do_write(self, count: str) -> None:
        part("application").data_queued(self.connection, self.now_ms, int(count))

    def do_read(self, count: str) -> None:
        part("application").data_consumed(self.connection, self.now_ms, int(count))

    def do_close(self) -> None:
        part("application").finish_sending(self.connection, self.now_ms)

    def do_abort(self) -> None:
        part("application").abort(self.connection)

    def do_orphan(self) -> None:
        part("application").orphan(self.connection, self.now_ms)

    def do_shut(self) -> None:
        part("application").stop_receiving(self.connection)

    def do_cork(self) -> None:
        self.connection.settings.is_corked = True

    def do_uncork(self) -> None:
        self.connection.settings.is_corked = False
        part("application").uncorked(self.connection)

    def do_no_delay(self) -> None:
        self.connection.settings.is_no_delay = True

    def do_quick_ack(self) -> None:
        self.connection.settings.is_quick_ack = True

    def do_keepalive(self, idle: str, interval: str, probes: str) -> None:
        settings = self.connection.settings
        settings.is_keepalive = True
        settings.keepalive_idle_ms = int(idle)
        settings.keepalive_interval_ms = int(interval)
        settings.keepalive_probes = int(probes)
        part("application").keepalive_changed(self.connection, self.now_ms)

    def do_user_timeout(self, milliseconds: str) -> None:
        self.connection.settings.user_timeout_ms = int(milliseconds)

    def do_unreachable(self, sequence: str, name: str) -> None:
        place = (self.notation.our_initial + int(sequence)) & MASK
        part("path").unreachable(self.connection, place, getattr(errno, name))

    def do_mtu(self, sequence: str, mtu: str) -> None:
        place = (self.notation.our_initial + int(sequence)) & MASK
        part("path").path_mtu_changed(self.connection, self.now_ms, place, int(mtu))

    def do_forget_held(self) -> None:
        part("application").forget_held(self.connection)

    def do_time_wait(self) -> None:
        self.record = part("time_wait").TimeWait()
        endpoints = part("segment").Endpoints(0, 1, 0, 2, 80, 1000)
        self.record.start(self.now_ms, endpoints, self.connection)

    # --- what is sent

    def next_sent(self) -> Any:
        """Takes the next segment that is sent; None without one."""
        if self.replies:
            return self.replies.popleft()
        if self.connection is None or self.record is not None:
            return None
        outgoing = part("segment").OutgoingSegment()
        output = part("output")
        if not output.plan_segment(self.connection, self.now_ms, outgoing):
            return None
        output.commit_segment(self.connection, self.now_ms, outgoing)
        return outgoing

    def expect_silence(self) -> None:
        sent = self.next_sent()
        require(
            sent is None, f"unasked for: > {self.notation.describe(sent.header) if sent else ''}"
        )

    def expect(self, words: list[str]) -> None:
        sent = self.next_sent()
        require(sent is not None, "nothing is sent")
        got = self.notation.describe(sent.header).split()
        wanted = words.copy()
        if "P" not in wanted[0]:
            got[0] = got[0].replace("P", "")
        require(got[:2] == wanted[:2], f"sent: > {' '.join(got)}")
        ours, theirs = options_of(got[2:]), options_of(wanted[2:])
        for name in {*theirs, "sack"}:
            require(ours.get(name) == theirs.get(name), f"sent: > {' '.join(got)}")


def require(condition: bool, problem: str) -> None:
    if not condition:
        raise MismatchError(problem)


def named(arguments: tuple[str, ...]) -> dict[str, str]:
    """Returns options of a command; those without a number are empty."""
    options: dict[str, str] = {}
    for word in arguments:
        if word.isdigit():
            options[list(options)[-1]] = word
        else:
            options[word] = ""
    return options
