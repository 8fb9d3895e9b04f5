"""The reader of base images: what it accepts; damage never goes unnoticed or crashes it."""

import struct

import pytest

from abi import baseimage as layout
from swiftos import packer
from swiftos.baseimage import BaseImage, ImageError
from tests.support import images

MUTATIONS = 2000


def accepts(data: bytes) -> bool:
    """Says whether the reader accepts an image and all of its data."""
    try:
        image = BaseImage(data)
        image.verify()
    except ImageError as error:
        assert 0 <= error.offset <= max(len(data), layout.PAGE_SIZE)
        return False
    for _, node in image.walk():
        assert len(image.read(node)) == node.size
    return True


def with_field(offset: int, value: bytes) -> bytes:
    image = bytearray(images.sample())
    image[offset : offset + len(value)] = value
    return images.seal(bytes(image))


def node_offset(path: str) -> int:
    node = BaseImage(images.sample()).find(path)
    assert node is not None
    return node.offset


def test_sample_reads_back() -> None:
    image = BaseImage(images.sample())
    image.verify()
    paths = [path for path, _ in image.walk()]
    assert paths == sorted(paths)
    motd = image.find("/etc/motd")
    assert motd is not None
    assert image.read(motd) == b"hello\n"
    assert motd.mtime_s == images.MTIME_S
    link = image.find("/bin/ash")
    assert link is not None
    assert image.read(link) == b"sh"
    assert image.find("/bin/none") is None


@pytest.mark.slow
def test_every_damaged_image_is_refused() -> None:
    good = images.sample()
    assert accepts(good)
    for seed in range(MUTATIONS):
        damaged = images.damage(good, seed)
        assert not accepts(damaged), f"seed {seed}"


@pytest.mark.slow
def test_false_fields_under_right_checksums_are_refused_or_harmless() -> None:
    good = images.sample()
    refused = sum(not accepts(images.reseal(good, seed)) for seed in range(MUTATIONS))
    assert refused > MUTATIONS * 0.8


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (layout.SB_VERSION, struct.pack("<I", 2), "unknown version 2"),
        (layout.SB_PAGE_SIZE, struct.pack("<I", 8192), "unknown page size 8192"),
        (layout.SB_NODE_COUNT, struct.pack("<I", 0), "no nodes"),
        (layout.SB_NODE_COUNT, struct.pack("<I", 0xFFFFFFFF), "names overlap"),
        (layout.SB_NAMES_OFFSET, struct.pack("<Q", 2**64 - 4096), "names overlap"),
        (layout.SB_NAMES_SIZE, struct.pack("<Q", 2**64 - 1), "checksums overlap"),
        (layout.SB_CRC_OFFSET, struct.pack("<Q", 5000), "checksums are not on a page"),
        (layout.SB_DATA_OFFSET, struct.pack("<Q", 2**63), "data overlap or lie outside"),
        (layout.SB_RESERVED, b"\1", "reserved bytes"),
        (layout.SB_END + 5, b"\1", "reserved bytes"),
        (layout.SB_TOTAL_PAGES, struct.pack("<Q", 2**52 + 1), "bytes instead of"),
    ],
)
def test_bad_superblock_field_is_named(offset: int, value: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        BaseImage(with_field(offset, value))


@pytest.mark.parametrize(
    ("path", "field", "value", "message"),
    [
        ("/bin/sh", layout.NODE_MODE, struct.pack("<I", 0o010644), "unknown file type"),
        ("/bin/sh", layout.NODE_FILE_SIZE, struct.pack("<Q", 2**64 - 1), "beyond the end"),
        ("/bin/sh", layout.NODE_DATA_OFFSET, struct.pack("<Q", 4096), "before the data pages"),
        ("/bin/sh", layout.NODE_DATA_OFFSET, struct.pack("<Q", 2**64 - 4096), "beyond the end"),
        ("/bin/sh", layout.NODE_DATA_OFFSET, struct.pack("<Q", 40961), "not on a page"),
        ("/bin/sh", layout.NODE_CHILD_COUNT, struct.pack("<I", 1), "no directory but has"),
        ("/bin/sh", layout.NODE_NAME_OFFSET, struct.pack("<I", 2**32 - 1), "outside the names"),
        ("/bin/sh", layout.NODE_NAME_LENGTH, struct.pack("<H", 0), "bad name"),
        ("/bin/sh", layout.NODE_FLAGS, struct.pack("<H", 1), "unknown flags"),
        ("/bin/sh", layout.NODE_PARENT, struct.pack("<I", 0), "names another parent"),
        ("/bin/ash", layout.NODE_FILE_SIZE, struct.pack("<Q", 4096), "bad length"),
        ("/bin", layout.NODE_FIRST_CHILD, struct.pack("<I", 0), "misplaced"),
        ("/etc", layout.NODE_CHILD_COUNT, struct.pack("<I", 2**32 - 1), "too many children"),
        ("/tmp", layout.NODE_FIRST_CHILD, struct.pack("<I", 3), "points at a child"),
        ("/tmp", layout.NODE_FILE_SIZE, struct.pack("<Q", 1), "has data"),
        ("/", layout.NODE_MODE, struct.pack("<I", layout.MODE_REGULAR), "is no directory"),
    ],
)
def test_bad_node_field_is_named(path: str, field: int, value: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        BaseImage(with_field(node_offset(path) + field, value))


def test_names_out_of_order_are_refused() -> None:
    image = bytearray(images.sample())
    names = image.index(b"bindeep")
    image[names : names + 3] = b"zin"
    with pytest.raises(ImageError, match="out of order"):
        BaseImage(images.seal(bytes(image)))


@pytest.mark.parametrize("name", [b"a/b", b"a\0b", b".", b".."])
def test_name_that_no_file_may_have_is_refused(name: bytes) -> None:
    image = bytearray(packer.pack([packer.regular("x" * len(name), b"")], 0))
    place = image.index(b"x" * len(name), layout.PAGE_SIZE)
    image[place : place + len(name)] = name
    with pytest.raises(ImageError, match="bad"):
        BaseImage(images.seal(bytes(image)))


def test_damaged_data_page_is_found_on_read_and_named() -> None:
    image = bytearray(images.sample())
    image[-1] ^= 1
    opened = BaseImage(bytes(image))
    with pytest.raises(ImageError) as caught:
        opened.verify()
    assert caught.value.offset == len(image) - layout.PAGE_SIZE
