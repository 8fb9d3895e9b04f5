"""Writes flattened device trees, independently of the kernel's reader.

A node is a dictionary: values that are dictionaries are child nodes, all others properties: bytes
as they are, text with its zero byte, integers and lists of integers as cells.
"""

from __future__ import annotations

import struct
from typing import Any

MAGIC = 0xD00DFEED
BEGIN_NODE, END_NODE, PROPERTY, END = 1, 2, 3, 9
HEADER_SIZE = 40
RESERVATIONS = bytes(16)


def flatten(root: dict[str, Any], padding: int = 0) -> bytes:
    """Returns the tree with root `root`, followed by `padding` bytes that its size includes."""
    strings = bytearray()
    structure = _node("", root, strings) + struct.pack(">I", END)
    structure_at = HEADER_SIZE + len(RESERVATIONS)
    strings_at = structure_at + len(structure)
    total = strings_at + len(strings) + padding
    header = struct.pack(
        ">10I",
        MAGIC,
        total,
        structure_at,
        strings_at,
        HEADER_SIZE,
        17,
        16,
        0,
        len(strings),
        len(structure),
    )
    return header + RESERVATIONS + structure + bytes(strings) + bytes(padding)


def _node(name: str, content: dict[str, Any], strings: bytearray) -> bytes:
    out = struct.pack(">I", BEGIN_NODE) + _padded(name.encode() + b"\0")
    for key, value in content.items():
        if not isinstance(value, dict):
            data = _bytes_of(value)
            out += struct.pack(">III", PROPERTY, len(data), _place(key, strings)) + _padded(data)
    for key, value in content.items():
        if isinstance(value, dict):
            out += _node(key, value, strings)
    return out + struct.pack(">I", END_NODE)


def _place(key: str, strings: bytearray) -> int:
    wanted = key.encode() + b"\0"
    found = strings.find(wanted)
    if found < 0:
        found = len(strings)
        strings += wanted
    return found


def _bytes_of(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode() + b"\0"
    cells = [value] if isinstance(value, int) else value
    return b"".join(struct.pack(">I", cell) for cell in cells)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
