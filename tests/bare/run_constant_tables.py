"""A constant tuple with the annotation tuple[T, ...] is a read-only table."""

from __future__ import annotations

from bare import struct, u8, u16, u32, usize

PRIMES: tuple[u16, ...] = tuple(n for n in range(2, 40) if all(n % d for d in range(2, n)))
NAMES: tuple[str, ...] = ("zero", "one", "two")


@struct
class Step:
    """A step of a recipe."""

    name: str
    minutes: u8


STEPS: tuple[Step, ...] = (Step("mix", 5), Step("rest", 60), Step("bake", 45))


def total(values: tuple[u16, ...]) -> u32:
    """Adds a table."""
    result: u32 = 0
    for value in values:
        result += value
    return result


def main() -> None:
    """Indexes, measures and iterates over tables."""
    print(len(PRIMES), PRIMES[0], PRIMES[len(PRIMES) - 1], total(PRIMES))
    for name in NAMES:
        print(name)
    minutes: usize = 0
    for index, step in enumerate(STEPS):
        print(index, step.name, step.minutes)
        minutes += step.minutes
    print(minutes)
