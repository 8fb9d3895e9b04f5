"""`NodeRecord`: one entry of the node table, and the checks that make the table a tree."""

from __future__ import annotations

from abi.baseimage import (
    CRC_SIZE,
    MODE_DIRECTORY,
    MODE_REGULAR,
    MODE_SYMLINK,
    MODE_TYPE_MASK,
    NAME_LIMIT,
    NODE_CHILD_COUNT,
    NODE_CRC,
    NODE_DATA_OFFSET,
    NODE_FILE_SIZE,
    NODE_FIRST_CHILD,
    NODE_FLAGS,
    NODE_GID,
    NODE_MODE,
    NODE_MTIME_S,
    NODE_NAME_LENGTH,
    NODE_NAME_OFFSET,
    NODE_NLINK,
    NODE_PARENT,
    NODE_SIZE,
    NODE_UID,
    NODES_OFFSET,
    PAGE_SIZE,
    ROOT_NODE,
    SYMLINK_LIMIT,
)
from abi.errno import EUCLEAN
from bare import Bytes, Span, at, i32, raises, struct, u8, u16, u32, u64, view
from bare.lib.crc32c import crc32c
from kernel.fs.inode import LATEST_TIME_S
from kernel.fs.packed.problem import Problem
from kernel.fs.packed.superblock import Superblock
from kernel.fs.path import is_dot, is_dot_dot

SLASH: u8 = 0x2F


@struct(size=64, packed=True)
class NodeRecord:
    """A node as it stands in the image."""

    mode: u32 = at(NODE_MODE)
    uid: u32 = at(NODE_UID)
    gid: u32 = at(NODE_GID)
    nlink: u32 = at(NODE_NLINK)
    size: u64 = at(NODE_FILE_SIZE)
    mtime_s: u64 = at(NODE_MTIME_S)
    data_offset: u64 = at(NODE_DATA_OFFSET)
    parent: u32 = at(NODE_PARENT)
    first_child: u32 = at(NODE_FIRST_CHILD)
    child_count: u32 = at(NODE_CHILD_COUNT)
    name_offset: u32 = at(NODE_NAME_OFFSET)
    name_length: u16 = at(NODE_NAME_LENGTH)
    flags: u16 = at(NODE_FLAGS)
    crc: u32 = at(NODE_CRC)

    def type_bits(self) -> u32:
        """Returns the file type bits of the mode."""
        return self.mode & MODE_TYPE_MASK


@struct
class Metadata:
    """All of an image between superblock and data, checked once, then trusted."""

    bytes: Span[u8]
    superblock: Superblock

    def node(self, index: u32) -> NodeRecord:
        """Returns the record of node `index`."""
        return view(NodeRecord, self.bytes, index * NODE_SIZE)

    def name(self, node: NodeRecord) -> Bytes:
        """Returns the last part of a node's path; empty for the root."""
        start = self.superblock.names_offset - NODES_OFFSET + node.name_offset
        return self.bytes[start : start + node.name_length]

    def page_checksum(self, page: u64) -> Bytes:
        """Returns the CRC-32C of data page `page`, counted from the first, as it stands there."""
        start = self.superblock.crc_offset - NODES_OFFSET + page * CRC_SIZE
        return self.bytes[start : start + CRC_SIZE]

    @raises(EUCLEAN)
    def check(self, problem: Problem) -> None:
        """Checks every record and that they form one tree with sorted directories."""
        root = self.node(ROOT_NODE)
        is_root = root.type_bits() == MODE_DIRECTORY and root.parent == ROOT_NODE
        problem.require(is_root, NODES_OFFSET, "node 0 is not a root directory")
        next_child: u32 = 1
        for index in range(self.superblock.node_count):
            self._check_record(index, problem)
            next_child = self._check_children(index, next_child, problem)
        problem.require(
            next_child == self.superblock.node_count,
            record_offset(next_child),
            "a node has no parent",
        )

    @raises(EUCLEAN)
    def _check_record(self, index: u32, problem: Problem) -> None:
        """Checks all that does not need other records."""
        node = self.node(index)
        where = record_offset(index)
        start = u64(index) * NODE_SIZE
        checksum = crc32c(self.bytes[start : start + NODE_CRC])
        problem.require(checksum == node.crc, where, "wrong checksum of a node")
        is_known = node.type_bits() in (MODE_DIRECTORY, MODE_REGULAR, MODE_SYMLINK)
        problem.require(is_known, where, "unknown file type")
        problem.require(node.flags == 0, where + NODE_FLAGS, "unknown flags")
        problem.require(node.mtime_s <= LATEST_TIME_S, where + NODE_MTIME_S, "impossible time")
        self._check_name(index, node, where + NODE_NAME_OFFSET, problem)
        self._check_extent(node, where, problem)

    @raises(EUCLEAN)
    def _check_name(self, index: u32, node: NodeRecord, where: u64, problem: Problem) -> None:
        """Checks that a name lies in the table and can be a file's name."""
        end = u64(node.name_offset) + node.name_length
        problem.require(end <= self.superblock.names_size, where, "a name lies outside the names")
        if index == ROOT_NODE:
            problem.require(node.name_length == 0, where, "the root has a name")
            return
        name = self.name(node)
        problem.require(0 < len(name) <= NAME_LIMIT, where, "bad length of a name")
        problem.require(not is_dot(name) and not is_dot_dot(name), where, "a name is . or ..")
        for byte in name:
            problem.require(byte != 0 and byte != SLASH, where, "bad byte in a name")

    @raises(EUCLEAN)
    def _check_extent(self, node: NodeRecord, where: u64, problem: Problem) -> None:
        """Checks that a node's data lies in the data pages."""
        place = where + NODE_DATA_OFFSET
        if node.type_bits() == MODE_DIRECTORY:
            problem.require(node.size == 0 and node.data_offset == 0, place, "a directory has data")
            return
        is_childless = node.child_count == 0 and node.first_child == 0
        problem.require(is_childless, where, "a file has children")
        if node.type_bits() == MODE_SYMLINK:
            problem.require(0 < node.size <= SYMLINK_LIMIT, place, "bad length of a link")
        if node.size == 0:
            problem.require(node.data_offset == 0, place, "an empty file has a data offset")
            return
        problem.require(node.data_offset % PAGE_SIZE == 0, place, "data is not on a page")
        first = self.superblock.data_offset
        total = self.superblock.size
        problem.require(
            first <= node.data_offset < total, place, "data lies outside the data pages"
        )
        problem.require(node.size <= total - node.data_offset, place, "data reaches beyond the end")

    @raises(EUCLEAN)
    def _check_children(self, index: u32, next_child: u32, problem: Problem) -> u32:
        """Checks a directory's children, which begin at `next_child`; returns what follows them."""
        node = self.node(index)
        where = record_offset(index)
        if node.child_count == 0:
            problem.require(node.first_child == 0, where, "a childless node points at a child")
            return next_child
        is_placed = node.first_child == next_child and node.first_child > index
        problem.require(is_placed, where, "children are misplaced")
        rest = self.superblock.node_count - next_child
        problem.require(node.child_count <= rest, where, "too many children")
        previous: Bytes = b""
        for child in range(next_child, next_child + node.child_count):
            record = self.node(child)
            place = record_offset(child)
            problem.require(record.parent == index, place, "a node names another parent")
            end = u64(record.name_offset) + record.name_length
            problem.require(end <= self.superblock.names_size, place, "a name lies outside")
            name = self.name(record)
            problem.require(compare(previous, name) < 0, place, "names are out of order")
            previous = name
        return next_child + node.child_count


def record_offset(index: u32) -> u64:
    """Returns where a record lies in the image."""
    return NODES_OFFSET + u64(index) * NODE_SIZE


def compare(left: Bytes, right: Bytes) -> i32:
    """Returns a number below, at or above 0 as `left` sorts before, with or behind `right`."""
    length = min(len(left), len(right))
    for index in range(length):
        if left[index] != right[index]:
            return -1 if left[index] < right[index] else 1
    if len(left) == len(right):
        return 0
    return -1 if len(left) < len(right) else 1
