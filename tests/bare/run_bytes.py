"""bytes, Span[u8] and Array[u8] all convert to Bytes."""

from __future__ import annotations

from bare import Array, Bytes, Span, array, u8, u32, usize


def checksum(data: Bytes) -> u32:
    """Adds all bytes."""
    total: u32 = 0
    for byte in data:
        total += byte
    return total


def first_word(data: Bytes) -> Bytes:
    """Returns what stands before the first space."""
    for index in range(len(data)):
        if data[index] == 0x20:
            return data[:index]
    return data


def fill(target: Span[u8]) -> usize:
    """Writes the alphabet."""
    for index in range(len(target)):
        target[index] = u8(0x61 + index)
    return len(target)


def main() -> None:
    """Reads bytes of each kind."""
    buffer: Array[u8] = array(5)
    print(fill(buffer), checksum(buffer), checksum(buffer[1:3]), checksum(b"\x01\x02"))
    print(buffer == b"abcde", buffer[1:3] == b"bc", buffer[2:4] != b"bc")
    word = first_word(b"hello world")
    print(len(word), word[4], word == b"hello", word[1:] == b"ello")
    print(len(first_word(b"")), first_word(b"") == b"")
