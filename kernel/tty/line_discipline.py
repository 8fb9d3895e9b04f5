"""The line discipline: from bytes received to lines that may be read, with editing and echo.

Pure: bytes in, echo to an `EchoSink`, a signal out. The terminal locks. termios(3); what is not
done: flow control (IXON), parity, delays, case mapping.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.signal import SIGINT, SIGQUIT, SIGTSTP
from abi.terminal import (
    ECHO,
    ECHOCTL,
    ECHOE,
    ECHOK,
    ECHONL,
    ICANON,
    ICRNL,
    IEXTEN,
    IGNCR,
    INLCR,
    ISIG,
    IUTF8,
    NOFLSH,
    VEOF,
    VEOL,
    VERASE,
    VINTR,
    VKILL,
    VLNEXT,
    VQUIT,
    VREPRINT,
    VSUSP,
    VWERASE,
    Termios,
)
from bare import i32, inline, invert, struct, u8, u16, u32, u64
from kernel.tty.input_queue import END_OF_FILE, END_OF_LINE, InputQueue
from kernel.tty.output import TAB_WIDTH
from kernel.tty.settings import (
    BACKSPACE,
    CONTROL,
    DELETE,
    DISABLED,
    NEWLINE,
    RETURN,
    SPACE,
    TAB,
)


@struct
class EchoSink(ABC):
    """Where echo goes: the terminal's output."""

    @abstractmethod
    def echo(self, byte: u8) -> None:
        """Sends one byte, translated like output. Never blocks."""

    @abstractmethod
    def column(self) -> u32:
        """Returns the column of the cursor."""


@struct
class LineDiscipline:
    """The state of one terminal's input."""

    sink: EchoSink
    settings: Termios = inline()
    queue: InputQueue = inline()
    start_column: u32 = 0
    """Where the line being edited begins on the screen."""
    is_literal: bool = False
    """Whether ^V was typed: the next byte has no special meaning."""

    def receive(self, byte: u8) -> i32:
        """Takes one byte; returns the signal that it means for the foreground group, or 0."""
        if self.is_literal:
            self.is_literal = False
            self.accept(byte)
            return 0
        if byte == RETURN and self.settings.input & IGNCR != 0:
            return 0
        byte = self.translated(byte)
        signal = self.signal_of(byte)
        if signal != 0:
            self.drop_for_signal(byte)
        elif self.is_canonical():
            self.receive_canonical(byte)
        else:
            self.accept(byte)
        return signal

    def is_canonical(self) -> bool:
        """Whether input is edited line by line."""
        return self.settings.local & ICANON != 0

    def has(self, mode: u32) -> bool:
        """Whether a local mode is on."""
        return self.settings.local & mode != 0

    def is_key(self, index: u32, byte: u8) -> bool:
        """Whether `byte` is the control character with an index of `abi/terminal.py`."""
        key = self.settings.control[index]
        return key != DISABLED and key == byte

    def translated(self, byte: u8) -> u8:
        """Maps carriage return and newline as the input modes say."""
        if byte == RETURN and self.settings.input & ICRNL != 0:
            return NEWLINE
        if byte == NEWLINE and self.settings.input & INLCR != 0:
            return RETURN
        return byte

    def signal_of(self, byte: u8) -> i32:
        """Returns the signal that a key sends."""
        if not self.has(ISIG):
            return 0
        if self.is_key(VINTR, byte):
            return SIGINT
        if self.is_key(VQUIT, byte):
            return SIGQUIT
        if self.is_key(VSUSP, byte):
            return SIGTSTP
        return 0

    def drop_for_signal(self, byte: u8) -> None:
        """Echoes a signal key and drops what was typed before it."""
        if not self.has(NOFLSH):
            self.queue.clear()
        if self.has(ECHO):
            self.echo_visible(byte)

    def receive_canonical(self, byte: u8) -> None:
        """Edits the line or ends it."""
        if self.erase(byte):
            return
        if self.has(IEXTEN) and self.is_key(VREPRINT, byte):
            self.reprint(byte)
        elif self.has(IEXTEN) and self.is_key(VLNEXT, byte):
            self.is_literal = True
        elif self.is_key(VEOF, byte):
            self.queue.put(END_OF_FILE)
            self.queue.finish()
        elif byte == NEWLINE:
            self.end_line(u16(byte))
        elif self.is_key(VEOL, byte):
            self.end_line(u16(byte) | END_OF_LINE)
        else:
            self.accept(byte)

    def erase(self, byte: u8) -> bool:
        """Takes away what an erasing key stands for; False: it is another key."""
        if self.is_key(VERASE, byte) or byte == BACKSPACE:
            self.erase_character()
        elif self.is_key(VKILL, byte):
            self.erase_line()
        elif self.has(IEXTEN) and self.is_key(VWERASE, byte):
            self.erase_word()
        else:
            return False
        return True

    def end_line(self, entry: u16) -> None:
        """Finishes the line and makes it readable."""
        self.queue.put(entry)
        self.queue.finish()
        if self.has(ECHO) or (entry == NEWLINE and self.has(ECHONL)):
            self.sink.echo(u8(entry & 0xFF))

    def accept(self, byte: u8) -> None:
        """Takes a byte as input."""
        if not self.queue.is_editing():
            self.start_column = self.sink.column()
        if not self.queue.put(u16(byte)):
            return
        if not self.is_canonical():
            self.queue.finish()
        if self.has(ECHO):
            self.echo_visible(byte)

    def echo_visible(self, byte: u8) -> None:
        """Echoes a byte; control characters as ^X."""
        if self.has(ECHOCTL) and is_control(byte):
            self.sink.echo(0x5E)
            self.sink.echo(byte ^ CONTROL)
        else:
            self.sink.echo(byte)

    def erase_character(self) -> None:
        """Takes the last character away, with all its bytes."""
        if not self.queue.is_editing():
            return
        before = self.width_of_line()
        byte = self.drop_byte()
        while is_continuation(byte) and self.settings.input & IUTF8 != 0:
            if not self.queue.is_editing():
                break
            byte = self.drop_byte()
        self.rub_out(before - self.width_of_line())

    def erase_word(self) -> None:
        """Takes spaces and then the word before them away."""
        before = self.width_of_line()
        while self.queue.is_editing() and is_space(self.last_byte()):
            self.drop_byte()
        while self.queue.is_editing() and not is_space(self.last_byte()):
            self.drop_byte()
        self.rub_out(before - self.width_of_line())

    def erase_line(self) -> None:
        """Takes the whole line away."""
        width = self.width_of_line()
        while self.queue.is_editing():
            self.drop_byte()
        self.rub_out(width)
        if self.has(ECHO) and self.has(ECHOK) and not self.has(ECHOE):
            self.sink.echo(NEWLINE)

    def drop_byte(self) -> u8:
        """Takes the last byte of the line away and returns it."""
        byte = self.last_byte()
        self.queue.drop_last()
        return byte

    def last_byte(self) -> u8:
        """Returns the last byte of the line."""
        return u8(self.queue.last() & 0xFF)

    def rub_out(self, width: u32) -> None:
        """Wipes columns left of the cursor."""
        if not self.has(ECHO) or not self.has(ECHOE):
            return
        for _ in range(width):
            self.sink.echo(BACKSPACE)
            self.sink.echo(SPACE)
            self.sink.echo(BACKSPACE)

    def reprint(self, byte: u8) -> None:
        """Shows the line once more."""
        self.echo_visible(byte)
        self.sink.echo(NEWLINE)
        self.start_column = 0
        for index in range(self.queue.line_length()):
            self.echo_visible(u8(self.queue.line_entry(index) & 0xFF))

    def width_of_line(self) -> u32:
        """Returns how many columns the line being edited takes on the screen."""
        column = self.start_column
        for index in range(self.queue.line_length()):
            column = self.column_after(column, u8(self.queue.line_entry(index) & 0xFF))
        return column - self.start_column

    def column_after(self, column: u32, byte: u8) -> u32:
        """Returns the column behind a byte that is shown at `column`."""
        if byte == TAB:
            return column + TAB_WIDTH - column % TAB_WIDTH
        if is_control(byte):
            return column + (2 if self.has(ECHOCTL) else 0)
        if is_continuation(byte):
            return column
        return column + 1

    def leave_canonical(self) -> None:
        """Makes the line being edited readable, as bytes: canonical mode was switched off."""
        self.queue.finish_without_marks()

    def enter_canonical(self) -> i32:
        """Takes what nobody has read when canonical mode is switched on as if it came now, so that
        what is typed ahead means the same whenever it comes: returns the signal of a key among it,
        or 0, and edits the unfinished line on. Silent, as it may be on the screen already.
        """
        signal = self.take_signal_key()
        modes = self.settings.local
        self.settings.local = modes & invert(ECHO | ECHONL)
        end = self.queue.end
        self.queue.reopen_line()
        for position in range(self.queue.end, end):
            byte = self.queue.byte_at(position)
            if not self.erase(byte):
                self.accept(byte)
        self.settings.local = modes
        return signal

    def take_signal_key(self) -> i32:
        """Drops what may be read up to the last key that sends a signal; returns it, or 0."""
        signal: i32 = 0
        for position in range(self.queue.first, self.queue.finished):
            meant = self.signal_of(self.queue.byte_at(position))
            if meant != 0:
                signal = meant
                self.queue.drop_to(position + 1)
        return signal

    def readable(self) -> u64:
        """Returns how many bytes `read` would find at most."""
        return self.queue.available()


def is_control(byte: u8) -> bool:
    """Whether a byte is shown as ^X."""
    return (byte < SPACE and byte not in (TAB, NEWLINE)) or byte == DELETE


def is_continuation(byte: u8) -> bool:
    """Whether a byte is inside a UTF-8 character."""
    return byte & 0xC0 == 0x80


def is_space(byte: u8) -> bool:
    """Whether a byte separates words."""
    return byte in (SPACE, TAB)
