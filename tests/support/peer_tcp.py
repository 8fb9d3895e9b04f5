"""A TCP connection as a patient client has it: in order, one retransmission timer, no options but
MSS. RFC 9293.

The peer's thread hands segments to `take`; the test's thread opens, sends, receives and closes.
"""

from __future__ import annotations

import secrets
import struct
import threading
import time
from collections.abc import Callable

from swiftos.console import time_scale
from tests.support import frames
from tests.support.frames import ACK, FIN, MSS_OPTION, PSH, RST, SYN, Segment

MSS = 1460
RETRANSMIT_S = 0.3
WINDOW = 65_535
MODULUS = 1 << 32


class ResetError(ConnectionError):
    """The guest reset the connection."""


class Connection:
    """One connection that we opened."""

    def __init__(
        self,
        local: tuple[str, int],
        remote: tuple[str, int],
        send_ipv4: Callable[[bytes], None],
        forget: Callable[[Connection], None],
    ) -> None:
        self.local = local
        self.remote = remote
        self.window = WINDOW
        """What we offer: less for a slow reader."""
        self.received = bytearray()
        self.has_ended = False
        """The guest has sent all."""
        self.retransmissions = 0
        self._send_ipv4 = send_ipv4
        self._forget = forget
        self._changed = threading.Condition(threading.RLock())
        self._is_reset = False
        self._is_open = False
        self._first = secrets.randbelow(MODULUS)
        self._acknowledged = self._first
        self._offered = 0
        """Bytes behind `_acknowledged` that the guest takes."""
        self._unsent_from = 1
        self._stream = bytearray()
        """All that was sent, from the byte behind the SYN on."""
        self._is_closed = False
        self._next = 0
        """The next sequence number that we expect."""
        self._sent_s = 0.0

    def open(self, budget_s: float) -> None:
        """Shakes hands. TimeoutError, ResetError."""
        with self._changed:
            self._emit_syn()
            self._wait(lambda: self._is_open, budget_s, "no SYN-ACK")

    def send(self, data: bytes, budget_s: float) -> None:
        """Sends and waits until the guest has acknowledged all."""
        with self._changed:
            self._stream += data
            self._push()
            self._wait(lambda: self._in_flight() == 0 and not self._unsent(), budget_s, "no ACK")

    def receive(self, count: int, budget_s: float) -> bytes:
        """Takes `count` bytes, or less where the guest has ended."""
        with self._changed:
            self._wait(lambda: len(self.received) >= count or self.has_ended, budget_s, "no data")
            taken = bytes(self.received[:count])
            del self.received[:count]
            self._acknowledge()
            return taken

    def receive_some(self, budget_s: float) -> bytes:
        """Takes what has come, at least a byte; nothing where the guest has ended."""
        with self._changed:
            self._wait(lambda: bool(self.received) or self.has_ended, budget_s, "no data")
            return self.receive(len(self.received), budget_s)

    def receive_all(self, budget_s: float) -> bytes:
        """Takes what comes until the guest ends."""
        with self._changed:
            self._wait(lambda: self.has_ended, budget_s, "no end")
            return bytes(self.received)

    def close(self, budget_s: float) -> None:
        """Ends our side and waits until the guest has acknowledged and ended its own."""
        with self._changed:
            self._is_closed = True
            self._push()
            self._wait(lambda: self._all_acknowledged() and self.has_ended, budget_s, "no FIN")
        self._forget(self)

    def vanish(self) -> None:
        """Leaves without a word."""
        self._forget(self)

    def abort(self) -> None:
        """Resets."""
        self._emit(RST | ACK, self._sequence(self._unsent_from))
        self._forget(self)

    def take(self, segment: Segment) -> None:
        """Takes a segment from the guest."""
        with self._changed:
            if segment.flags & RST:
                self._is_reset = True
            elif not self._is_open:
                self._take_syn_ack(segment)
            else:
                self._take_segment(segment)
            self._changed.notify_all()

    def check_timer(self) -> None:
        """Sends again what was not acknowledged in time."""
        with self._changed:
            if self._is_reset or time.monotonic() - self._sent_s < RETRANSMIT_S * time_scale():
                return
            if not self._is_open:
                self.retransmissions += 1
                self._emit_syn()
            elif self._in_flight() > 0:
                self.retransmissions += 1
                self._unsent_from = (self._acknowledged - self._first) % MODULUS
                self._push()

    def _take_syn_ack(self, segment: Segment) -> None:
        if segment.flags & (SYN | ACK) != SYN | ACK:
            return
        if segment.acknowledgement != self._sequence(1):
            return
        self._is_open = True
        self._acknowledged = segment.acknowledgement
        self._offered = segment.window
        self._next = (segment.sequence + 1) % MODULUS
        self._acknowledge()

    def _take_segment(self, segment: Segment) -> None:
        ahead = (segment.acknowledgement - self._acknowledged) % MODULUS
        if segment.flags & ACK and ahead <= self._in_flight():
            self._acknowledged = segment.acknowledgement
            self._offered = segment.window
        if segment.sequence == self._next:
            room = max(0, self.window - len(self.received))
            taken = segment.payload[:room]
            self.received += taken
            self._next = (self._next + len(taken)) % MODULUS
            if segment.flags & FIN and len(taken) == len(segment.payload):
                self._next = (self._next + 1) % MODULUS
                self.has_ended = True
        if segment.payload or segment.flags & (FIN | SYN):
            self._acknowledge()
        self._push()

    def _push(self) -> None:
        """Sends what the guest's window has room for."""
        while self._unsent():
            start = self._unsent_from - 1
            room = self._offered - self._in_flight()
            piece = bytes(self._stream[start : start + min(MSS, max(0, room))])
            if start < len(self._stream) and not piece:
                return
            flags = ACK | (PSH if piece else 0)
            is_last = start + len(piece) == len(self._stream)
            if self._is_closed and is_last:
                flags |= FIN
            self._emit(flags, self._sequence(self._unsent_from), piece)
            self._unsent_from += len(piece) + (1 if flags & FIN else 0)

    def _unsent(self) -> bool:
        end = 1 + len(self._stream) + (1 if self._is_closed else 0)
        return self._is_open and self._unsent_from < end

    def _in_flight(self) -> int:
        return (self._sequence(self._unsent_from) - self._acknowledged) % MODULUS

    def _all_acknowledged(self) -> bool:
        return self._in_flight() == 0 and not self._unsent()

    def _sequence(self, offset: int) -> int:
        return (self._first + offset) % MODULUS

    def _acknowledge(self) -> None:
        self._emit(ACK, self._sequence(self._unsent_from))

    def _emit_syn(self) -> None:
        options = struct.pack(">BBH", MSS_OPTION, 4, MSS)
        self._emit(SYN, self._first, options=options)

    def _emit(self, flags: int, sequence: int, payload: bytes = b"", options: bytes = b"") -> None:
        window = min(WINDOW, max(0, self.window - len(self.received)))
        segment = frames.tcp(
            self.local, self.remote, sequence, self._next, flags, payload,
            window=window, options=options,
        )  # fmt: skip
        if payload or flags & (SYN | FIN):
            self._sent_s = time.monotonic()
        self._send_ipv4(frames.ipv4(self.local[0], self.remote[0], frames.TCP, segment))

    def _wait(self, is_done: Callable[[], bool], budget_s: float, what: str) -> None:
        deadline_s = time.monotonic() + budget_s * time_scale()
        while not is_done():
            if self._is_reset:
                raise ResetError(f"{self.remote} reset the connection")
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError(f"{what} within {budget_s} s")
            self._changed.wait(left_s)
