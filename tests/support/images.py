"""Base images for tests, and damaged forms of them that follow from a seed."""

import random
import struct
from hashlib import sha256

from abi import baseimage as layout
from swiftos import packer
from swiftos.crc32c import crc32c

MTIME_S = 1_000_000_000


def sample() -> bytes:
    """Returns a small image with every kind of node and files around the page size."""
    entries = [
        packer.regular("bin/sh", bytes(range(256)) * 40, 0o755),
        packer.symlink("bin/ash", "sh"),
        packer.regular("etc/motd", b"hello\n"),
        packer.regular("etc/empty", b""),
        packer.regular("one-page", b"p" * layout.PAGE_SIZE),
        packer.directory("run"),
        packer.directory("tmp", 0o1777),
        packer.directory("deep/er/still"),
    ]
    return packer.pack(entries, MTIME_S)


def damage(image: bytes, seed: int) -> bytes:
    """Returns the image cut short, lengthened, or with one to four bytes changed."""
    chance = random.Random(seed)
    kind = chance.randrange(8)
    if kind == 0:
        return image[: chance.randrange(len(image))]
    if kind == 1:
        return image + chance.randbytes(chance.choice((1, layout.PAGE_SIZE)))
    changed = bytearray(image)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(image))] ^= chance.randint(1, 255)
    return bytes(changed)


def reseal(image: bytes, seed: int) -> bytes:
    """Returns the image with fields of superblock or nodes changed and every checksum made right.

    What is wrong with it can only be found by looking at the fields.
    """
    chance = random.Random(seed)
    changed = bytearray(image)
    for _ in range(chance.randint(1, 3)):
        if chance.random() < 0.3:
            offset, width = chance.choice(SUPERBLOCK_FIELDS)
        else:
            node = chance.randrange(struct.unpack_from("<I", image, layout.SB_NODE_COUNT)[0])
            field, width = chance.choice(NODE_FIELDS)
            offset = layout.NODES_OFFSET + node * layout.NODE_SIZE + field
        value = _interesting(chance, width, changed[offset : offset + width])
        changed[offset : offset + width] = value
    return seal(bytes(changed))


SUPERBLOCK_FIELDS = (
    (layout.SB_VERSION, 4),
    (layout.SB_TOTAL_PAGES, 8),
    (layout.SB_NODE_COUNT, 4),
    (layout.SB_NODES_OFFSET, 8),
    (layout.SB_NAMES_OFFSET, 8),
    (layout.SB_NAMES_SIZE, 8),
    (layout.SB_CRC_OFFSET, 8),
    (layout.SB_DATA_OFFSET, 8),
)
NODE_FIELDS = (
    (layout.NODE_MODE, 4),
    (layout.NODE_FILE_SIZE, 8),
    (layout.NODE_DATA_OFFSET, 8),
    (layout.NODE_PARENT, 4),
    (layout.NODE_FIRST_CHILD, 4),
    (layout.NODE_CHILD_COUNT, 4),
    (layout.NODE_NAME_OFFSET, 4),
    (layout.NODE_NAME_LENGTH, 2),
    (layout.NODE_FLAGS, 2),
)


def _interesting(chance: random.Random, width: int, old: bytes | bytearray) -> bytes:
    """Returns a value that tends to break arithmetic: extremes, neighbours, page steps."""
    limit = 1 << 8 * width
    number = int.from_bytes(old, "little")
    choices = [0, 1, limit - 1, limit - layout.PAGE_SIZE, limit // 2, number + 1, number - 1]
    choices += [number + layout.PAGE_SIZE, number - layout.PAGE_SIZE, chance.randrange(limit)]
    return (chance.choice(choices) % limit).to_bytes(width, "little")


def seal(image: bytes) -> bytes:
    """Returns the image with all checksums of nodes, metadata and superblock made right."""
    sealed = bytearray(image)
    count = struct.unpack_from("<I", image, layout.SB_NODE_COUNT)[0]
    names_offset = struct.unpack_from("<Q", image, layout.SB_NAMES_OFFSET)[0]
    end = min(layout.NODES_OFFSET + count * layout.NODE_SIZE, names_offset, len(image))
    for record in range(layout.NODES_OFFSET, end - layout.NODE_SIZE + 1, layout.NODE_SIZE):
        crc = crc32c(bytes(sealed[record : record + layout.NODE_CRC]))
        struct.pack_into("<I", sealed, record + layout.NODE_CRC, crc)
    return seal_superblock(bytes(sealed))


def seal_superblock(image: bytes) -> bytes:
    """Returns the image with the metadata hash and the superblock's checksum made right."""
    sealed = bytearray(image)
    data_offset = struct.unpack_from("<Q", image, layout.SB_DATA_OFFSET)[0]
    digest = sha256(sealed[layout.NODES_OFFSET : min(data_offset, len(image))]).digest()
    sealed[layout.SB_METADATA_SHA256 : layout.SB_END] = digest
    struct.pack_into("<I", sealed, layout.SB_CRC, crc32c(bytes(sealed[: layout.SB_CRC])))
    return bytes(sealed)
