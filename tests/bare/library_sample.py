"""Holders for the containers of `bare.lib`, so that tests can drive them."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, Span, inline, raises, struct, u8, u32, u64, usize
from bare.lib.arena import Arena
from bare.lib.bitmap import Bitmap
from bare.lib.map import Map, TextMap
from bare.lib.pool import Pool
from bare.lib.ring import Ring
from bare.lib.text import Text
from bare.lib.vec import StructVec, Vec


@struct
class Numbers:
    """A table of integers."""

    table: Map[u32, u64] = inline()

    def __init__(self, arena: Arena) -> None:
        self.table.allocator = arena

    @raises(ENOMEM)
    def put(self, key: u32, value: u64) -> None:
        """Sets a value."""
        self.table.put(key, value)

    def get(self, key: u32, default: u64) -> u64:
        """Returns a value."""
        return self.table.get(key, default)

    def remove(self, key: u32) -> bool:
        """Takes an entry away."""
        return self.table.remove(key)

    def count(self) -> usize:
        """Returns the number of entries."""
        return len(self.table)

    def sum_of_keys(self) -> u64:
        """Walks the entries."""
        total: u64 = 0
        index = self.table.next_entry(0)
        while index < len(self.table.entries):
            total += self.table.entries[index].key
            index = self.table.next_entry(index + 1)
        return total


@struct
class Words:
    """A table of byte strings."""

    table: TextMap[u32] = inline()

    def __init__(self, arena: Arena) -> None:
        self.table.allocator = arena

    @raises(ENOMEM)
    def put(self, key: Bytes, value: u32) -> None:
        """Sets a value."""
        self.table.put(key, value)

    def get(self, key: Bytes) -> u32:
        """Returns a value, or 0."""
        return self.table.get(key, 0)

    def remove(self, key: Bytes) -> bool:
        """Takes an entry away."""
        return self.table.remove(key)


@struct
class Item:
    """An object of a pool."""

    number: u32 = 77
    next: Item | None = None


@struct
class Items:
    """A pool, and references to its objects in a Vec."""

    pool: Pool[Item] = inline()
    live: Vec[Item | None] = inline()

    def __init__(self, arena: Arena) -> None:
        self.pool.slabs.source = arena
        self.live.allocator = arena

    @raises(ENOMEM)
    def make(self, number: u32) -> u32:
        """Makes an object and returns the number that it had."""
        item = self.pool.alloc()
        before = item.number
        item.number = number
        self.live.append(item)
        return before

    def free(self, index: usize) -> u32:
        """Frees an object and returns its number; the last one takes its index."""
        item = self.live.get(index)
        assert item is not None, "the object is live"
        last = self.live.pop()
        if index < len(self.live):
            self.live.set(index, last)
        number = item.number
        self.pool.free(item)
        return number

    def number(self, index: usize) -> u32:
        """Returns the number of a live object."""
        item = self.live.get(index)
        return item.number if item is not None else 0

    def count(self) -> usize:
        """Returns the number of live objects."""
        return self.pool.count()


@struct
class Sequence:
    """A Vec and a StructVec with the same numbers."""

    numbers: Vec[u64] = inline()
    items: StructVec[Item] = inline()

    def __init__(self, arena: Arena) -> None:
        self.numbers.allocator = arena
        self.items.allocator = arena

    @raises(ENOMEM)
    def append(self, number: u32) -> None:
        """Adds to both."""
        self.numbers.append(number)
        self.items.append().number = number

    def pop(self) -> u64:
        """Takes from both."""
        assert (
            self.items.get(len(self.items) - 1).number == self.numbers.view()[len(self.numbers) - 1]
        ), "both are equal"
        self.items.remove_last()
        return self.numbers.pop()

    def get(self, index: usize) -> u64:
        """Reads both."""
        assert self.items.get(index).number == self.numbers.get(index), "both are equal"
        return self.numbers.get(index)


@struct
class Line:
    """A text."""

    text: Text = inline()

    def __init__(self, arena: Arena) -> None:
        self.text.allocator = arena

    def write(self, data: Bytes) -> bool:
        """Writes; False where something was left out."""
        self.text.write(data)
        return not self.text.is_truncated

    def content(self) -> Bytes:
        """Returns all of it."""
        return self.text.view()


def ring_trace(storage: Span[u8], steps: Bytes) -> u64:
    """Pushes the steps above zero and pops at zero; returns a digest of what came out."""
    ring = Ring[u8](storage)
    digest: u64 = 7
    for step in steps:
        if step > 0 and not ring.is_full():
            ring.push(step)
        elif step == 0 and not ring.is_empty():
            digest = (digest * 31 + ring.pop()) % 1_000_000_007
    return digest * 1000 + len(ring)


def members(words: Span[u64], numbers: Span[u32], target: Span[u32]) -> usize:
    """Adds numbers to a set, takes every third away, and lists what is left."""
    found = Bitmap(words)
    for number in numbers:
        found.add(number)
    for index in range(usize(0), len(numbers), 3):
        found.remove(numbers[index])
    count: usize = 0
    member = found.first_from(0)
    while member < found.capacity():
        target[count] = u32(member)
        count += 1
        member = found.first_from(member + 1)
    assert count == found.count(), "the count is right"
    return count


def first_missing(words: Span[u64], start: usize) -> usize:
    """Returns the first number that is not in a set."""
    return Bitmap(words).first_missing_from(start)
