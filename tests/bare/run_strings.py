"""str is read-only text; encode() and text() go between it and bytes."""

from __future__ import annotations

from bare import Array, array, encode, text, u8

NAME = "Zo\u00eb"


def greet(name: str) -> str:
    """Chooses a greeting."""
    return "again" if name == "Ann" else "welcome"


def main() -> None:
    """Prints and compares text."""
    print(NAME, greet("Ann"), greet(NAME))
    data = encode(NAME)
    print(len(data), data[2], data[3])
    buffer: Array[u8] = array(3)
    buffer.copy_from(b"abc")
    view = text(buffer)
    print(view, view == "abc", view == "abd", text(buffer[1:]) != "bc")
    print(f"[{view:>5}] [{view:<5}] [{NAME:^8}]")
    print("", "two  spaces", "")
