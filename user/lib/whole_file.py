"""Small files, read at once."""

from __future__ import annotations

from abi.file import AT_FDCWD, O_CLOEXEC, O_RDONLY
from bare import Bytes, Span, raises, u8, usize
from user.lib import sys
from user.lib.inputs import close_quietly


@raises()
def read_file(path: Bytes, into: Span[u8]) -> usize:
    """Reads a file's first bytes, as many as there is room for; returns how many."""
    descriptor = sys.openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)
    length: usize = 0
    try:
        while length < len(into):
            count = sys.read(descriptor, into[length:])
            if count == 0:
                break
            length += count
    finally:
        close_quietly(descriptor)
    return length
