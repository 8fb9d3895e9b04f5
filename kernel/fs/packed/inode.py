"""Inodes of a packed image: directories, and files and symbolic links with cached pages."""

from __future__ import annotations

from abi.baseimage import MODE_DIRECTORY, MODE_SYMLINK, PAGE_SIZE
from abi.errno import EISDIR, ENOENT, ENOMEM, ERANGE
from abi.time import NS_PER_SECOND
from bare import (
    Bytes,
    Span,
    allocate,
    inline,
    load_u32,
    raises,
    struct,
    text,
    u8,
    u16,
    u32,
    u64,
    usize,
)
from bare.lib.crc32c import START, finish, update_words
from kernel.arch.aarch64.layout import PhysAddr
from kernel.fs.directory_sink import DOT_ENTRIES, DirectorySink, add_dot_entries
from kernel.fs.inode import Inode
from kernel.fs.inode_kind import MODE_PERMISSIONS, InodeKind
from kernel.fs.packed.file_system import PackedFileSystem
from kernel.fs.packed.node import NodeRecord, compare
from kernel.fs.page_cache import CachedPages
from kernel.mm.frame_view import frame_bytes, frame_words
from kernel.mm.page_source import PageSource
from kernel.mm.user_copy import IoBuffer


@struct
class PackedInode(Inode):
    """A node of an image. It is never freed."""

    packed: PackedFileSystem
    index: u32

    def begin(self, packed: PackedFileSystem, index: u32, kind: InodeKind) -> None:
        """Begins the life of an object from `allocate`, with one reference: its slot's."""
        self.packed = packed
        self.index = index
        node = self.record()
        self.start(packed, u64(index) + 1, kind, u16(node.mode & MODE_PERMISSIONS))
        self.owner = node.uid
        self.group = node.gid
        self.links = node.nlink
        self.modified_ns = node.mtime_s * NS_PER_SECOND

    def record(self) -> NodeRecord:
        """Returns the node in the image."""
        return self.packed.metadata.node(self.index)

    def size(self) -> u64:
        return self.record().size

    def forget(self) -> None:
        """The slot keeps the inode, so this is never reached."""


@struct
class PackedDirectory(PackedInode):
    """A directory: its children are consecutive nodes, sorted by name."""

    @raises()
    def lookup(self, name: Bytes) -> Inode:
        metadata = self.packed.metadata
        node = self.record()
        low = node.first_child
        high = node.first_child + node.child_count
        while low < high:
            middle = low + (high - low) // 2
            order = compare(name, metadata.name(metadata.node(middle)))
            if order == 0:
                return packed_inode(self.packed, middle)
            if order < 0:
                high = middle
            else:
                low = middle + 1
        raise OSError(ENOENT)

    @raises()
    def parent(self) -> Inode:
        return packed_inode(self.packed, self.record().parent)

    @raises()
    def name_of(self, child: Inode, into: Span[u8]) -> usize:
        node = self.record()
        place = child.number - 1
        if not node.first_child <= place < node.first_child + node.child_count:
            raise OSError(ENOENT)
        metadata = self.packed.metadata
        name = metadata.name(metadata.node(u32(place)))
        if len(name) > len(into):
            raise OSError(ERANGE)
        into[: len(name)].copy_from(name)
        return len(name)

    @raises()
    def read_directory(self, cursor: u64, sink: DirectorySink) -> u64:
        metadata = self.packed.metadata
        node = self.record()
        cursor = add_dot_entries(sink, cursor, self.number, u64(node.parent) + 1)
        while DOT_ENTRIES <= cursor < DOT_ENTRIES + node.child_count:
            place = node.first_child + u32(cursor - DOT_ENTRIES)
            child = metadata.node(place)
            kind = kind_of(child)
            if not sink.add(metadata.name(child), u64(place) + 1, kind, cursor + 1):
                break
            cursor += 1
        return cursor

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        raise OSError(EISDIR)


@struct
class PackedPages(CachedPages):
    """The pages of a file or the target of a link; embedded in its inode."""

    inode: PackedFile

    def get(self) -> None:
        self.inode.get()

    def put(self) -> None:
        self.inode.put()

    @raises()
    def read_pages(self, first: u64, frames: Span[u64]) -> None:
        packed = self.inode.packed
        packed.device.read_frames(packed.block_of(self._offset(first)), frames)

    def is_intact(self, index: u64, frame: PhysAddr) -> bool:
        packed = self.inode.packed
        superblock = packed.metadata.superblock
        page = (self._offset(index) - superblock.data_offset) // PAGE_SIZE
        wanted = load_u32(packed.metadata.page_checksum(page), 0)
        if finish(update_words(START, frame_words(frame))) == wanted:
            return True
        name = text(packed.metadata.name(self.inode.record()))
        packed.log.error(f"base image: wrong checksum of page {index} of {name}")
        return False

    def _offset(self, index: u64) -> u64:
        """Returns where a page lies in the image."""
        return self.inode.record().data_offset + index * PAGE_SIZE


@struct
class PackedFile(PackedInode):
    """A regular file or a symbolic link."""

    pages: PackedPages = inline()

    @raises()
    def page_source(self) -> PageSource:
        return self.pages

    @raises()
    def read_at(self, offset: u64, buffer: IoBuffer) -> usize:
        return self.pages.read_at(offset, buffer)

    @raises()
    def read_link(self, into: Span[u8]) -> usize:
        length = min(len(into), self.record().size)
        frame = self.pages.get_page(0)
        into[:length].copy_from(frame_bytes(frame)[:length])
        self.packed.cache.frames.put(frame)
        return length


@raises(ENOMEM)
def packed_inode(packed: PackedFileSystem, index: u32) -> Inode:
    """Returns the inode of a node, with a reference for the caller."""
    with packed.lock:
        slot = packed.inodes[index]
        inode = slot.inode
        if inode is None:
            inode = make_inode(packed, index)
            slot.inode = inode
        inode.get()
        return inode


@raises(ENOMEM)
def make_inode(packed: PackedFileSystem, index: u32) -> Inode:
    """Makes the inode of a node, with one reference."""
    kind = kind_of(packed.metadata.node(index))
    if kind == InodeKind.DIRECTORY:
        directory = allocate(packed.allocator, PackedDirectory)
        directory.begin(packed, index, kind)
        return directory
    file = allocate(packed.allocator, PackedFile)
    file.begin(packed, index, kind)
    file.pages.inode = file
    file.pages.start(packed.cache, file.record().size)
    return file


def kind_of(node: NodeRecord) -> InodeKind:
    """Returns the kind of a checked node."""
    if node.type_bits() == MODE_DIRECTORY:
        return InodeKind.DIRECTORY
    if node.type_bits() == MODE_SYMLINK:
        return InodeKind.SYMLINK
    return InodeKind.REGULAR
