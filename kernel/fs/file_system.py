"""`FileSystem`: one mounted instance, what all its inodes share."""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.file import StatFs
from bare import raises, struct, u64


@struct
class FileSystem(ABC):
    """An instance of a file system; `device_number` tells instances apart in `st_dev`."""

    device_number: u64
    is_read_only: bool

    @abstractmethod
    @raises()
    def statfs(self, into: StatFs) -> None:
        """Fills in capacity and use."""
