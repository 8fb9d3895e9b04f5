"""Comparisons chain, and evaluate each operand once."""

from __future__ import annotations

from bare import i32, struct, u8

NAME: str = "abc"
MAGIC: bytes = b"ac"


@struct
class Counter:
    """Counts how often it was asked."""

    calls: u8 = 0

    def next(self) -> u8:
        """Counts and returns the count."""
        self.calls += 1
        return self.calls


def main() -> None:
    """Compares."""
    a: u8 = 5
    print(a == 5, a != 5, a < 5, a <= 5, a > 4, a >= 6)
    print(1 < a < 10, 1 < a < 5, 10 > a > 1)
    counter = Counter()
    print(0 < counter.next() < 2, counter.calls)
    print(9 < counter.next() < counter.next(), counter.calls)
    b: i32 = -1
    print(b < 0, b < a, a > b)
    is_odd = a % 2 == 1
    print((a == 5) == is_odd, NAME == "abc", NAME != "abd", MAGIC != b"ab")
