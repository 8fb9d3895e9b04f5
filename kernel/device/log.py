"""The kernel's log: a ring of text lines, each with its level and time, and the console behind it.

How to use it: `log.info(f"...")`; a line needs no newline. In the ring a record is
`<LEVEL>[SECONDS.MICROS] text` and a newline, what `dmesg` shows; the console gets the text alone.
When the ring is full the oldest bytes go. Locks: takes `LOG`, then `UART`; callable anywhere but
under `UART`.
"""

from __future__ import annotations

from bare import Bytes, Enum8, FormatStr, Span, Writer, inline, struct, u8, u64, usize, write_to
from kernel.device.char import CharSink
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock


class LogLevel(Enum8):
    """How grave a message is; the numbers are syslog's."""

    EMERGENCY = 0
    ERROR = 3
    WARNING = 4
    INFO = 6
    DEBUG = 7


@struct
class LogRing(Writer):
    """The last bytes that were written. The log locks."""

    buffer: Span[u8]
    written: u64 = 0
    """Bytes ever written: the position of the next one."""

    def write(self, data: Bytes) -> None:
        """Appends bytes over the oldest ones."""
        for byte in data:
            self.buffer[self.written % len(self.buffer)] = byte
            self.written += 1

    def oldest(self) -> u64:
        """Returns the position of the oldest byte that is still there."""
        return self.written - min(self.written, len(self.buffer))

    def copy(self, position: u64, into: Span[u8]) -> usize:
        """Copies bytes from a position on, or from the oldest if that is later."""
        start = max(position, self.oldest())
        count = min(self.written - min(start, self.written), len(into))
        for index in range(count):
            into[index] = self.buffer[(start + index) % len(self.buffer)]
        return count


@struct
class ConsoleWriter(Writer):
    """Hands text to a character device: by polling until interrupts work, then through its queue.

    What a full queue cannot take stays in the ring only: a flood of messages does not stop the
    kernel.
    """

    sink: CharSink | None = None
    is_polled: bool = True
    """Whether interrupts do not drain the device (yet, or any more)."""

    def write(self, data: Bytes) -> None:
        """Sends bytes."""
        sink = self.sink
        if sink is None:
            return
        if self.is_polled:
            sink.put_now(data)
        else:
            sink.put_some(data)


@struct
class Log:
    """All messages of the kernel."""

    lock: SpinLock = inline()
    # Guarded by lock.
    ring: LogRing = inline()
    console: ConsoleWriter = inline()
    # Set at boot.
    clock: Clock | None = None
    console_level: LogLevel = LogLevel.INFO
    """Messages above this number stay in the ring."""

    def start(self, buffer: Span[u8]) -> None:
        """Begins empty in a buffer."""
        self.lock.lock_class = LockClass.LOG
        self.ring.buffer = buffer

    def error(self, message: FormatStr) -> None:
        """Logs that something failed."""
        self.record(LogLevel.ERROR, message)

    def warning(self, message: FormatStr) -> None:
        """Logs that something is not as it should be."""
        self.record(LogLevel.WARNING, message)

    def info(self, message: FormatStr) -> None:
        """Logs what the operator wants to know."""
        self.record(LogLevel.INFO, message)

    def debug(self, message: FormatStr) -> None:
        """Logs what only a developer wants to know."""
        self.record(LogLevel.DEBUG, message)

    def record(self, level: LogLevel, message: FormatStr) -> None:
        """Appends a line, and shows it on the console if its level is grave enough."""
        microseconds: u64 = 0
        clock = self.clock
        if clock is not None:
            microseconds = clock.now_ns() // 1000
        seconds = microseconds // 1_000_000
        with self.lock:
            write_to(self.ring, f"<{u8(level)}>[{seconds:5}.{microseconds % 1_000_000:06}] ")
            write_to(self.ring, message)
            self.ring.write(b"\n")
            if level <= self.console_level:
                write_to(self.console, message)
                self.console.write(b"\r\n")

    def copy_from(self, position: u64, into: Span[u8]) -> usize:
        """Copies the ring's bytes from a position on into kernel memory: for `dmesg`. Short spans
        only.
        """
        with self.lock:
            return self.ring.copy(position, into)

    def end_position(self) -> u64:
        """Returns the position behind the last byte."""
        return self.ring.written
