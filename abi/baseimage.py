"""The packed read-only base image: its layout on disk, shared by the packer and the kernel.

Little-endian, pages of 4096 bytes. Page 0 is the superblock; then come, each on its own page, the
node table, the names, and one CRC-32C for each data page; then the data pages up to the end.
Node 0 is the root. Nodes are in breadth-first order: the children of a directory are contiguous,
sorted by the bytes of their names, and lie behind their directory. The data of a file starts on its
own page, so that it can be mapped; the data of a symbolic link is its target. Bytes that no field
covers are zero.

Checksums: CRC-32C (Castagnoli, reflected 0x82f63b78, start and end inverted). The superblock's
covers the page up to itself; a node's covers its record up to itself; `metadata_sha256` covers
everything from page 1 up to `data_offset`.
"""

MAGIC = b"SWOSBASE"
VERSION = 1
PAGE_SIZE = 4096
NODE_SIZE = 64
NAME_LIMIT = 255
SYMLINK_LIMIT = 4095
ROOT_NODE = 0
NODES_OFFSET = PAGE_SIZE
CRC_SIZE = 4

# Superblock: offsets in bytes.
SB_MAGIC = 0
SB_VERSION = 8
SB_PAGE_SIZE = 12
SB_TOTAL_PAGES = 16
SB_NODE_COUNT = 24
SB_RESERVED = 28
SB_NODES_OFFSET = 32
SB_NAMES_OFFSET = 40
SB_NAMES_SIZE = 48
SB_CRC_OFFSET = 56
SB_DATA_OFFSET = 64
SB_BUILD_ID = 72
SB_METADATA_SHA256 = 104
SB_END = 136
SB_CRC = PAGE_SIZE - CRC_SIZE

# Node record: offsets in bytes.
NODE_MODE = 0
NODE_UID = 4
NODE_GID = 8
NODE_NLINK = 12
NODE_FILE_SIZE = 16
NODE_MTIME_S = 24
NODE_DATA_OFFSET = 32
NODE_PARENT = 40
NODE_FIRST_CHILD = 44
NODE_CHILD_COUNT = 48
NODE_NAME_OFFSET = 52
NODE_NAME_LENGTH = 56
NODE_FLAGS = 58
NODE_CRC = 60

# File type bits of a mode, as in the Linux ABI.
MODE_TYPE_MASK = 0o170000
MODE_DIRECTORY = 0o040000
MODE_REGULAR = 0o100000
MODE_SYMLINK = 0o120000
