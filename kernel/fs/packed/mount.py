"""Mounting a packed image: reads the superblock and the metadata, and checks both."""

from __future__ import annotations

from abi.baseimage import NODES_OFFSET, PAGE_SIZE, ROOT_NODE, SB_METADATA_SHA256
from abi.errno import EINVAL
from bare import (
    Array,
    Span,
    allocate,
    allocate_span,
    array,
    raises,
    release,
    struct,
    u8,
    u64,
)
from bare.lib.allocator import Allocator
from bare.lib.sha256 import sha256
from kernel.device.block import BlockDevice
from kernel.device.log import Log
from kernel.fs.inode import Inode
from kernel.fs.packed.file_system import InodeSlot, PackedFileSystem
from kernel.fs.packed.inode import packed_inode
from kernel.fs.packed.node import Metadata
from kernel.fs.packed.problem import Problem
from kernel.fs.packed.superblock import Superblock
from kernel.fs.page_cache import PageCache
from kernel.sync.lock_class import LockClass


@struct
class PackedMount:
    """What a mount needs, and where it says what was wrong."""

    allocator: Allocator
    device: BlockDevice
    cache: PageCache
    log: Log
    device_number: u64
    problem: Problem

    @raises()
    def mount(self) -> Inode:
        """Returns the root of the image on the device, with a reference for the caller.

        EUCLEAN: not an image, or a damaged one, as `problem` says; EIO, ENOMEM, EINVAL: the
        device's blocks do not divide a page. Blocks.
        """
        if PAGE_SIZE % self.device.block_size != 0:
            raise OSError(EINVAL)
        superblock = allocate(self.allocator, Superblock)
        try:
            self._read_superblock(superblock)
            metadata = allocate(self.allocator, Metadata)
        except OSError:
            release(self.allocator, superblock)
            raise
        metadata.superblock = superblock
        try:
            return self._mount_metadata(metadata)
        except OSError:
            release(self.allocator, metadata)
            release(self.allocator, superblock)
            raise

    @raises()
    def _mount_metadata(self, metadata: Metadata) -> Inode:
        metadata.bytes = allocate_span(self.allocator, u8, metadata.superblock.metadata_size())
        try:
            self._read_metadata(metadata)
            return self._make_file_system(metadata)
        except OSError:
            self._release_read(metadata.bytes)
            raise

    @raises()
    def _read_superblock(self, superblock: Superblock) -> None:
        self.problem.require(self.device.capacity() >= PAGE_SIZE, 0, "the disk has no first page")
        page = allocate_span(self.allocator, u8, PAGE_SIZE)
        try:
            self.device.read_blocks(0, page)
            superblock.read(page, self.device.capacity(), self.problem)
        finally:
            self._release_read(page)

    def _release_read(self, memory: Span[u8]) -> None:
        """Frees what was read into, unless the device might still write to it."""
        if not self.device.may_write:
            release(self.allocator, memory)

    @raises()
    def _read_metadata(self, metadata: Metadata) -> None:
        """Reads the metadata, compares its hash, and checks every node."""
        self.device.read_blocks(NODES_OFFSET // self.device.block_size, metadata.bytes)
        digest: Array[u8] = array(32)
        sha256(metadata.bytes, digest)
        self.problem.require(
            digest[:] == metadata.superblock.digest[:],
            SB_METADATA_SHA256,
            "wrong hash of the metadata",
        )
        metadata.check(self.problem)

    @raises()
    def _make_file_system(self, metadata: Metadata) -> Inode:
        packed = allocate(self.allocator, PackedFileSystem)
        try:
            packed.inodes = allocate_span(self.allocator, InodeSlot, metadata.superblock.node_count)
        except OSError:
            release(self.allocator, packed)
            raise
        self._fill(packed, metadata)
        try:
            return packed_inode(packed, ROOT_NODE)
        except OSError:
            release(self.allocator, packed.inodes)
            release(self.allocator, packed)
            raise

    def _fill(self, packed: PackedFileSystem, metadata: Metadata) -> None:
        packed.device_number = self.device_number
        packed.is_read_only = True
        packed.allocator = self.allocator
        packed.device = self.device
        packed.cache = self.cache
        packed.log = self.log
        packed.metadata = metadata
        packed.lock.lock_class = LockClass.INODE
