"""`DirectorySink`: where the entries of a directory go."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bare import Bytes, raises, struct, u64
from kernel.fs.inode_kind import InodeKind


@struct
class DirectorySink(ABC):
    """Takes directory entries one by one."""

    @abstractmethod
    @raises()
    def add(self, name: Bytes, number: u64, kind: InodeKind, next_cursor: u64) -> bool:
        """Takes one entry; false when it has no room and wants no more.

        `next_cursor` is the position from which a later read goes on behind this entry.
        """
