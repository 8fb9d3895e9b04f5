"""`Vec` and `StructVec`: sequences that grow, in memory from an allocator.

`Vec[T]` holds scalars and nullable references (`Vec[Node | None]`). `StructVec[T]` holds structs
themselves: `append()` gives a reference to a new one to fill in. Growing moves the elements: keep
an index, not a span or a reference, across `append`.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from abi.errno import ENOMEM
from bare import Allocator, Span, allocate_span, copy_struct, raises, release, struct, usize

T = TypeVar("T")

FIRST_CAPACITY = 8


@struct
class Vec(Generic[T]):
    """A growing sequence of scalars or references."""

    allocator: Allocator
    storage: Span[T]
    length: usize

    def __init__(self, allocator: Allocator) -> None:
        self.allocator = allocator
        self.length = 0

    def __len__(self) -> usize:
        return self.length

    def get(self, index: usize) -> T:
        """Returns element `index`; traps outside the sequence."""
        return self.view()[index]

    def set(self, index: usize, value: T) -> None:
        """Sets element `index`; traps outside the sequence."""
        self.view()[index] = value

    def view(self) -> Span[T]:
        """Returns the elements as a span, valid until the sequence grows."""
        return self.storage[: self.length]

    @raises(ENOMEM)
    def append(self, value: T) -> None:
        """Adds an element at the end; where memory is short nothing changes."""
        if self.length == len(self.storage):
            self.grow()
        self.storage[self.length] = value
        self.length += 1

    def pop(self) -> T:
        """Takes the last element away and returns it; traps where there is none."""
        self.length -= 1
        return self.storage[self.length]

    def clear(self) -> None:
        """Takes all elements away and keeps the memory."""
        self.length = 0

    @raises(ENOMEM)
    def grow(self) -> None:
        """Doubles the room."""
        capacity = max(2 * len(self.storage), FIRST_CAPACITY)
        grown: Span[T] = allocate_span(self.allocator, capacity)
        grown[: self.length].copy_from(self.view())
        self.free()
        self.storage = grown

    def free(self) -> None:
        """Gives the memory back; the sequence must not be used after it, except to grow."""
        if len(self.storage) > 0:
            release(self.allocator, self.storage)


@struct
class StructVec(Generic[T]):
    """A growing sequence of structs."""

    allocator: Allocator
    storage: Span[T]
    length: usize

    def __init__(self, allocator: Allocator) -> None:
        self.allocator = allocator
        self.length = 0

    def __len__(self) -> usize:
        return self.length

    def get(self, index: usize) -> T:
        """Returns a reference to element `index`; traps outside the sequence."""
        return self.view()[index]

    def view(self) -> Span[T]:
        """Returns the elements as a span, valid until the sequence grows."""
        return self.storage[: self.length]

    @raises(ENOMEM)
    def append(self) -> T:
        """Adds an element at the end and returns a reference to it.

        It is zeroed and has its defaults where no `remove_last` was before it, else what the
        element that stood there had.
        """
        if self.length == len(self.storage):
            self.grow()
        self.length += 1
        return self.storage[self.length - 1]

    def remove_last(self) -> None:
        """Takes the last element away; traps where there is none."""
        self.length -= 1

    def clear(self) -> None:
        """Takes all elements away and keeps the memory."""
        self.length = 0

    @raises(ENOMEM)
    def grow(self) -> None:
        """Doubles the room."""
        capacity = max(2 * len(self.storage), FIRST_CAPACITY)
        grown: Span[T] = allocate_span(self.allocator, capacity)
        for index in range(self.length):
            copy_struct(grown[index], self.storage[index])
        self.free()
        self.storage = grown

    def free(self) -> None:
        """Gives the memory back; the sequence must not be used after it, except to grow."""
        if len(self.storage) > 0:
            release(self.allocator, self.storage)
