"""`DirectorySink`: where the entries of a directory go."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Bytes, raises, struct, u64
from kernel.fs.inode_kind import InodeKind

DOT: bytes = b"."
DOT_DOT: bytes = b".."
DOT_ENTRIES: u64 = 2
"""Cursor of the first entry behind `.` and `..`."""


@struct
class DirectorySink(ABC):
    """Takes directory entries one by one."""

    @abstractmethod
    @raises()
    def add(self, name: Bytes, number: u64, kind: InodeKind, next_cursor: u64) -> bool:
        """Takes one entry; false when it has no room and wants no more.

        `next_cursor` is the position from which a later read goes on behind this entry. May not
        block: file systems call it with their locks held.
        """


@raises()
def add_dot_entries(sink: DirectorySink, cursor: u64, own: u64, parent: u64) -> u64:
    """Gives `sink` the entries `.` and `..` as far as `cursor` asks; returns the next cursor.

    The result is below `DOT_ENTRIES` where the sink is full.
    """
    if cursor == 0:
        if not sink.add(DOT, own, InodeKind.DIRECTORY, 1):
            return 0
        cursor = 1
    if cursor == 1:
        if not sink.add(DOT_DOT, parent, InodeKind.DIRECTORY, DOT_ENTRIES):
            return 1
        cursor = DOT_ENTRIES
    return cursor
