"""The guest's serial line, seen from the host: received bytes with their times, waits, paced input.

A thread reads from the first byte, so nothing is lost and QEMU never blocks on us. A wait names its
budget in seconds; there is no default. The cursor moves behind each match, so waits are in order.
All budgets are multiplied by the `SWOS_TIMEOUT_SCALE` variable (slow hosts).
"""

import os
import re
import socket
import threading
import time
from dataclasses import dataclass

from swiftos.errors import HarnessError

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]")
PACE_BYTES = 16


def time_scale() -> float:
    """Returns the factor for all time budgets, from SWOS_TIMEOUT_SCALE."""
    text = os.environ.get("SWOS_TIMEOUT_SCALE", "1")
    try:
        return float(text)
    except ValueError as error:
        raise HarnessError(
            f"SWOS_TIMEOUT_SCALE={text} is not a number", "set it to e.g. 3"
        ) from error


class WaitError(Exception):
    """A wait ended without its text: `is_closed` says that the line closed, else time ran out."""

    def __init__(self, is_closed: bool) -> None:
        super().__init__("the line closed" if is_closed else "time ran out")
        self.is_closed = is_closed


class PanicError(Exception):
    """The kernel printed a panic while something else was awaited."""


@dataclass(frozen=True)
class Arrival:
    """How many bytes had come when a read returned, and the host's monotonic time in seconds."""

    total: int
    time_s: float


class Console:
    """One end of the serial line."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = bytearray()
        self._arrivals: list[Arrival] = []
        self._cursor = 0
        self._is_closed = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="console", daemon=True)
        self._reader.start()

    def text(self) -> str:
        """Returns all that was received, without carriage returns."""
        with self._changed:
            return _decode(bytes(self._received))

    def expect(self, pattern: str, budget_s: float, is_panic_expected: bool = False) -> str:
        """Waits for a match of a regular expression (multi-line mode) behind the cursor.

        Returns the text from the old cursor to the end of the match and moves the cursor there.
        Raises WaitError, or PanicError as soon as the kernel panics.
        """
        with self._changed:
            end = self._wait_for_match(pattern, self._cursor, budget_s, is_panic_expected)
            start, self._cursor = self._cursor, end
            return _decode(bytes(self._received[start:end]))

    def wait_text(self, pattern: str, budget_s: float) -> None:
        """Waits for a match anywhere in what was received; the cursor stays.

        For messages that come when they come. Raises like `expect`.
        """
        with self._changed:
            self._wait_for_match(pattern, 0, budget_s, False)

    def _wait_for_match(
        self, pattern: str, start: int, budget_s: float, is_panic_expected: bool
    ) -> int:
        """Waits for a match from byte `start` on and returns its end."""
        expression = re.compile(pattern.encode(), re.MULTILINE)
        deadline_s = time.monotonic() + budget_s * time_scale()
        while True:
            match = expression.search(self._received, start)
            if match is not None:
                return match.end()
            if not is_panic_expected and self._has_panic():
                raise PanicError
            remaining_s = deadline_s - time.monotonic()
            if self._is_closed or remaining_s <= 0:
                raise WaitError(self._is_closed)
            self._changed.wait(remaining_s)

    def arrival_of(self, pattern: str) -> float | None:
        """Returns the host time in seconds at which the first match of `pattern` was complete."""
        with self._changed:
            match = re.search(pattern.encode(), self._received, re.MULTILINE)
            if match is None:
                return None
            reached = [mark.time_s for mark in self._arrivals if mark.total >= match.end()]
            return reached[0]

    def send(self, data: bytes) -> None:
        """Sends bytes as they are: control characters, answers that are not echoed."""
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise WaitError(True) from error

    def type_text(self, text: str, budget_s: float) -> None:
        """Sends text in small pieces, waiting for the guest's echo of each within the budget."""
        start = self._cursor
        sent = b""
        data = text.encode()
        deadline_s = time.monotonic() + budget_s * time_scale()
        for offset in range(0, len(data), PACE_BYTES):
            piece = data[offset : offset + PACE_BYTES]
            before = len(self._received)
            self.send(piece)
            sent += piece
            self._wait_for_echo(start, before, sent, deadline_s)

    def _wait_for_echo(self, start: int, before: int, sent: bytes, deadline_s: float) -> None:
        """Waits until the text received since `start` shows `sent`, cursor movements left out.

        A line editor that shows a window of a long line shows its end: that is enough, if it came
        behind the byte `before`.
        """
        with self._changed:
            while True:
                seen = ESCAPES.sub(b"", bytes(self._received[start:]))
                is_new = len(self._received) > before
                if sent in seen or (is_new and seen.endswith(sent[-PACE_BYTES:])):
                    return
                remaining_s = deadline_s - time.monotonic()
                if self._is_closed or remaining_s <= 0:
                    raise WaitError(self._is_closed)
                self._changed.wait(remaining_s)

    def wait_closed(self, budget_s: float) -> bool:
        """Waits until the line has closed and all was read; says whether it did in time."""
        self._reader.join(budget_s * time_scale())
        return not self._reader.is_alive()

    def close(self) -> None:
        """Closes our end of the line."""
        self._connection.close()

    def _has_panic(self) -> bool:
        return re.search(rb"^panic: ", self._received, re.MULTILINE) is not None

    def _read(self) -> None:
        """The reader thread: collects bytes until the line closes."""
        while True:
            try:
                data = self._connection.recv(65536)
            except OSError:
                data = b""
            now_s = time.monotonic()
            with self._changed:
                if data:
                    self._received += data
                    self._arrivals.append(Arrival(len(self._received), now_s))
                else:
                    self._is_closed = True
                self._changed.notify_all()
            if not data:
                return


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r", "")
