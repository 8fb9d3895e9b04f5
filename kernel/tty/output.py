"""What a terminal does with output: newline translation, and keeping count of the column."""

from __future__ import annotations

from abi.terminal import ONLCR, OPOST
from bare import Span, struct, u8, u32, usize
from kernel.tty.settings import BACKSPACE, NEWLINE, RETURN, SPACE, TAB

TAB_WIDTH: u32 = 8
LAST_COLUMN: u32 = 1 << 20
"""Where counting stops, a multiple of TAB_WIDTH: a program may write for ever without a newline."""


@struct
class OutputProcessor:
    """The column where the next character appears, as far as the terminal's own output tells."""

    column: u32 = 0

    def translate(self, modes: u32, byte: u8, into: Span[u8]) -> usize:
        """Writes what is to be sent for `byte`, one or two bytes; returns how many."""
        if byte == NEWLINE and modes & OPOST != 0 and modes & ONLCR != 0:
            into[0] = RETURN
            into[1] = NEWLINE
            self.column = 0
            return 2
        into[0] = byte
        self.advance(byte)
        return 1

    def advance(self, byte: u8) -> None:
        """Follows the cursor. Bytes inside a UTF-8 character do not move it."""
        if byte == RETURN:
            self.column = 0
        elif byte == BACKSPACE:
            if self.column > 0:
                self.column -= 1
        elif self.column == LAST_COLUMN:
            return
        elif byte == TAB:
            self.column += TAB_WIDTH - self.column % TAB_WIDTH
        elif byte >= SPACE and byte & 0xC0 != 0x80:
            self.column += 1
