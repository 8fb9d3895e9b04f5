"""Reads and validates a base image. Every failure is an ImageError that names the byte offset.

`BaseImage(data)` checks the superblock, the metadata's hash and every node: after that the tree can
be walked without further checks. Data pages are checked when they are read. Nothing in an image is
trusted: offsets are compared before they are used, in unbounded integers.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from abi import baseimage as layout
from swiftos.crc32c import crc32c
from swiftos.errors import MissingToolError, ProductError

NODE = struct.Struct("<IIIIQQQIIIIHHI")
SUPERBLOCK = struct.Struct("<8sIIQIIQQQQQ32s32s")
KNOWN_TYPES = (layout.MODE_DIRECTORY, layout.MODE_REGULAR, layout.MODE_SYMLINK)


class ImageError(ProductError):
    """The image is damaged or is not one. `offset` is where, in bytes."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(f"{message} at offset {offset:#x}", "build it anew: ./swos build")
        self.offset = offset


@dataclass(frozen=True)
class Superblock:
    """The fields of page 0; offsets and sizes in bytes."""

    magic: bytes
    version: int
    page_size: int
    total_pages: int
    node_count: int
    reserved: int
    nodes_offset: int
    names_offset: int
    names_size: int
    crc_offset: int
    data_offset: int
    build_id: bytes
    metadata_sha256: bytes


@dataclass(frozen=True)
class Node:
    """One record of the node table, and its number."""

    index: int
    mode: int
    uid: int
    gid: int
    nlink: int
    size: int
    mtime_s: int
    data_offset: int
    parent: int
    first_child: int
    child_count: int
    name_offset: int
    name_length: int
    flags: int
    crc: int

    @property
    def offset(self) -> int:
        """Where the record lies in the image."""
        return layout.NODES_OFFSET + self.index * layout.NODE_SIZE

    @property
    def kind(self) -> int:
        """The type bits of the mode."""
        return self.mode & layout.MODE_TYPE_MASK


class BaseImage:
    """A validated image."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.superblock = _read_superblock(data)
        self.nodes = [self._read_node(index) for index in range(self.superblock.node_count)]
        self._check_tree()

    @classmethod
    def open(cls, path: Path) -> "BaseImage":
        """Reads an image file."""
        try:
            return cls(path.read_bytes())
        except FileNotFoundError as error:
            raise MissingToolError(f"{path} does not exist", "./swos build") from error
        except ImageError as error:
            error.message = f"{path}: {error.message}"
            raise

    def name(self, node: Node) -> bytes:
        """Returns the last part of a node's path; empty for the root."""
        start = self.superblock.names_offset + node.name_offset
        return self._data[start : start + node.name_length]

    def children(self, node: Node) -> list[Node]:
        """Returns the children of a directory in the order of their names."""
        return self.nodes[node.first_child : node.first_child + node.child_count]

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Yields (path, node) depth first, the root as "/"."""
        waiting = [("/", self.nodes[layout.ROOT_NODE])]
        while waiting:
            path, node = waiting.pop()
            yield path, node
            for child in reversed(self.children(node)):
                name = self.name(child).decode("utf-8", "backslashreplace")
                waiting.append((path.rstrip("/") + "/" + name, child))

    def find(self, path: str) -> Node | None:
        """Returns the node of a path, or None; symbolic links are not followed."""
        node = self.nodes[layout.ROOT_NODE]
        for part in path.encode().split(b"/"):
            if part:
                named = [child for child in self.children(node) if self.name(child) == part]
                if not named:
                    return None
                node = named[0]
        return node

    def read(self, node: Node) -> bytes:
        """Returns the data of a file or the target of a link, its pages checked."""
        end = node.data_offset + node.size
        for page in range(node.data_offset, end, layout.PAGE_SIZE):
            self._check_page(page)
        return self._data[node.data_offset : end]

    def verify(self) -> None:
        """Checks every data page."""
        for page in range(self.superblock.data_offset, len(self._data), layout.PAGE_SIZE):
            self._check_page(page)

    def _check_page(self, page: int) -> None:
        """Compares a data page with its checksum."""
        number = (page - self.superblock.data_offset) // layout.PAGE_SIZE
        slot = self.superblock.crc_offset + number * layout.CRC_SIZE
        (expected,) = struct.unpack_from("<I", self._data, slot)
        if crc32c(self._data[page : page + layout.PAGE_SIZE]) != expected:
            raise ImageError(page, "wrong checksum of a data page")

    def _read_node(self, index: int) -> Node:
        """Reads a record and checks all that does not need other records."""
        offset = layout.NODES_OFFSET + index * layout.NODE_SIZE
        record = self._data[offset : offset + layout.NODE_SIZE]
        node = Node(index, *NODE.unpack(record))
        if crc32c(record[: layout.NODE_CRC]) != node.crc:
            raise ImageError(offset, f"wrong checksum of node {index}")
        if node.kind not in KNOWN_TYPES:
            raise ImageError(offset, f"unknown file type {node.mode:o} of node {index}")
        if node.flags != 0:
            raise ImageError(offset + layout.NODE_FLAGS, f"unknown flags {node.flags:#x}")
        self._check_name(node)
        self._check_extent(node)
        return node

    def _check_name(self, node: Node) -> None:
        """Checks that a name lies in the table and can be a file's name."""
        where = node.offset + layout.NODE_NAME_OFFSET
        if node.name_offset + node.name_length > self.superblock.names_size:
            raise ImageError(where, f"name of node {node.index} lies outside the names")
        name = self.name(node)
        if node.index == layout.ROOT_NODE:
            if name:
                raise ImageError(where, "the root has a name")
            return
        if not 0 < len(name) <= layout.NAME_LIMIT or name in (b".", b".."):
            raise ImageError(where, f"bad name {name!r} of node {node.index}")
        if b"/" in name or b"\0" in name:
            raise ImageError(where, f"bad byte in name {name!r} of node {node.index}")

    def _check_extent(self, node: Node) -> None:
        """Checks that a node's data lies in the data pages."""
        where = node.offset + layout.NODE_DATA_OFFSET
        if node.kind == layout.MODE_DIRECTORY:
            if node.size or node.data_offset:
                raise ImageError(where, f"directory node {node.index} has data")
            return
        if node.child_count or node.first_child:
            raise ImageError(node.offset, f"node {node.index} is no directory but has children")
        if node.kind == layout.MODE_SYMLINK and not 0 < node.size <= layout.SYMLINK_LIMIT:
            raise ImageError(where, f"bad length {node.size} of link node {node.index}")
        if node.size == 0:
            if node.data_offset:
                raise ImageError(where, f"empty node {node.index} has a data offset")
            return
        if node.data_offset % layout.PAGE_SIZE:
            raise ImageError(where, f"data of node {node.index} is not on a page")
        if node.data_offset < self.superblock.data_offset:
            raise ImageError(where, f"data of node {node.index} lies before the data pages")
        if node.data_offset + node.size > len(self._data):
            raise ImageError(where, f"data of node {node.index} reaches beyond the end")

    def _check_tree(self) -> None:
        """Checks that the records form one tree with sorted directories."""
        root = self.nodes[layout.ROOT_NODE]
        if root.kind != layout.MODE_DIRECTORY or root.parent != layout.ROOT_NODE:
            raise ImageError(root.offset, "node 0 is not a root directory")
        next_child = 1
        for node in self.nodes:
            if node.child_count:
                if node.first_child != next_child or node.first_child <= node.index:
                    raise ImageError(node.offset, f"children of node {node.index} are misplaced")
                next_child += node.child_count
                if next_child > len(self.nodes):
                    raise ImageError(node.offset, f"node {node.index} has too many children")
                self._check_children(node)
            elif node.first_child:
                raise ImageError(node.offset, f"childless node {node.index} points at a child")
        if next_child != len(self.nodes):
            raise ImageError(self.nodes[next_child].offset, f"node {next_child} has no parent")

    def _check_children(self, node: Node) -> None:
        """Checks the links back to a directory and the order of its names."""
        previous = b""
        for child in self.children(node):
            name = self.name(child)
            if child.parent != node.index:
                raise ImageError(child.offset, f"node {child.index} names another parent")
            if name <= previous:
                raise ImageError(child.offset, f"node {child.index} is out of order")
            previous = name


def _read_superblock(data: bytes) -> Superblock:
    """Reads page 0 and checks it, the areas that it names and the metadata's hash."""
    if len(data) < layout.PAGE_SIZE:
        raise ImageError(len(data), "the file ends inside the superblock")
    if data[: len(layout.MAGIC)] != layout.MAGIC:
        raise ImageError(0, f"bad magic {data[: len(layout.MAGIC)]!r}")
    (crc,) = struct.unpack_from("<I", data, layout.SB_CRC)
    if crc32c(data[: layout.SB_CRC]) != crc:
        raise ImageError(layout.SB_CRC, "wrong checksum of the superblock")
    block = Superblock(*SUPERBLOCK.unpack_from(data))
    if block.version != layout.VERSION:
        raise ImageError(layout.SB_VERSION, f"unknown version {block.version}")
    if block.page_size != layout.PAGE_SIZE:
        raise ImageError(layout.SB_PAGE_SIZE, f"unknown page size {block.page_size}")
    if block.reserved or any(data[layout.SB_END : layout.SB_CRC]):
        raise ImageError(layout.SB_RESERVED, "reserved bytes are not zero")
    if block.total_pages * layout.PAGE_SIZE != len(data):
        expected = block.total_pages * layout.PAGE_SIZE
        raise ImageError(layout.SB_TOTAL_PAGES, f"{len(data)} bytes instead of {expected}")
    _check_areas(block)
    metadata = data[layout.NODES_OFFSET : block.data_offset]
    if hashlib.sha256(metadata).digest() != block.metadata_sha256:
        raise ImageError(layout.SB_METADATA_SHA256, "wrong hash of the metadata")
    return block


def _check_areas(block: Superblock) -> None:
    """Checks that the areas follow each other, each on its page, inside the image."""
    total = block.total_pages * layout.PAGE_SIZE
    if block.node_count == 0:
        raise ImageError(layout.SB_NODE_COUNT, "no nodes")
    nodes_end = layout.NODES_OFFSET + block.node_count * layout.NODE_SIZE
    data_pages = (total - block.data_offset) // layout.PAGE_SIZE
    areas = (
        (layout.SB_NODES_OFFSET, "nodes", layout.NODES_OFFSET, block.nodes_offset),
        (layout.SB_NAMES_OFFSET, "names", nodes_end, block.names_offset),
        (
            layout.SB_CRC_OFFSET,
            "checksums",
            block.names_offset + block.names_size,
            block.crc_offset,
        ),
        (
            layout.SB_DATA_OFFSET,
            "data",
            block.crc_offset + data_pages * layout.CRC_SIZE,
            block.data_offset,
        ),
    )
    for where, what, least, offset in areas:
        if offset % layout.PAGE_SIZE:
            raise ImageError(where, f"the {what} are not on a page")
        if not least <= offset <= total:
            raise ImageError(where, f"the {what} overlap or lie outside")
    if block.nodes_offset != layout.NODES_OFFSET:
        raise ImageError(layout.SB_NODES_OFFSET, "the nodes do not follow the superblock")
