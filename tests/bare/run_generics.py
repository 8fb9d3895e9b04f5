"""Generic classes and functions are compiled once for each set of types."""

from __future__ import annotations

from typing import Generic, TypeVar

from bare import Array, Span, array, i64, struct, u8, u32

T = TypeVar("T")
N = TypeVar("N", bound=int)


@struct
class Stack(Generic[T]):
    """A stack over a span."""

    items: Span[T]
    depth: u32 = 0

    def push(self, item: T) -> None:
        """Pushes."""
        self.items[self.depth] = item
        self.depth += 1

    def pop(self) -> T:
        """Pops."""
        self.depth -= 1
        return self.items[self.depth]


@struct
class Pair(Generic[T]):
    """Two of a kind."""

    first: T
    second: T

    def swap(self) -> None:
        """Swaps."""
        first = self.first
        self.first = self.second
        self.second = first


@struct
class Box:
    """Is referred to."""

    value: u8 = 4


def largest(values: Span[N]) -> N:
    """Returns the largest of a span."""
    result = values[0]
    for value in values:
        result = max(result, value)
    return result


def same(left: T, right: T) -> T:
    """Returns the second of two."""
    return right


def main() -> None:
    """Uses several instances."""
    numbers: Array[u32] = array(4)
    stack = Stack[u32](numbers)
    stack.push(70000)
    stack.push(5)
    print(stack.pop(), stack.pop(), stack.depth)
    flags: Array[bool] = array(2)
    switches = Stack(flags)
    switches.push(True)
    print(switches.pop())
    words = Pair[i64](-1, 2)
    words.swap()
    print(words.first, words.second)
    small = Box()
    large = Box(9)
    boxes = Pair(small, large)
    boxes.swap()
    print(boxes.first.value, boxes.second is small)
    values: Array[i64] = array(3)
    values[0] = -5
    values[1] = -2
    values[2] = -9
    print(largest(values), largest(numbers), same(small, large).value, same(True, False))
