"""Bare Python: a terminal on a PL011 with threads in front of it, for `tests/kernel/tty`."""

from __future__ import annotations

from abi.terminal import Termios
from bare import (
    Array,
    Span,
    array,
    copy_struct,
    i32,
    inline,
    raises,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from bare.unsafe import static_object
from kernel.drivers.uart.pl011 import Pl011, Pl011Uart
from kernel.fs.file import File
from kernel.mm.user_copy import KernelBuffer
from kernel.sync.lock_class import LockClass
from kernel.time.clock import ClockSource
from kernel.tty.job_control import JobControl
from kernel.tty.terminal import Terminal
from kernel.tty.terminal_file import TerminalDevice
from tests.kernel import thread_rig
from tests.kernel.thread_rig import Rig

LINE_BYTES = 64
"""Small, so that writers wait."""


def make_rig(source: ClockSource, base: u64, pages: u64) -> Rig:
    """Builds the scheduler below."""
    return thread_rig.make_rig(source, base, pages)


def begin() -> None:
    """Where a thread's Python thread starts."""
    thread_rig.begin()


def reschedule() -> None:
    """Gives the CPU to whoever is due."""
    thread_rig.reschedule()


@struct
class Jobs(JobControl):
    """Whose terminal it is, as the test says."""

    group: i32 = 0
    session: i32 = 0
    is_leader: bool = False
    can_stop: bool = True
    is_held: bool = False
    """Whether the terminal's session is alive."""
    signalled: i32 = 0
    owner: i32 = 0
    """The session that was told last that it has the terminal."""

    def caller_group(self) -> i32:
        return self.group

    def caller_session(self) -> i32:
        return self.session

    def caller_is_leader(self) -> bool:
        return self.is_leader

    def is_session_alive(self, session: i32) -> bool:
        return self.is_held

    def is_group_of(self, group: i32, session: i32) -> bool:
        return False

    def signal_group(self, group: i32, signal: i32) -> None:
        self.signalled = signal

    def stop_caller(self, signal: i32) -> bool:
        return self.can_stop

    def set_terminal(self, session: i32) -> None:
        self.owner = session


@struct
class Console:
    """The parts."""

    uart: Pl011Uart = inline()
    line: Array[u8] = array(LINE_BYTES)
    jobs: Jobs = inline()
    terminal: Terminal = inline()
    device: TerminalDevice = inline()


@raises()
def make_console(rig: Rig, registers: u64) -> Console:
    """Puts a terminal on the UART whose registers are at an address."""
    console = static_object(Console)
    console.uart.registers = Pl011(registers)
    console.uart.lock.lock_class = LockClass.UART
    console.uart.room_lock.lock_class = LockClass.PIPE
    console.uart.ring.start(console.line)
    console.terminal.start(console.uart, console.jobs, rig.clock, rig.heap)
    console.device.terminal = console.terminal
    return console


@raises()
def open_terminal(rig: Rig, console: Console, flags: u32) -> File:
    """Opens it."""
    return console.device.open(rig.heap, flags)


@raises()
def read_file(file: File, into: Span[u8]) -> usize:
    """Reads."""
    return file.read(KernelBuffer(len(into), into))


@raises()
def write_file(file: File, data: Span[u8]) -> usize:
    """Writes."""
    return file.write(KernelBuffer(len(data), data))


@raises()
def request(file: File, number: u32) -> None:
    """Makes an ioctl without argument."""
    file.ioctl(number, 0)


def set_mode(console: Console, local: u32, output: u32) -> None:
    """Changes modes, as TCSETS does."""
    settings = Termios()
    with console.terminal.lock:
        copy_struct(settings, console.terminal.discipline.settings)
        settings.local = local
        settings.output = output
    console.terminal.change_settings(settings)
