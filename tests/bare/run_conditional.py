"""Conditional expressions, `and`, `or`, `not`, and `in` with a tuple of constants."""

from __future__ import annotations

from bare import Enum8, u8


class Day(Enum8):
    """Some days."""

    MONDAY = 1
    SATURDAY = 6
    SUNDAY = 7


WEEKEND = (Day.SATURDAY, Day.SUNDAY)


def is_free(day: Day) -> bool:
    """Whether it is the weekend."""
    return day in WEEKEND


def loud(value: bool) -> bool:
    """Says that it was asked."""
    print("asked")
    return value


def main() -> None:
    """Chooses."""
    a: u8 = 3
    print("small" if a < 10 else "large", a if a > 5 else a * 2)
    print(a in (1, 2, 3), a not in (1, 2, 3), a in (7, 8))
    print(is_free(Day.SUNDAY), is_free(Day.MONDAY))
    print(a > 5 and loud(True), a < 5 or loud(True), not loud(False))
    print(a < 5 and loud(True))
