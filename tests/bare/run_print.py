"""print joins values with one space and ends the line, or with what `end` says."""

from __future__ import annotations

from bare import Enum8, i32, text, u8


class Colour(Enum8):
    """Colours."""

    RED = 1


def main() -> None:
    """Prints values of all kinds."""
    a: u8 = 1
    b: i32 = -2
    print()
    print("one")
    print("one", a, b, True, Colour.RED, text(b"bytes"))
    print("no newline", end="")
    print("!", end=" -> ")
    print(f"{a:03}", f"{b:>4}", end="\n\n")
    print("", a, "")
