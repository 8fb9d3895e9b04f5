"""The superblock: where the parts of an image lie. The checks are those of `swiftos/baseimage.py`.

Numbers of the image are compared with the capacity before anything is computed from them.
"""

from __future__ import annotations

from abi.baseimage import (
    CRC_SIZE,
    MAGIC,
    NODE_SIZE,
    NODES_OFFSET,
    PAGE_SIZE,
    SB_BUILD_ID,
    SB_CRC,
    SB_CRC_OFFSET,
    SB_DATA_OFFSET,
    SB_END,
    SB_MAGIC,
    SB_METADATA_SHA256,
    SB_NAMES_OFFSET,
    SB_NAMES_SIZE,
    SB_NODE_COUNT,
    SB_NODES_OFFSET,
    SB_PAGE_SIZE,
    SB_RESERVED,
    SB_TOTAL_PAGES,
    SB_VERSION,
    VERSION,
)
from abi.errno import EUCLEAN
from bare import Array, Bytes, array, load_u32, load_u64, raises, struct, text, u8, u32, u64
from bare.lib.crc32c import crc32c
from kernel.fs.packed.problem import Problem

FIELD_SIZE: u64 = 32
"""Bytes of the build id, and of the digest."""
SPACE: u8 = 0x20
DELETE: u8 = 0x7F


@struct
class Superblock:
    """The checked fields of page 0; offsets and sizes in bytes."""

    size: u64 = 0
    """Of the whole image."""
    node_count: u32 = 0
    names_offset: u64 = 0
    names_size: u64 = 0
    crc_offset: u64 = 0
    data_offset: u64 = 0
    digest: Array[u8] = array(32)
    build_id: Array[u8] = array(32)

    def metadata_size(self) -> u64:
        """Returns the size of what lies between superblock and data."""
        return self.data_offset - PAGE_SIZE

    def build_text(self) -> str:
        """Returns the build id, printable ASCII padded with zeros."""
        length: u64 = 0
        while length < FIELD_SIZE and SPACE < self.build_id[length] < DELETE:
            length += 1
        return text(self.build_id[:length])

    @raises(EUCLEAN)
    def read(self, page: Bytes, capacity: u64, problem: Problem) -> None:
        """Takes the fields from page 0 of a device of `capacity` bytes, and checks them."""
        self._check_identity(page, problem)
        total_pages = load_u64(page, SB_TOTAL_PAGES)
        problem.require(
            0 < total_pages <= capacity // PAGE_SIZE, SB_TOTAL_PAGES, "the image is truncated"
        )
        self.size = total_pages * PAGE_SIZE
        self.node_count = load_u32(page, SB_NODE_COUNT)
        problem.require(self.node_count > 0, SB_NODE_COUNT, "no nodes")
        nodes_offset = load_u64(page, SB_NODES_OFFSET)
        problem.require(
            nodes_offset == NODES_OFFSET,
            SB_NODES_OFFSET,
            "the nodes do not follow the superblock",
        )
        self._read_areas(page, problem)
        self.digest.copy_from(page[SB_METADATA_SHA256 : SB_METADATA_SHA256 + FIELD_SIZE])
        self.build_id.copy_from(page[SB_BUILD_ID : SB_BUILD_ID + FIELD_SIZE])

    @raises(EUCLEAN)
    def _check_identity(self, page: Bytes, problem: Problem) -> None:
        """Checks that this is a superblock of a version that we know, and undamaged."""
        problem.require(page[: len(MAGIC)] == MAGIC, SB_MAGIC, "bad magic")
        problem.require(
            crc32c(page[:SB_CRC]) == load_u32(page, SB_CRC),
            SB_CRC,
            "wrong checksum of the superblock",
        )
        problem.require(load_u32(page, SB_VERSION) == VERSION, SB_VERSION, "unknown version")
        problem.require(
            load_u32(page, SB_PAGE_SIZE) == PAGE_SIZE, SB_PAGE_SIZE, "unknown page size"
        )
        reserved_is_zero = load_u32(page, SB_RESERVED) == 0 and is_zero(page[SB_END:SB_CRC])
        problem.require(reserved_is_zero, SB_RESERVED, "reserved bytes are not zero")

    @raises(EUCLEAN)
    def _read_areas(self, page: Bytes, problem: Problem) -> None:
        """Reads where names, checksums and data lie: in this order, each on its page."""
        nodes_end = NODES_OFFSET + u64(self.node_count) * NODE_SIZE
        self.names_offset = load_u64(page, SB_NAMES_OFFSET)
        self._check_area(self.names_offset, nodes_end, SB_NAMES_OFFSET, problem)
        self.names_size = load_u64(page, SB_NAMES_SIZE)
        problem.require(
            self.names_size <= self.size - self.names_offset,
            SB_NAMES_SIZE,
            "the names reach beyond the end",
        )
        names_end = self.names_offset + self.names_size
        self.crc_offset = load_u64(page, SB_CRC_OFFSET)
        self._check_area(self.crc_offset, names_end, SB_CRC_OFFSET, problem)
        self.data_offset = load_u64(page, SB_DATA_OFFSET)
        self._check_area(self.data_offset, self.crc_offset, SB_DATA_OFFSET, problem)
        data_pages = (self.size - self.data_offset) // PAGE_SIZE
        problem.require(
            data_pages * CRC_SIZE <= self.data_offset - self.crc_offset,
            SB_DATA_OFFSET,
            "the checksums overlap the data",
        )

    @raises(EUCLEAN)
    def _check_area(self, offset: u64, least: u64, where: u64, problem: Problem) -> None:
        """Checks that an area begins on a page, behind the one before it, inside the image."""
        problem.require(offset % PAGE_SIZE == 0, where, "an area does not begin on a page")
        problem.require(least <= offset <= self.size, where, "an area overlaps or lies outside")


def is_zero(data: Bytes) -> bool:
    """Whether all bytes are zero."""
    for byte in data:
        if byte != 0:
            return False
    return True
