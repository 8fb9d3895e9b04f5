"""panic() ends the program with a message."""

from __future__ import annotations

from bare import panic, u32


def check(value: u32) -> None:
    """Refuses large values."""
    if value > 100:
        panic(f"{value} is too large")
    print("checked", value)


def main() -> None:
    """Checks twice."""
    check(5)
    check(500)
