"""`Map` and `TextMap`: hash tables in memory from an allocator.

`Map[K, V]` has integer keys, `TextMap[V]` has `Bytes` keys, which it does not copy: they live at
least as long as the table. Values are scalars or nullable references.

Open addressing with linear probing, at most three quarters full; a removal leaves a mark, so that
probing goes on behind it, and growing drops the marks. Growing moves entries: keep no span of them.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Bytes,
    Enum8,
    Span,
    allocate_span,
    multiply_high,
    raises,
    release,
    struct,
    u64,
    usize,
    wrapping_mul,
)

K = TypeVar("K", bound=int)
V = TypeVar("V")

FIRST_CAPACITY = 16
GOLDEN = 0x9E37_79B9_7F4A_7C15
"""2**64 divided by the golden ratio, odd: spreads neighbouring keys (Knuth, TAOCP 6.4)."""

FNV_START = 0xCBF2_9CE4_8422_2325
FNV_PRIME = 0x0000_0100_0000_01B3


class Place(Enum8):
    """What a place of the table holds."""

    EMPTY = 0
    TAKEN = 1
    REMOVED = 2


def hash_number(key: u64) -> u64:
    """Returns a hash whose high bits depend on all bits of the key."""
    return wrapping_mul(key ^ key >> 32, GOLDEN)


def hash_bytes(key: Bytes) -> u64:
    """Returns the FNV-1a hash, multiplied so that its high bits are as good as the low ones."""
    value: u64 = FNV_START
    for byte in key:
        value = wrapping_mul(value ^ byte, FNV_PRIME)
    return hash_number(value)


def home_of(hash_value: u64, capacity: usize) -> usize:
    """Returns where probing for a hash begins in a table of `capacity` places."""
    return multiply_high(hash_value, capacity)


@struct
class Entry(Generic[K, V]):
    """A place of the table."""

    place: Place
    key: K
    value: V


@struct
class Map(Generic[K, V]):
    """A table from integers to values."""

    allocator: Allocator
    entries: Span[Entry[K, V]]
    length: usize
    """Entries."""
    used: usize
    """Entries and marks of removal."""

    def __init__(self, allocator: Allocator) -> None:
        self.allocator = allocator
        self.length = 0
        self.used = 0

    def __len__(self) -> usize:
        return self.length

    def find(self, key: K) -> usize:
        """Returns the index of the entry of `key`, or `len(entries)` where it is not in."""
        capacity = len(self.entries)
        if capacity == 0:
            return 0
        index = home_of(hash_number(u64(key)), capacity)
        while self.entries[index].place != Place.EMPTY:
            entry = self.entries[index]
            if entry.place == Place.TAKEN and entry.key == key:
                return index
            index = index + 1 if index + 1 < capacity else 0
        return capacity

    def has(self, key: K) -> bool:
        """Whether there is an entry for `key`."""
        return self.find(key) < len(self.entries)

    def get(self, key: K, default: V) -> V:
        """Returns the value of `key`, or `default`."""
        index = self.find(key)
        return self.entries[index].value if index < len(self.entries) else default

    def next_entry(self, index: usize) -> usize:
        """Returns the first index from `index` on where there is an entry, else `len(entries)`."""
        found = index
        while found < len(self.entries) and self.entries[found].place != Place.TAKEN:
            found += 1
        return found

    @raises(ENOMEM)
    def put(self, key: K, value: V) -> None:
        """Sets the value of `key`; where memory is short nothing changes."""
        index = self.find(key)
        if index < len(self.entries):
            self.entries[index].value = value
            return
        if 4 * (self.used + 1) > 3 * len(self.entries):
            self.grow()
        self.insert(key, value)

    def remove(self, key: K) -> bool:
        """Takes the entry of `key` away; False where there is none."""
        index = self.find(key)
        if index == len(self.entries):
            return False
        self.entries[index].place = Place.REMOVED
        self.length -= 1
        return True

    def insert(self, key: K, value: V) -> None:
        """Adds an entry for a key that is not in, into a table with room."""
        capacity = len(self.entries)
        index = home_of(hash_number(u64(key)), capacity)
        while self.entries[index].place != Place.EMPTY:
            index = index + 1 if index + 1 < capacity else 0
        entry = self.entries[index]
        entry.place = Place.TAKEN
        entry.key = key
        entry.value = value
        self.length += 1
        self.used += 1

    @raises(ENOMEM)
    def grow(self) -> None:
        """Moves the entries into a table of which they fill a quarter."""
        capacity = max(FIRST_CAPACITY, 4 * (self.length + 1))
        grown: Span[Entry[K, V]] = allocate_span(self.allocator, capacity)
        old = self.entries
        self.entries = grown
        self.length = 0
        self.used = 0
        for entry in old:
            if entry.place == Place.TAKEN:
                self.insert(entry.key, entry.value)
        if len(old) > 0:
            release(self.allocator, old)

    def free(self) -> None:
        """Gives the memory back; the table must not be used after it."""
        if len(self.entries) > 0:
            release(self.allocator, self.entries)


@struct
class TextEntry(Generic[V]):
    """A place of the table."""

    place: Place
    key: Bytes
    value: V


@struct
class TextMap(Generic[V]):
    """A table from bytes to values."""

    allocator: Allocator
    entries: Span[TextEntry[V]]
    length: usize
    """Entries."""
    used: usize
    """Entries and marks of removal."""

    def __init__(self, allocator: Allocator) -> None:
        self.allocator = allocator
        self.length = 0
        self.used = 0

    def __len__(self) -> usize:
        return self.length

    def find(self, key: Bytes) -> usize:
        """Returns the index of the entry of `key`, or `len(entries)` where it is not in."""
        capacity = len(self.entries)
        if capacity == 0:
            return 0
        index = home_of(hash_bytes(key), capacity)
        while self.entries[index].place != Place.EMPTY:
            entry = self.entries[index]
            if entry.place == Place.TAKEN and entry.key == key:
                return index
            index = index + 1 if index + 1 < capacity else 0
        return capacity

    def has(self, key: Bytes) -> bool:
        """Whether there is an entry for `key`."""
        return self.find(key) < len(self.entries)

    def get(self, key: Bytes, default: V) -> V:
        """Returns the value of `key`, or `default`."""
        index = self.find(key)
        return self.entries[index].value if index < len(self.entries) else default

    def next_entry(self, index: usize) -> usize:
        """Returns the first index from `index` on where there is an entry, else `len(entries)`."""
        found = index
        while found < len(self.entries) and self.entries[found].place != Place.TAKEN:
            found += 1
        return found

    @raises(ENOMEM)
    def put(self, key: Bytes, value: V) -> None:
        """Sets the value of `key`; where memory is short nothing changes."""
        index = self.find(key)
        if index < len(self.entries):
            self.entries[index].value = value
            return
        if 4 * (self.used + 1) > 3 * len(self.entries):
            self.grow()
        self.insert(key, value)

    def remove(self, key: Bytes) -> bool:
        """Takes the entry of `key` away; False where there is none."""
        index = self.find(key)
        if index == len(self.entries):
            return False
        self.entries[index].place = Place.REMOVED
        self.length -= 1
        return True

    def insert(self, key: Bytes, value: V) -> None:
        """Adds an entry for a key that is not in, into a table with room."""
        capacity = len(self.entries)
        index = home_of(hash_bytes(key), capacity)
        while self.entries[index].place != Place.EMPTY:
            index = index + 1 if index + 1 < capacity else 0
        entry = self.entries[index]
        entry.place = Place.TAKEN
        entry.key = key
        entry.value = value
        self.length += 1
        self.used += 1

    @raises(ENOMEM)
    def grow(self) -> None:
        """Moves the entries into a table of which they fill a quarter."""
        capacity = max(FIRST_CAPACITY, 4 * (self.length + 1))
        grown: Span[TextEntry[V]] = allocate_span(self.allocator, capacity)
        old = self.entries
        self.entries = grown
        self.length = 0
        self.used = 0
        for entry in old:
            if entry.place == Place.TAKEN:
                self.insert(entry.key, entry.value)
        if len(old) > 0:
            release(self.allocator, old)

    def free(self) -> None:
        """Gives the memory back; the table must not be used after it."""
        if len(self.entries) > 0:
            release(self.allocator, self.entries)
