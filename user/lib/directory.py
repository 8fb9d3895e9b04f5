"""`DirectoryReader`: the names in a directory, one after the other."""

from __future__ import annotations

from abi.file import AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY, DirectoryEntry
from bare import Array, Bytes, array, i32, raises, size_of, struct, u8, usize, view
from user.lib import sys
from user.lib.inputs import close_quietly
from user.lib.strings import until_zero

BUFFER_BYTES = 2048


@struct
class DirectoryReader:
    """An open directory and the entries read from it that nobody has taken yet.

    `name` and `kind` (a DT_ number) describe the entry that `next` stepped to.
    """

    descriptor: i32 = -1
    start: usize = 0
    end: usize = 0
    kind: u8 = 0
    name: Bytes = b""
    buffer: Array[u8] = array(BUFFER_BYTES)

    @raises()
    def open(self, path: Bytes) -> None:
        """Opens the directory `path`."""
        self.descriptor = sys.openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        self.start = 0
        self.end = 0

    @raises()
    def next(self) -> bool:
        """Steps to the next entry, `.` and `..` left out; False when there is none."""
        while self.step():
            if self.name != b"." and self.name != b"..":
                return True
        return False

    @raises()
    def step(self) -> bool:
        """Steps to the next entry of any name."""
        if self.start == self.end:
            self.start = 0
            self.end = sys.getdents64(self.descriptor, self.buffer[:])
            if self.end == 0:
                return False
        entry = view(DirectoryEntry, self.buffer[: self.end], self.start)
        name_start = self.start + size_of(DirectoryEntry)
        self.start += entry.record_length
        self.kind = entry.kind
        self.name = until_zero(self.buffer[name_start : self.start])
        return True

    def close(self) -> None:
        """Closes the directory."""
        close_quietly(self.descriptor)
        self.descriptor = -1
