"""`TmpInode`: what files, directories and links of a tmpfs have in common.

A directory entry holds a reference to its inode, so an inode goes when its last name and its last
user are gone, in either order.
"""

from __future__ import annotations

from bare import raises, struct, u16, u32, u64
from kernel.fs.inode import Inode, NewAttributes
from kernel.fs.inode_kind import InodeKind
from kernel.fs.tmp.file_system import TmpFileSystem


@struct
class TmpInode(Inode):
    """A node of a tmpfs."""

    tmp: TmpFileSystem

    def begin(
        self, tmp: TmpFileSystem, number: u64, kind: InodeKind, attributes: NewAttributes
    ) -> None:
        """Begins the life of an object from `allocate`, with one reference, the caller's."""
        self.start(tmp, number, kind, attributes.permissions)
        self.tmp = tmp
        self.owner = attributes.owner
        self.group = attributes.group
        self.touch()

    def touch(self) -> None:
        """Sets the time of modification to now."""
        self.modified_ns = u64(max(self.tmp.clock.wall_ns(), 0))

    @raises()
    def set_permissions(self, permissions: u16) -> None:
        self.permissions = permissions

    @raises()
    def set_owner(self, owner: u32, group: u32) -> None:
        self.owner = owner
        self.group = group

    @raises()
    def set_modified(self, time_ns: u64) -> None:
        self.modified_ns = time_ns
