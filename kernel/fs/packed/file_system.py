"""`PackedFileSystem`: a mounted base image, its inodes made as they are asked for.

Inodes stay once they are made: their number is that of the image's nodes, and they hold the cached
pages.
"""

from __future__ import annotations

from abi.baseimage import PAGE_SIZE
from abi.file import StatFs
from abi.limits import NAME_MAX
from bare import Span, i64, inline, raises, struct, u64
from bare.lib.allocator import Allocator
from kernel.device.block import BlockDevice
from kernel.device.log import Log
from kernel.fs.file_system import FileSystem
from kernel.fs.inode import Inode
from kernel.fs.packed.node import Metadata
from kernel.fs.page_cache import PageCache
from kernel.sync.spin_lock import SpinLock

PACKED_MAGIC: i64 = 0x5357_4F53
"""SWOS, what `statfs` says."""


@struct
class InodeSlot:
    """The inode of one node, once it was asked for; holds a reference."""

    inode: Inode | None


@struct
class PackedFileSystem(FileSystem):
    """An image on a device. Made by `mount_packed`."""

    allocator: Allocator
    device: BlockDevice
    cache: PageCache
    log: Log
    metadata: Metadata
    # under lock
    lock: SpinLock = inline()
    inodes: Span[InodeSlot]
    """By number of the node."""

    @raises()
    def statfs(self, into: StatFs) -> None:
        superblock = self.metadata.superblock
        into.kind = PACKED_MAGIC
        into.block_size = i64(PAGE_SIZE)
        into.fragment_size = i64(PAGE_SIZE)
        into.blocks = superblock.size // PAGE_SIZE
        into.files = superblock.node_count
        into.name_length = i64(NAME_MAX)
        into.identity = self.device_number

    def block_of(self, offset: u64) -> u64:
        """Returns the device's block that holds byte `offset` of the image."""
        return offset // self.device.block_size
