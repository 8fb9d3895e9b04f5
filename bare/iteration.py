"""`Items`: the base of a class that a `for` loop can walk.

The class implements `next_item`; the loop calls it until it returns `None`. Nothing is allocated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Items(ABC, Generic[T]):
    """A sequence that is produced one item at a time."""

    @abstractmethod
    def next_item(self) -> T | None:
        """Returns the next item, or `None` at the end."""

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        item = self.next_item()
        if item is None:
            raise StopIteration
        return item
