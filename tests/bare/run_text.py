"""Text grows, and is a Writer."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, array, raises, u8, u32, write_to
from bare.lib.arena import Arena
from bare.lib.text import Text


@raises(ENOMEM)
def build(arena: Arena) -> None:
    """Appends and formats."""
    line = Text(arena)
    print(len(line), line.as_str() == "")
    line.append(b"numbers:")
    for number in range(u32(30)):
        write_to(line, f" {number}")
    line.append_byte(0x2E)
    print(line.as_str())
    print(len(line), line.is_truncated)
    line.clear()
    write_to(line, "short")
    print(line.as_str(), line.view() == b"short")
    line.free()


def main() -> None:
    """Builds text, then lets memory run out."""
    memory: Array[u8] = array(1024)
    arena = Arena(memory)
    try:
        build(arena)
    except OSError:
        print("never printed")
    small: Array[u8] = array(100)
    scarce = Arena(small)
    line = Text(scarce)
    for _ in range(20):
        write_to(line, "0123456789")
    print(len(line), line.is_truncated)
