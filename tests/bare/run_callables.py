"""Callable holds a module-level function or a static method."""

from __future__ import annotations

from collections.abc import Callable

from bare import Array, Span, array, struct, u32


def add(left: u32, right: u32) -> u32:
    """Adds."""
    return left + right


def larger(left: u32, right: u32) -> u32:
    """Chooses."""
    return max(left, right)


def fold(values: Span[u32], operation: Callable[[u32, u32], u32], start: u32) -> u32:
    """Combines all values."""
    result = start
    for value in values:
        result = operation(result, value)
    return result


@struct
class Tools:
    """Has a static method."""

    @staticmethod
    def product(left: u32, right: u32) -> u32:
        """Multiplies."""
        return left * right


@struct
class Button:
    """May have something to call."""

    label: u32
    on_press: Callable[[u32], None] | None = None


def shout(label: u32) -> None:
    """Prints."""
    print("pressed", label)


TABLE: tuple[Callable[[u32, u32], u32], ...] = (add, larger, Tools.product)


def press(button: Button) -> bool:
    """Calls if there is something."""
    action = button.on_press
    if action is None:
        return False
    action(button.label)
    return True


def choose(is_sum: bool) -> Callable[[u32, u32], u32]:
    """Returns a function."""
    return add if is_sum else larger


def main() -> None:
    """Calls through values."""
    values: Array[u32] = array(3)
    values[0] = 5
    values[1] = 7
    values[2] = 2
    print(fold(values, add, 0), fold(values, larger, 0), fold(values, Tools.product, 1))
    for operation in TABLE:
        print(operation(6, 4), end=" ")
    print(choose(True)(1, 2), choose(False)(1, 2))
    print(press(Button(1)), press(Button(2, shout)))
