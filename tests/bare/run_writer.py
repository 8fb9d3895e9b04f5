"""write_to() sends a message to a Writer."""

from __future__ import annotations

from bare import Array, Bytes, FormatStr, Writer, array, struct, text, u8, usize, write_to


@struct
class Line(Writer):
    """Keeps what fits into eight bytes, in upper case."""

    used: usize = 0
    lost: usize = 0
    storage: Array[u8] = array(8)

    def write(self, data: Bytes) -> None:
        """Takes bytes."""
        for byte in data:
            if self.used == len(self.storage):
                self.lost += 1
            else:
                self.storage[self.used] = byte - 32 if 0x61 <= byte <= 0x7A else byte
                self.used += 1


def log(writer: Writer, message: FormatStr) -> None:
    """Hands a message on."""
    write_to(writer, message)


def main() -> None:
    """Formats into a buffer."""
    line = Line()
    code: u8 = 7
    log(line, f"err {code}")
    print(text(line.storage[: line.used]), line.used, line.lost)
    log(line, "more text")
    print(text(line.storage[: line.used]), line.used, line.lost)
