"""`EntryBuffer`: directory entries as `getdents64` gives them, gathered in the kernel."""

from __future__ import annotations

from abi.file import DirectoryEntry
from bare import (
    Bytes,
    Span,
    i64,
    raises,
    size_of,
    store_i64,
    store_u16,
    store_u64,
    struct,
    u8,
    u16,
    u64,
    usize,
)
from kernel.fs.directory_sink import DirectorySink
from kernel.fs.inode_kind import InodeKind

HEAD_SIZE: usize = size_of(DirectoryEntry)
NEXT_PLACE: usize = 8
LENGTH_PLACE: usize = 16
KIND_PLACE: usize = 18
ALIGNMENT: usize = 8


@struct
class EntryBuffer(DirectorySink):
    """Collects records in `bytes` until one does not fit."""

    bytes: Span[u8]
    used: usize = 0
    is_full: bool = False

    @raises()
    def add(self, name: Bytes, number: u64, kind: InodeKind, next_cursor: u64) -> bool:
        length = record_length(len(name))
        if length > len(self.bytes) - self.used:
            self.is_full = True
            return False
        record = self.bytes[self.used : self.used + length]
        store_u64(record, 0, number)
        store_i64(record, NEXT_PLACE, i64(next_cursor))
        store_u16(record, LENGTH_PLACE, u16(length))
        record[KIND_PLACE] = u8(kind)
        end = HEAD_SIZE + len(name)
        record[HEAD_SIZE:end].copy_from(name)
        record[end:].fill(0)
        self.used += length
        return True


def record_length(name_length: usize) -> usize:
    """Returns the size of a record: head, name and its zero, rounded up."""
    return (HEAD_SIZE + name_length + 1 + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
