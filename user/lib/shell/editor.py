"""`LineEditor`: editing one line, key by key. It knows no terminal but the bytes that it writes.

Keys: printable bytes, left, right, home, end, delete, backspace, up, down, ^A ^B ^C ^D ^E ^F ^H ^K
^L ^N ^P ^U ^W. A line longer than the terminal is wide is shown as a window around the cursor.
"""

from __future__ import annotations

from bare import Array, Bytes, Enum8, Writer, array, struct, u8, usize, write_to
from user.lib.shell.history import History
from user.lib.terminal import UNLIMITED_COLUMNS

OPEN_BRACKET: u8 = ord("[")
SEMICOLON: u8 = ord(";")
TILDE: u8 = ord("~")
UPPER_O: u8 = ord("O")
LINE_LIMIT = 4096
LEAST_COLUMNS: usize = 8
USUAL_COLUMNS: usize = 80
ESCAPE: u8 = 0x1B
DELETE: u8 = 0x7F
SPACE: u8 = ord(" ")


class EditResult(Enum8):
    """What a key led to."""

    EDITING = 0
    DONE = 1
    """Enter."""
    INTERRUPTED = 2
    """^C."""
    END = 3
    """^D on an empty line."""


class EscapeState(Enum8):
    """Where in an escape sequence the input is."""

    NONE = 0
    ESCAPE = 1
    BRACKET = 2
    NUMBER = 3
    """A digit came; a tilde ends the sequence."""


@struct
class LineEditor:
    """One line under way. `begin` starts it, `key` takes bytes."""

    output: Writer
    history: History
    prompt: Bytes
    columns: usize
    length: usize
    cursor: usize
    first: usize
    """First byte that is shown."""
    line_number: usize
    """The line of the history that is shown; its count for the new line."""
    draft_length: usize
    escape: EscapeState
    escape_digit: u8
    bytes: Array[u8] = array(LINE_LIMIT)
    draft: Array[u8] = array(LINE_LIMIT)
    """The new line while an older one is shown."""

    def begin(self, prompt: Bytes, columns: usize) -> None:
        """Starts an empty line behind a prompt."""
        self.prompt = prompt
        self.columns = columns
        self.length = 0
        self.cursor = 0
        self.first = 0
        self.line_number = self.history.count
        self.draft_length = 0
        self.escape = EscapeState.NONE
        self.output.write(prompt)

    def resize(self, columns: usize) -> None:
        """Draws the line again: for another width, or because something was written over it."""
        self.columns = columns
        self.redraw()

    def line(self) -> Bytes:
        """Returns the line."""
        return self.bytes[: self.length]

    def key(self, byte: u8) -> EditResult:
        """Takes one byte of input."""
        if self.escape != EscapeState.NONE:
            self.take_escape(byte)
            return EditResult.EDITING
        if byte == 0x0D or byte == 0x0A:
            self.output.write(b"\n")
            return EditResult.DONE
        if byte == 0x03:
            self.output.write(b"^C\n")
            self.length = 0
            return EditResult.INTERRUPTED
        if byte == 0x04 and self.length == 0:
            self.output.write(b"\n")
            return EditResult.END
        if byte == ESCAPE:
            self.escape = EscapeState.ESCAPE
        elif byte >= SPACE and byte != DELETE:
            self.insert(byte)
        else:
            self.control(byte)
        return EditResult.EDITING

    def control(self, byte: u8) -> None:
        """Does what a control key stands for."""
        match byte:
            case 0x01:
                self.move_to(0)
            case 0x02:
                self.move_left()
            case 0x04:
                self.delete_range(self.cursor, min(self.cursor + 1, self.length))
            case 0x05:
                self.move_to(self.length)
            case 0x06:
                self.move_to(min(self.cursor + 1, self.length))
            case 0x08 | 0x7F:
                if self.cursor > 0:
                    self.delete_range(self.cursor - 1, self.cursor)
            case 0x0B:
                self.delete_range(self.cursor, self.length)
            case 0x0C:
                self.output.write(b"\x1b[H\x1b[2J")
                self.redraw()
            case 0x0E:
                self.show_newer()
            case 0x10:
                self.show_older()
            case 0x15:
                self.delete_range(0, self.cursor)
            case 0x17:
                self.delete_range(self.word_start(), self.cursor)
            case _:
                pass

    def take_escape(self, byte: u8) -> None:
        """Takes a byte of an escape sequence."""
        state = self.escape
        self.escape = EscapeState.NONE
        if state == EscapeState.ESCAPE:
            if byte in (OPEN_BRACKET, UPPER_O):
                self.escape = EscapeState.BRACKET
        elif state == EscapeState.BRACKET and 0x30 <= byte <= 0x39:
            self.escape = EscapeState.NUMBER
            self.escape_digit = byte
        elif state == EscapeState.BRACKET:
            self.arrow(byte)
        elif 0x30 <= byte <= 0x39 or byte == SEMICOLON:
            self.escape = EscapeState.NUMBER
        elif byte == TILDE:
            self.numbered_key()
        else:
            self.arrow(byte)

    def arrow(self, byte: u8) -> None:
        """Does what a key with a letter stands for."""
        match byte:
            case 0x41:
                self.show_older()
            case 0x42:
                self.show_newer()
            case 0x43:
                self.move_to(min(self.cursor + 1, self.length))
            case 0x44:
                self.move_left()
            case 0x46:
                self.move_to(self.length)
            case 0x48:
                self.move_to(0)
            case _:
                pass

    def numbered_key(self) -> None:
        """Does what a key with a number stands for: home, end, delete."""
        match self.escape_digit:
            case 0x31 | 0x37:
                self.move_to(0)
            case 0x34 | 0x38:
                self.move_to(self.length)
            case 0x33:
                self.delete_range(self.cursor, min(self.cursor + 1, self.length))
            case _:
                pass

    def insert(self, byte: u8) -> None:
        """Inserts a byte at the cursor; a line that is full does not take it."""
        if self.length == LINE_LIMIT:
            return
        tail = self.bytes[self.cursor : self.length]
        self.bytes[self.cursor + 1 : self.length + 1].copy_from(tail)
        self.bytes[self.cursor] = byte
        self.length += 1
        self.cursor += 1
        is_at_end = self.cursor == self.length
        if is_at_end and self.cursor - self.first < self.room(self.columns):
            self.output.write(self.bytes[self.cursor - 1 : self.cursor])
        else:
            self.redraw()

    def delete_range(self, start: usize, end: usize) -> None:
        """Deletes the bytes from `start` up to `end`; the cursor goes to `start`."""
        if start == end:
            return
        tail = self.bytes[end : self.length]
        self.bytes[start : start + len(tail)].copy_from(tail)
        self.length -= end - start
        self.cursor = start
        self.redraw()

    def move_left(self) -> None:
        """Moves the cursor one to the left."""
        if self.cursor > 0:
            self.move_to(self.cursor - 1)

    def move_to(self, place: usize) -> None:
        """Moves the cursor."""
        if place != self.cursor:
            self.cursor = place
            self.redraw()

    def word_start(self) -> usize:
        """Returns where the word before the cursor begins."""
        place = self.cursor
        while place > 0 and self.bytes[place - 1] == SPACE:
            place -= 1
        while place > 0 and self.bytes[place - 1] != SPACE:
            place -= 1
        return place

    def show_older(self) -> None:
        """Shows the line before in the history; keeps the new one."""
        if self.line_number == self.history.oldest():
            return
        if self.line_number == self.history.count:
            self.draft[: self.length].copy_from(self.bytes[: self.length])
            self.draft_length = self.length
        self.line_number -= 1
        self.show(self.history.get(self.line_number))

    def show_newer(self) -> None:
        """Shows the next line of the history, at the end the new one."""
        if self.line_number == self.history.count:
            return
        self.line_number += 1
        if self.line_number == self.history.count:
            self.show(self.draft[: self.draft_length])
        else:
            self.show(self.history.get(self.line_number))

    def show(self, line: Bytes) -> None:
        """Replaces the line."""
        length = min(len(line), LINE_LIMIT)
        self.bytes[:length].copy_from(line[:length])
        self.length = length
        self.cursor = length
        self.redraw()

    def room(self, columns: usize) -> usize:
        """Returns how many bytes fit behind the prompt, one kept for the cursor."""
        wide = max(columns, len(self.prompt) + LEAST_COLUMNS)
        return wide - len(self.prompt) - 1

    def redraw(self) -> None:
        """Writes prompt and line anew and puts the cursor into place.

        What is typed at the end flows on where the width is not known. What is drawn anew must not:
        the cursor comes back within one row only.
        """
        is_unknown = self.columns == UNLIMITED_COLUMNS
        room = self.room(USUAL_COLUMNS if is_unknown else self.columns)
        if self.cursor < self.first:
            self.first = self.cursor
        elif self.cursor - self.first > room:
            self.first = self.cursor - room
        end = min(self.first + room, self.length)
        output = self.output
        output.write(b"\r")
        output.write(self.prompt)
        output.write(self.bytes[self.first : end])
        output.write(b"\x1b[K")
        back = end - self.cursor
        if back > 0:
            write_to(output, f"\x1b[{back}D")
