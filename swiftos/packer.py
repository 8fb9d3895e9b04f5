"""Packs a file tree into a base image. Same entries, same bytes.

The layout is declared in `abi/baseimage.py`. Times are the caller's: nothing of the host's clock,
user or directory order gets into the image.
"""

import hashlib
import struct
from dataclasses import dataclass, field

from abi import baseimage as layout
from swiftos.crc32c import crc32c
from swiftos.errors import UsageError

NODE = struct.Struct("<IIIIQQQIIIIHH")
SUPERBLOCK = struct.Struct("<8sIIQIIQQQQQ32s32s")


@dataclass(frozen=True)
class Entry:
    """A file, directory or symbolic link to be packed; `path` has no leading slash, root is ""."""

    path: str
    mode: int
    content: bytes = b""
    uid: int = 0
    gid: int = 0


@dataclass
class Node:
    """An entry with its place in the tree and in the image (offsets in bytes)."""

    entry: Entry
    name: bytes
    children: list["Node"] = field(default_factory=list)
    index: int = 0
    parent: int = 0
    first_child: int = 0
    name_offset: int = 0
    data_offset: int = 0


def directory(path: str, permissions: int = 0o755) -> Entry:
    """Returns the entry of a directory."""
    return Entry(path, layout.MODE_DIRECTORY | permissions)


def regular(path: str, content: bytes, permissions: int = 0o644) -> Entry:
    """Returns the entry of a regular file."""
    return Entry(path, layout.MODE_REGULAR | permissions, content)


def symlink(path: str, target: str) -> Entry:
    """Returns the entry of a symbolic link."""
    return Entry(path, layout.MODE_SYMLINK | 0o777, target.encode())


def pack(entries: list[Entry], mtime_s: int) -> bytes:
    """Returns the image of `entries`; directories that are only implied are added.

    Raises UsageError for a path that cannot be stored.
    """
    nodes = _number(_tree(entries))
    names = _place_names(nodes)
    names_offset = layout.NODES_OFFSET + _round_up(len(nodes) * layout.NODE_SIZE)
    crc_offset = names_offset + _round_up(len(names))
    data_pages = sum(_round_up(len(node.entry.content)) for node in nodes) // layout.PAGE_SIZE
    data_offset = crc_offset + _round_up(data_pages * layout.CRC_SIZE)
    data = _place_data(nodes, data_offset)
    records = b"".join(_record(node, mtime_s) for node in nodes)
    metadata = _padded(records) + _padded(names) + _padded(_page_checksums(data))
    superblock = SUPERBLOCK.pack(
        layout.MAGIC,
        layout.VERSION,
        layout.PAGE_SIZE,
        1 + (len(metadata) + len(data)) // layout.PAGE_SIZE,
        len(nodes),
        0,
        layout.NODES_OFFSET,
        names_offset,
        len(names),
        crc_offset,
        data_offset,
        _build_id(nodes, mtime_s),
        hashlib.sha256(metadata).digest(),
    )
    page = superblock.ljust(layout.SB_CRC, b"\0")
    return page + struct.pack("<I", crc32c(page)) + metadata + data


def _tree(entries: list[Entry]) -> Node:
    """Returns the root of the tree of all entries, children sorted by the bytes of their names."""
    nodes = {"": Node(directory(""), b"")}
    for entry in sorted(entries, key=lambda found: found.path):
        _check_path(entry)
        _add(nodes, entry)
    for node in nodes.values():
        node.children.sort(key=lambda child: child.name)
    return nodes[""]


def _add(nodes: dict[str, Node], entry: Entry) -> None:
    """Adds an entry below its directory, making the directory if nobody named it."""
    if entry.path in nodes:
        if _is_directory(entry) and not entry.path:
            nodes[""].entry = entry
            return
        raise UsageError(f"the image names /{entry.path} twice", "remove one of the two")
    parent_path, _, name = entry.path.rpartition("/")
    if parent_path not in nodes:
        _add(nodes, directory(parent_path))
    parent = nodes[parent_path]
    if not _is_directory(parent.entry):
        raise UsageError(f"/{parent_path} is not a directory", f"rename /{entry.path}")
    node = Node(entry, name.encode())
    nodes[entry.path] = node
    parent.children.append(node)


def _check_path(entry: Entry) -> None:
    """Refuses what the layout cannot hold."""
    parts = entry.path.split("/") if entry.path else []
    for part in parts:
        if part in ("", ".", "..") or "\0" in part or len(part.encode()) > layout.NAME_LIMIT:
            raise UsageError(f"cannot store the path {entry.path!r}", "rename the file")
    if entry.mode & layout.MODE_TYPE_MASK == layout.MODE_SYMLINK:
        if not 0 < len(entry.content) <= layout.SYMLINK_LIMIT:
            raise UsageError(f"/{entry.path}: bad length of link target", "shorten the target")
    elif _is_directory(entry) and entry.content:
        raise UsageError(f"/{entry.path} is a directory with content", "make it a file")


def _is_directory(entry: Entry) -> bool:
    return entry.mode & layout.MODE_TYPE_MASK == layout.MODE_DIRECTORY


def _number(root: Node) -> list[Node]:
    """Returns the nodes in breadth-first order, numbered and linked by number."""
    nodes = [root]
    for node in nodes:
        node.first_child = len(nodes) if node.children else 0
        for child in node.children:
            child.index = len(nodes)
            child.parent = node.index
            nodes.append(child)
    return nodes


def _place_names(nodes: list[Node]) -> bytes:
    """Returns the names one behind the other and notes where each begins."""
    names = bytearray()
    for node in nodes:
        node.name_offset = len(names)
        names += node.name
    return bytes(names)


def _place_data(nodes: list[Node], data_offset: int) -> bytes:
    """Returns the data pages and notes where the data of each node begins."""
    data = bytearray()
    for node in nodes:
        if node.entry.content:
            node.data_offset = data_offset + len(data)
            data += _padded(node.entry.content)
    return bytes(data)


def _record(node: Node, mtime_s: int) -> bytes:
    """Returns the record of a node with its checksum."""
    folders = sum(1 for child in node.children if _is_directory(child.entry))
    head = NODE.pack(
        node.entry.mode,
        node.entry.uid,
        node.entry.gid,
        2 + folders if _is_directory(node.entry) else 1,
        len(node.entry.content),
        mtime_s,
        node.data_offset,
        node.parent,
        node.first_child,
        len(node.children),
        node.name_offset,
        len(node.name),
        0,
    )
    return head + struct.pack("<I", crc32c(head))


def _page_checksums(data: bytes) -> bytes:
    """Returns one checksum for each data page."""
    view = memoryview(data)
    size = layout.PAGE_SIZE
    pages = range(0, len(data), size)
    return b"".join(struct.pack("<I", crc32c(view[page : page + size])) for page in pages)


def _build_id(nodes: list[Node], mtime_s: int) -> bytes:
    """Returns the hash that names this content: paths, modes, owners, times and file hashes."""
    digest = hashlib.sha256(f"mtime {mtime_s}\n".encode())
    for node in nodes:
        entry = node.entry
        content = hashlib.sha256(entry.content).hexdigest()
        digest.update(f"{entry.path}\0{entry.mode:o} {entry.uid} {entry.gid} {content}\n".encode())
    return digest.digest()


def _round_up(size: int) -> int:
    """Returns `size` in bytes rounded up to whole pages."""
    return (size + layout.PAGE_SIZE - 1) // layout.PAGE_SIZE * layout.PAGE_SIZE


def _padded(data: bytes) -> bytes:
    """Returns `data` with zeros up to a whole page."""
    return data.ljust(_round_up(len(data)), b"\0")
