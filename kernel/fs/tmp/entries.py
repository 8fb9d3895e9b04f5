"""`TmpEntries`: the entries of one tmpfs directory, by name and in the order of their making.

A hash table that doubles, and a list in the order of cursors, so that reading a directory in pieces
neither skips nor repeats an entry that stays. The tree lock of the file system is held by the
caller; what is allocated under it comes from the heap.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Bytes,
    Span,
    allocate,
    allocate_span,
    raises,
    release,
    struct,
    u8,
    u32,
    u64,
    wrapping_mul,
)
from bare.lib.allocator import Allocator
from kernel.fs.tmp.inode import TmpInode

FIRST_BUCKETS: u32 = 8
FIRST_CURSOR: u64 = 2
"""Cursors 0 and 1 are those of `.` and `..`."""
HASH_START: u32 = 0x811C_9DC5
HASH_FACTOR: u32 = 0x0100_0193
"""FNV-1a."""


@struct
class TmpEntry:
    """A name of an inode; holds a reference to it."""

    inode: TmpInode
    name: Span[u8]
    hash: u32
    cursor: u64
    next_in_bucket: TmpEntry | None
    next: TmpEntry | None
    previous: TmpEntry | None


@struct
class TmpBucket:
    """The entries whose hashes end alike."""

    first: TmpEntry | None


@struct
class TmpEntries:
    """The entries of a directory. Zeroed, then `start`, is empty."""

    allocator: Allocator
    buckets: Span[TmpBucket]
    first: TmpEntry | None
    last: TmpEntry | None
    count: u32
    next_cursor: u64

    def start(self, allocator: Allocator) -> None:
        """Makes the object usable."""
        self.allocator = allocator
        self.next_cursor = FIRST_CURSOR

    def find(self, name: Bytes) -> TmpEntry | None:
        """Returns the entry `name`."""
        if len(self.buckets) == 0:
            return None
        wanted = name_hash(name)
        entry = self.buckets[wanted & u32(len(self.buckets) - 1)].first
        while entry is not None:
            if entry.hash == wanted and entry.name == name:
                return entry
            entry = entry.next_in_bucket
        return None

    @raises(ENOMEM)
    def prepare(self, name: Bytes, inode: TmpInode) -> TmpEntry:
        """Makes an entry, not yet in the directory, and room for it; it references `inode`."""
        self._make_room()
        entry = allocate(self.allocator, TmpEntry)
        try:
            entry.name = allocate_span(self.allocator, u8, len(name))
        except OSError:
            release(self.allocator, entry)
            raise
        entry.name.copy_from(name)
        entry.hash = name_hash(name)
        inode.get()
        entry.inode = inode
        return entry

    def discard(self, entry: TmpEntry) -> None:
        """Frees an entry that is in no directory; does not put its inode."""
        release(self.allocator, entry.name)
        release(self.allocator, entry)

    def insert(self, entry: TmpEntry) -> None:
        """Puts a prepared entry into the directory; cannot fail."""
        entry.cursor = self.next_cursor
        self.next_cursor += 1
        entry.previous = self.last
        entry.next = None
        last = self.last
        if last is None:
            self.first = entry
        else:
            last.next = entry
        self.last = entry
        self._chain(entry)
        self.count += 1

    def remove(self, entry: TmpEntry) -> None:
        """Takes an entry out of the directory; it still holds its inode."""
        previous = entry.previous
        following = entry.next
        if previous is None:
            self.first = following
        else:
            previous.next = following
        if following is None:
            self.last = previous
        else:
            following.previous = previous
        self._unchain(entry)
        self.count -= 1

    def at_or_behind(self, cursor: u64) -> TmpEntry | None:
        """Returns the first entry whose cursor is not below `cursor`."""
        entry = self.first
        while entry is not None and entry.cursor < cursor:
            entry = entry.next
        return entry

    def free_table(self) -> None:
        """Frees the memory of an empty directory."""
        if len(self.buckets) > 0:
            release(self.allocator, self.buckets)
            self.buckets = self.buckets[:0]

    @raises(ENOMEM)
    def _make_room(self) -> None:
        """Grows the table so that one more entry keeps the chains short."""
        size = u32(len(self.buckets))
        if self.count < size:
            return
        old = self.buckets
        self.buckets = allocate_span(self.allocator, TmpBucket, max(2 * size, FIRST_BUCKETS))
        entry = self.first
        while entry is not None:
            self._chain(entry)
            entry = entry.next
        if size > 0:
            release(self.allocator, old)

    def _chain(self, entry: TmpEntry) -> None:
        bucket = self._bucket(entry)
        entry.next_in_bucket = bucket.first
        bucket.first = entry

    def _unchain(self, entry: TmpEntry) -> None:
        bucket = self._bucket(entry)
        if bucket.first is entry:
            bucket.first = entry.next_in_bucket
            return
        before = bucket.first
        while before is not None:
            if before.next_in_bucket is entry:
                before.next_in_bucket = entry.next_in_bucket
                return
            before = before.next_in_bucket

    def _bucket(self, entry: TmpEntry) -> TmpBucket:
        return self.buckets[entry.hash & u32(len(self.buckets) - 1)]


def name_hash(name: Bytes) -> u32:
    """Returns the FNV-1a hash of a name."""
    value = HASH_START
    for byte in name:
        value = wrapping_mul(value ^ byte, HASH_FACTOR)
    return value
