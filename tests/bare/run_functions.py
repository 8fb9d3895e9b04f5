"""Defaults, keyword arguments, recursion, static methods and hints."""

from __future__ import annotations

from bare import always_inline, export, never_inline, scalar_loops, struct, u32, u64

STEP = 3


def power(base: u64, exponent: u32 = 2, *, modulus: u64 = 1_000_007) -> u64:
    """Raises to a power, modulo a number."""
    result: u64 = 1
    for _ in range(exponent):
        result = result * base % modulus
    return result


@always_inline
def square(value: u32) -> u32:
    """Is placed into its callers."""
    return value * value


@never_inline
def cube(value: u32) -> u32:
    """Is always called."""
    return value * square(value)


@scalar_loops
def square_sum(count: u64) -> u64:
    """Has a loop that stays a loop over single numbers."""
    total: u64 = 0
    for number in range(count):
        total += number * number
    return total


@export("bare_test_answer")
def answer() -> u32:
    """Has a name for the linker."""
    return 42


def factorial(number: u64) -> u64:
    """Recurses."""
    return 1 if number < 2 else number * factorial(number - 1)


def is_even(number: u32) -> bool:
    """Recurses by way of another function."""
    return True if number == 0 else is_odd(number - 1)


def is_odd(number: u32) -> bool:
    """Recurses by way of another function."""
    return False if number == 0 else is_even(number - 1)


@struct
class Tools:
    """Has static methods."""

    value: u32 = 1

    @staticmethod
    def add(left: u32, right: u32 = STEP) -> u32:
        """Adds."""
        return left + right

    def grow(self, by: u32 = STEP) -> u32:
        """Grows."""
        self.value += by
        return self.value


@struct
class Counter:
    """Counts how often it was asked."""

    count: u32 = 0

    def advance(self) -> u32:
        """Gives 1, 2, 3 and so on."""
        self.count += 1
        return self.count


@struct
class Pair:
    """Two numbers."""

    first: u32
    second: u32


def subtract(left: u32, right: u32, scale: u32 = 1) -> u32:
    """Subtracts and scales."""
    return (left - right) * scale


def in_source_order() -> None:
    """Evaluates arguments as they are written, whatever their order in the definition."""
    counter = Counter()
    print(subtract(right=counter.advance(), left=counter.advance()))
    print(subtract(scale=counter.advance(), right=counter.advance(), left=counter.advance()))
    pair = Pair(second=counter.advance(), first=counter.advance())
    print(pair.first, pair.second)


def main() -> None:
    """Calls."""
    in_source_order()
    print(power(7), power(7, 3), power(exponent=5, base=7), power(7, modulus=10))
    print(square(9), cube(3), answer(), square_sum(11))
    print(factorial(20), is_even(10), is_odd(10))
    tools = Tools()
    print(Tools.add(1), Tools.add(1, right=2), tools.grow(), tools.grow(by=10))
