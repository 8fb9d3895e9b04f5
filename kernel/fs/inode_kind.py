"""`InodeKind`: what an inode is, with the file type bits of a mode."""

from __future__ import annotations

from bare import Enum8, u8, u32

MODE_TYPE_SHIFT: u32 = 12
MODE_PERMISSIONS: u32 = 0o7777


class InodeKind(Enum8):
    """The value is the `d_type` of a directory entry and, shifted by 12, the type of a mode."""

    FIFO = 1
    CHARACTER = 2
    DIRECTORY = 4
    BLOCK = 6
    REGULAR = 8
    SYMLINK = 10
    SOCKET = 12


def mode_type(kind: InodeKind) -> u32:
    """Returns the file type bits of `st_mode`."""
    return u32(u8(kind)) << MODE_TYPE_SHIFT
