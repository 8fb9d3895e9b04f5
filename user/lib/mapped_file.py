"""A file mapped read-only into memory: its pages come from the page cache when they are touched."""

from __future__ import annotations

from abi.errno import EINVAL
from abi.file import AT_FDCWD, O_CLOEXEC, O_RDONLY, S_IFMT, S_IFREG, Stat
from abi.memory import MAP_PRIVATE, PROT_READ
from bare import Bytes, raises, u8, usize
from bare.unsafe import span_at
from user.lib import sys


@raises()
def map_file(path: Bytes) -> Bytes:
    """Maps a regular file for the rest of the program's life. EINVAL for anything else."""
    descriptor = sys.openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)
    try:
        record = Stat()
        sys.fstat(descriptor, record)
        if record.mode & S_IFMT != S_IFREG:
            raise OSError(EINVAL)
        size = usize(record.size_bytes)
        if size == 0:
            return b""
        address = sys.mmap(0, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        # SAFETY: the kernel mapped `size` bytes here, and nothing unmaps them.
        return span_at(u8, address, size)
    finally:
        sys.close(descriptor)
