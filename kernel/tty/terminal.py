"""`Terminal`: the console: a serial line with line discipline, a session and a foreground group.

Bytes come in from the driver's interrupt handler; readers wait for lines (canonical) or bytes. The
kernel does not poll it. Locks: `lock` (PIPE), then those of wake-ups and of the UART. Signals are
sent after the lock is released.
"""

from __future__ import annotations

from abi.errno import EAGAIN, EINTR, EIO
from abi.signal import SIGTTIN
from abi.terminal import VMIN, VTIME, Termios, WindowSize
from bare import (
    Allocator,
    Array,
    Bytes,
    Span,
    array,
    i32,
    inline,
    raises,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from kernel.device.char import CharListener, CharSink
from kernel.sched.poll_queue import PollQueue
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock
from kernel.tty.job_control import JobControl
from kernel.tty.line_discipline import EchoSink, LineDiscipline
from kernel.tty.output import OutputProcessor
from kernel.tty.settings import set_defaults

TENTH_NS: u64 = 100_000_000
"""Unit of VTIME."""
OUTPUT_STEP: usize = 128
"""Bytes that are translated at a time."""
NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF


@struct
class TerminalEcho(EchoSink):
    """Sends echo to the serial line, dropping what its queue cannot take."""

    line: CharSink | None = None
    output: OutputProcessor = inline()
    modes: u32 = 0

    def echo(self, byte: u8) -> None:
        line = self.line
        if line is None:
            return
        sent: Array[u8] = array(2)
        count = self.output.translate(self.modes, byte, sent)
        line.put_some(sent[:count])

    def column(self) -> u32:
        return self.output.column


@struct
class Terminal(CharListener):
    """The console."""

    line: CharSink | None = None
    jobs: JobControl | None = None
    clock: Clock | None = None
    lock: SpinLock = inline()
    # Guarded by lock.
    discipline: LineDiscipline = inline()
    echo: TerminalEcho = inline()
    size: WindowSize = inline()
    session: i32 = 0
    """The session whose controlling terminal this is; 0: none."""
    foreground: i32 = 0
    """The process group that gets the keyboard's signals and may read."""
    readers: WaitQueue = inline()
    polls: PollQueue = inline()

    @raises()
    def start(self, line: CharSink, jobs: JobControl, clock: Clock, allocator: Allocator) -> None:
        """Begins with default settings, without session. ENOMEM."""
        self.line = line
        self.jobs = jobs
        self.clock = clock
        self.lock.lock_class = LockClass.PIPE
        set_defaults(self.discipline.settings)
        self.discipline.queue.start(allocator)
        self.discipline.sink = self.echo
        self.echo.line = line
        self.echo.modes = self.discipline.settings.output
        line.listen(self)

    def received(self, byte: u8) -> None:
        """Takes a byte from the driver. Interrupt context."""
        with self.lock:
            signal = self.discipline.receive(byte)
            group = self.foreground
            if self.discipline.readable() > 0:
                self.readers.wake_all()
                self.polls.notify()
        self.send_signal(group, signal)

    def send_signal(self, group: i32, signal: i32) -> None:
        """Sends a signal, if there is one, to a group, if there is one. No lock held."""
        jobs = self.jobs
        if signal != 0 and group != 0 and jobs is not None:
            jobs.signal_group(group, signal)

    @raises(EINTR, EIO)
    def check_foreground(self) -> None:
        """Stops a caller that reads although its group is in the background."""
        jobs = self.jobs
        if jobs is None or self.session == 0 or jobs.caller_session() != self.session:
            return
        if self.foreground == 0 or jobs.caller_group() == self.foreground:
            return
        if not jobs.stop_caller(SIGTTIN):
            raise OSError(EIO)
        raise OSError(EINTR)

    @raises(EAGAIN, EINTR)
    def read(self, into: Span[u8], may_block: bool) -> usize:
        """Reads (the start of) a line, or bytes as VMIN and VTIME say; 0 is the end of the input.

        EAGAIN: nothing is there, and the caller does not wait.
        """
        with self.lock:
            while self.discipline.is_canonical():
                if self.discipline.readable() > 0:
                    return self.discipline.queue.take_line(into)
                if not may_block:
                    raise OSError(EAGAIN)
                self.readers.wait_interruptible(self.lock)
            self.wait_raw(len(into), may_block)
            return self.discipline.queue.take(into)

    @raises(EAGAIN, EINTR)
    def wait_raw(self, size: usize, may_block: bool) -> None:
        """Waits for the bytes that a read of `size` bytes gets in raw mode. Lock held."""
        control = self.discipline.settings.control
        minimum = min(u64(control[VMIN]), size)
        timeout_ns = u64(control[VTIME]) * TENTH_NS
        if not may_block:
            if self.discipline.readable() == 0 and minimum + timeout_ns > 0:
                raise OSError(EAGAIN)
        elif timeout_ns > 0:
            self.wait_timed(minimum, timeout_ns)
        else:
            while self.discipline.readable() < minimum:
                self.readers.wait_interruptible(self.lock)

    @raises(EINTR)
    def wait_timed(self, minimum: u64, timeout_ns: u64) -> None:
        """Waits for bytes with VTIME: for the first one, or between bytes if `minimum` is not 0.

        Lock held.
        """
        clock = self.clock
        assert clock is not None, "terminal without a clock"
        wanted = max(minimum, 1)
        while self.discipline.readable() < wanted:
            seen = self.discipline.readable()
            deadline = NEVER if minimum > 0 and seen == 0 else clock.now_ns() + timeout_ns
            is_awake = self.readers.wait_until(self.lock, deadline)
            if not is_awake and self.discipline.readable() == seen:
                return

    def write(self, data: Bytes) -> None:
        """Sends output; blocks while the line's queue is full, whatever signals come, so that all
        of it is sent once. No lock held.
        """
        line = self.line
        assert line is not None, "terminal without a line"
        translated: Array[u8] = array(2 * OUTPUT_STEP)
        done: usize = 0
        while done < len(data):
            step = min(len(data) - done, OUTPUT_STEP)
            count = self.translate(data[done : done + step], translated)
            line.put(translated[:count])
            done += step

    def translate(self, data: Bytes, into: Span[u8]) -> usize:
        """Translates output; `into` has room for twice the bytes."""
        count: usize = 0
        with self.lock:
            modes = self.discipline.settings.output
            for byte in data:
                count += self.echo.output.translate(modes, byte, into[count:])
        return count

    def change_settings(self, settings: Termios) -> None:
        """Sets new settings. No lock held."""
        with self.lock:
            signal = self.apply(settings)
            group = self.foreground
        self.send_signal(group, signal)

    def apply(self, settings: Termios) -> i32:
        """Sets new settings; returns a signal for the foreground group, or 0. Lock held."""
        was_canonical = self.discipline.is_canonical()
        current = self.discipline.settings
        current.input = settings.input
        current.output = settings.output
        current.control_modes = settings.control_modes
        current.local = settings.local
        current.line = settings.line
        current.control.copy_from(settings.control)
        self.echo.modes = settings.output
        if was_canonical and not self.discipline.is_canonical():
            self.discipline.leave_canonical()
            self.readers.wake_all()
            self.polls.notify()
        elif not was_canonical and self.discipline.is_canonical():
            return self.discipline.enter_canonical()
        return 0
