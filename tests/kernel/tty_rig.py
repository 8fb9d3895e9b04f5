"""Bare Python: a line discipline with a screen that remembers, for `tests/kernel/tty`."""

from __future__ import annotations

from bare import Array, Span, array, i32, inline, struct, u8, u16, u32, u64, usize
from bare.unsafe import static_array, static_object
from kernel.tty.input_queue import CAPACITY
from kernel.tty.line_discipline import EchoSink, LineDiscipline
from kernel.tty.output import OutputProcessor
from kernel.tty.settings import set_defaults

SCREEN_BYTES = 32768


@struct
class Screen(EchoSink):
    """Remembers what was echoed."""

    output: OutputProcessor = inline()
    modes: u32 = 0
    length: usize = 0
    bytes: Array[u8] = array(SCREEN_BYTES)

    def echo(self, byte: u8) -> None:
        self.length += self.output.translate(self.modes, byte, self.bytes[self.length :])

    def column(self) -> u32:
        return self.output.column


@struct
class Rig:
    """The parts."""

    sink: Screen = inline()
    discipline: LineDiscipline = inline()


def make_rig() -> Rig:
    """Builds a terminal with default settings."""
    rig = static_object(Rig)
    set_defaults(rig.discipline.settings)
    # SAFETY: zeroed storage of its own.
    rig.discipline.queue.entries = static_array(u16, CAPACITY)
    rig.discipline.sink = rig.sink
    rig.sink.modes = rig.discipline.settings.output
    return rig


def type_byte(rig: Rig, byte: u8) -> i32:
    """Presses a key; returns the signal."""
    return rig.discipline.receive(byte)


def readable(rig: Rig) -> u64:
    """Returns how much could be read."""
    return rig.discipline.readable()


def read_line(rig: Rig, into: Span[u8]) -> usize:
    """Reads a line."""
    return rig.discipline.queue.take_line(into)


def take(rig: Rig, into: Span[u8]) -> usize:
    """Reads bytes."""
    return rig.discipline.queue.take(into)
