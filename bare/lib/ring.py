"""`Ring`: a queue of fixed capacity in a span that the owner provides."""

from __future__ import annotations

from typing import Generic, TypeVar

from bare import Span, struct, usize

T = TypeVar("T")


@struct
class Ring(Generic[T]):
    """A first-in, first-out queue of scalars or nullable references. No locking."""

    storage: Span[T]
    first: usize = 0
    length: usize = 0

    def __len__(self) -> usize:
        return self.length

    def is_empty(self) -> bool:
        """Whether there is nothing to take."""
        return self.length == 0

    def is_full(self) -> bool:
        """Whether there is no room."""
        return self.length == len(self.storage)

    def push(self, value: T) -> None:
        """Adds an item behind the others; traps where the ring is full."""
        assert self.length < len(self.storage), "the ring is full"
        self.storage[(self.first + self.length) % len(self.storage)] = value
        self.length += 1

    def peek(self) -> T:
        """Returns the first item; traps where there is none."""
        assert self.length > 0, "the ring is empty"
        return self.storage[self.first]

    def pop(self) -> T:
        """Takes the first item; traps where there is none."""
        value = self.peek()
        self.first = (self.first + 1) % len(self.storage)
        self.length -= 1
        return value

    def clear(self) -> None:
        """Takes everything away."""
        self.first = 0
        self.length = 0
