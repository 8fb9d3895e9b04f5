"""The writers of both runtimes: one collects output, one keeps the text of a trap."""

from __future__ import annotations

from abc import abstractmethod

from bare import Array, Bytes, array, struct, u8, usize
from bare.lib.writer import Writer

BUFFER_BYTES = 512
TEXT_BYTES = 256


@struct
class BufferedWriter(Writer):
    """Collects pieces and sends them on when its buffer is full, or when it is told to."""

    used: usize = 0
    buffer: Array[u8] = array(BUFFER_BYTES)

    def write(self, data: Bytes) -> None:
        """Takes `data`."""
        position: usize = 0
        while position < len(data):
            if self.used == BUFFER_BYTES:
                self.flush()
            count = min(len(data) - position, BUFFER_BYTES - self.used)
            part = data[position : position + count]
            self.buffer[self.used : self.used + count].copy_from(part)
            self.used += count
            position += count

    def flush(self) -> None:
        """Sends what was collected."""
        self.send(self.buffer[: self.used])
        self.used = 0

    @abstractmethod
    def send(self, data: Bytes) -> None:
        """Writes `data` to its destination at once."""


@struct
class TrapText(Writer):
    """The first 256 bytes of the text of an assertion or a panic; empty for other traps."""

    used: usize = 0
    buffer: Array[u8] = array(TEXT_BYTES)

    def write(self, data: Bytes) -> None:
        """Takes as much of `data` as fits."""
        count = min(len(data), TEXT_BYTES - self.used)
        self.buffer[self.used : self.used + count].copy_from(data[:count])
        self.used += count

    def content(self) -> Bytes:
        """Returns the text."""
        return self.buffer[: self.used]
