"""`StringList`: a growing list of byte strings that can be sorted."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Bytes, Span, allocate_span, copy_struct, i32, raises, release, struct, u8, usize
from user.lib.standard import standard
from user.lib.strings import compare

FIRST_CAPACITY = 64


@struct
class Item:
    """One string, in the heap."""

    data: Span[u8]


@struct
class Order(ABC):
    """An order of strings."""

    @abstractmethod
    def compare(self, left: Bytes, right: Bytes) -> i32:
        """Returns less than 0 where `left` comes first, 0 where neither does, else more."""


@struct
class ByteOrder(Order):
    """The order of the bytes' values."""

    def compare(self, left: Bytes, right: Bytes) -> i32:
        """Compares byte by byte."""
        return compare(left, right)


@struct
class StringList:
    """`count` strings; each is a copy in the heap."""

    items: Span[Item] | None = None
    count: usize = 0

    @raises()
    def add(self, data: Bytes) -> None:
        """Copies `data` to the end of the list."""
        items = self.items
        if items is None:
            items = allocate_span(standard().heap, Item, FIRST_CAPACITY)
        elif self.count == len(items):
            items = grown(items)
        self.items = items
        copy = allocate_span(standard().heap, u8, len(data))
        copy.copy_from(data)
        items[self.count].data = copy
        self.count += 1

    def get(self, index: usize) -> Bytes:
        """Returns string `index`, below `count`."""
        items = self.items
        assert items is not None, "the list is empty"
        return items[: self.count][index].data

    def free(self) -> None:
        """Gives all memory back and leaves an empty list."""
        items = self.items
        if items is None:
            return
        for index in range(self.count):
            if len(items[index].data) > 0:
                release(standard().heap, items[index].data)
        release(standard().heap, items)
        self.items = None
        self.count = 0

    @raises()
    def sort(self, order: Order) -> None:
        """Sorts; strings of which neither comes first keep their places (merge sort, bottom up)."""
        items = self.items
        if items is None or self.count < 2:
            return
        source = items[: self.count]
        spare = allocate_span(standard().heap, Item, self.count)
        target = spare
        width: usize = 1
        while width < self.count:
            merge_runs(source, target, width, order)
            swap = source
            source = target
            target = swap
            width *= 2
        for index in range(self.count):
            copy_struct(items[index], source[index])
        release(standard().heap, spare)


@raises()
def grown(items: Span[Item]) -> Span[Item]:
    """Returns a span of twice the length with the same items, and frees the old one."""
    larger = allocate_span(standard().heap, Item, 2 * len(items))
    for index in range(len(items)):
        copy_struct(larger[index], items[index])
    release(standard().heap, items)
    return larger


def merge_runs(source: Span[Item], target: Span[Item], width: usize, order: Order) -> None:
    """Merges each two neighbouring sorted runs of `width` items into `target`."""
    start: usize = 0
    while start < len(source):
        middle = min(start + width, len(source))
        end = min(middle + width, len(source))
        merge(source[start:middle], source[middle:end], target[start:end], order)
        start = end


def merge(left: Span[Item], right: Span[Item], target: Span[Item], order: Order) -> None:
    """Merges two sorted spans; of equal items the left one comes first."""
    i: usize = 0
    j: usize = 0
    for item in target:
        takes_left = j == len(right)
        if not takes_left and i < len(left):
            takes_left = order.compare(left[i].data, right[j].data) <= 0
        if takes_left:
            copy_struct(item, left[i])
            i += 1
        else:
            copy_struct(item, right[j])
            j += 1
