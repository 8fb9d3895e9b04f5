"""`TerminalFile`: the console as an open file, with its ioctls."""

from __future__ import annotations

from abi.errno import EFAULT, EINVAL, ENOTTY, EPERM
from abi.file import O_NONBLOCK, S_IFCHR, Stat
from abi.poll import POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM
from abi.signal import SIGWINCH
from abi.terminal import (
    FIONREAD,
    TCFLSH,
    TCGETS,
    TCSETS,
    TCSETSF,
    TCSETSW,
    TIOCGPGRP,
    TIOCGSID,
    TIOCGWINSZ,
    TIOCNOTTY,
    TIOCSCTTY,
    TIOCSPGRP,
    TIOCSWINSZ,
    Termios,
    WindowSize,
)
from bare import (
    Allocator,
    Array,
    allocate,
    array,
    copy_struct,
    i16,
    i32,
    raises,
    release,
    size_of,
    struct,
    u8,
    u32,
    u64,
    usize,
    wrap_i32,
    wrap_u32,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.fs.dev.device import CharacterDevice
from kernel.fs.file import File
from kernel.mm.user_copy import (
    IoBuffer,
    copy_in,
    copy_out,
    object_bytes,
    read_user_u32,
    write_user_u32,
)
from kernel.sched.poll_queue import Poller
from kernel.sched.switch import breathe
from kernel.tty.job_control import JobControl
from kernel.tty.terminal import Terminal

READ_STEP: usize = 256
"""Bytes that one read returns at most in raw mode, and pieces of a line in canonical mode."""
WRITE_STEP: usize = 256
CONSOLE_DEVICE: u64 = 5 << 8 | 1


@struct
class TerminalDevice(CharacterDevice):
    """What the device nodes of the console open."""

    terminal: Terminal | None = None

    @raises()
    def open(self, allocator: Allocator, flags: u32) -> File:
        terminal = self.terminal
        assert terminal is not None, "terminal device without its terminal"
        file = allocate(allocator, TerminalFile)
        file.start(allocator, flags)
        file.terminal = terminal
        return file


@struct
class TerminalFile(File):
    """An open terminal."""

    terminal: Terminal

    def close(self) -> None:
        release(self.allocator, self)

    @raises()
    def read(self, buffer: IoBuffer) -> usize:
        terminal = self.terminal
        terminal.check_foreground()
        if buffer.remaining == 0:
            return 0
        may_block = self.flags & O_NONBLOCK == 0
        piece: Array[u8] = array(READ_STEP)
        into = piece[: min(buffer.remaining, READ_STEP)]
        count = terminal.read(into, may_block)
        buffer.push(into[:count])
        return count

    @raises()
    def write(self, buffer: IoBuffer) -> usize:
        total: usize = 0
        piece: Array[u8] = array(WRITE_STEP)
        while buffer.remaining > 0:
            try:
                count = buffer.pull(piece)
            except OSError:
                if total == 0:
                    raise
                break
            self.terminal.write(piece[:count])
            total += count
            if breathe():
                break
        return total

    @raises()
    def poll(self, poller: Poller | None) -> i16:
        terminal = self.terminal
        if poller is not None:
            poller.watch(terminal.polls)
        events: i16 = POLLOUT | POLLWRNORM
        with terminal.lock:
            if terminal.discipline.readable() > 0:
                events |= POLLIN | POLLRDNORM
        return events

    @raises()
    def stat(self, into: Stat) -> None:
        into.mode = S_IFCHR | 0o600
        into.links = 1
        into.special_device = CONSOLE_DEVICE

    @raises()
    def ioctl(self, request: u32, argument: UserAddr) -> usize:
        if request == TCGETS:
            self.get_settings(argument)
        elif request in (TCSETS, TCSETSW, TCSETSF):
            self.set_settings(request, argument)
        elif request == TCFLSH:
            self.flush()
        elif request == TIOCGWINSZ:
            self.get_size(argument)
        elif request == TIOCSWINSZ:
            self.set_size(argument)
        elif request == FIONREAD:
            write_user_u32(argument, u32(self.terminal.discipline.readable()))
        else:
            self.control_job(request, argument)
        return 0

    @raises(EFAULT)
    def get_settings(self, argument: UserAddr) -> None:
        """TCGETS."""
        settings = Termios()
        with self.terminal.lock:
            copy_struct(settings, self.terminal.discipline.settings)
        copy_out(argument, object_bytes(settings, size_of(Termios)))

    @raises(EFAULT)
    def set_settings(self, request: u32, argument: UserAddr) -> None:
        """TCSETS, TCSETSW, TCSETSF."""
        settings = Termios()
        copy_in(object_bytes(settings, size_of(Termios)), argument)
        if request == TCSETSF:
            self.flush()
        self.terminal.change_settings(settings)

    def flush(self) -> None:
        """Drops input that nobody has read. Output is not held back."""
        with self.terminal.lock:
            self.terminal.discipline.queue.clear()

    @raises(EFAULT)
    def get_size(self, argument: UserAddr) -> None:
        """TIOCGWINSZ."""
        size = WindowSize()
        with self.terminal.lock:
            copy_struct(size, self.terminal.size)
        copy_out(argument, object_bytes(size, size_of(WindowSize)))

    @raises(EFAULT)
    def set_size(self, argument: UserAddr) -> None:
        """TIOCSWINSZ: tells the foreground group."""
        size = WindowSize()
        copy_in(object_bytes(size, size_of(WindowSize)), argument)
        with self.terminal.lock:
            copy_struct(self.terminal.size, size)
            group = self.terminal.foreground
        jobs = self.terminal.jobs
        if group != 0 and jobs is not None:
            jobs.signal_group(group, SIGWINCH)

    @raises()
    def control_job(self, request: u32, argument: UserAddr) -> None:
        """The requests that deal with sessions and groups."""
        jobs = self.terminal.jobs
        assert jobs is not None, "terminal without job control"
        if request == TIOCSCTTY:
            self.take_session(jobs)
            return
        if request not in (TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCNOTTY):
            raise OSError(ENOTTY)
        if jobs.caller_session() != self.terminal.session:
            raise OSError(ENOTTY)
        if request == TIOCGPGRP:
            write_user_u32(argument, wrap_u32(self.terminal.foreground))
        elif request == TIOCSPGRP:
            self.set_foreground(jobs, wrap_i32(read_user_u32(argument)))
        elif request == TIOCGSID:
            write_user_u32(argument, wrap_u32(self.terminal.session))
        else:
            self.leave_session(jobs)

    @raises(EPERM)
    def take_session(self, jobs: JobControl) -> None:
        """TIOCSCTTY: a session leader makes this its session's terminal.

        EPERM: not a leader, or the terminal belongs to a session whose leader lives.
        """
        session = jobs.caller_session()
        if not jobs.caller_is_leader():
            raise OSError(EPERM)
        holder = self.terminal.session
        if holder not in (0, session) and jobs.is_session_alive(holder):
            raise OSError(EPERM)
        with self.terminal.lock:
            self.terminal.session = session
            self.terminal.foreground = jobs.caller_group()
        jobs.set_terminal(session)

    def leave_session(self, jobs: JobControl) -> None:
        """TIOCNOTTY."""
        if not jobs.caller_is_leader():
            return
        with self.terminal.lock:
            self.terminal.session = 0
            self.terminal.foreground = 0
        jobs.set_terminal(0)

    @raises(EINVAL, EPERM)
    def set_foreground(self, jobs: JobControl, group: i32) -> None:
        """TIOCSPGRP."""
        if group <= 0:
            raise OSError(EINVAL)
        if not jobs.is_group_of(group, self.terminal.session):
            raise OSError(EPERM)
        with self.terminal.lock:
            self.terminal.foreground = group
