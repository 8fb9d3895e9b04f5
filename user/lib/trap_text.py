"""`TrapText`: the text of the assertion or panic that is about to trap."""

from __future__ import annotations

from bare import Array, Bytes, array, struct, u8, usize
from bare.lib.writer import Writer

TEXT_BYTES = 256


@struct
class TrapText(Writer):
    """The first 256 bytes of the text."""

    length: usize = 0
    buffer: Array[u8] = array(TEXT_BYTES)

    def clear(self) -> None:
        """Forgets the text."""
        self.length = 0

    def write(self, data: Bytes) -> None:
        """Takes as much of `data` as fits."""
        count = min(len(data), TEXT_BYTES - self.length)
        self.buffer[self.length : self.length + count].copy_from(data[:count])
        self.length += count

    def content(self) -> Bytes:
        """Returns the text, empty where the trap has none."""
        return self.buffer[: self.length]
