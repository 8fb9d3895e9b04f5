"""What exactly is wrong with a file, in words."""

from __future__ import annotations

from bare import Array, Bytes, FormatStr, Writer, array, struct, text, u8, usize, write_to
from user.lib.llm.fault import Fault, fault_text

MOST_BYTES: usize = 200
SPACE = 0x20
DELETE = 0x7F
QUESTION = ord("?")


@struct
class Detail(Writer):
    """One line of ASCII. Parts of it come from the file, so whatever a terminal might obey is
    written as `?`, and what is too long is cut.
    """

    bytes: Array[u8] = array(MOST_BYTES)
    length: usize = 0

    def say(self, fault: Fault, message: FormatStr) -> Fault:
        """Notes fault and message, and returns the fault, so that a check can `return` it."""
        self.length = 0
        write_to(self, f"{fault_text(fault)}: ")
        write_to(self, message)
        return fault

    def as_str(self) -> str:
        """Returns the message, valid until the next one; empty where none was noted."""
        return text(self.bytes[: self.length])

    def write(self, data: Bytes) -> None:
        """Appends what there is room for."""
        for byte in data:
            if self.length == MOST_BYTES:
                return
            is_plain = SPACE <= byte < DELETE
            self.bytes[self.length] = byte if is_plain else QUESTION
            self.length += 1
