"""Reads the file that QEMU's `filter-dump` writes: all frames of an interface, both ways."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from tests.support import frames
from tests.support.frames import Packet

MAGIC = 0xA1B2C3D4
HEADER_BYTES = 24
RECORD_BYTES = 16


@dataclass(frozen=True)
class Captured:
    """A frame, with the host's time in seconds."""

    time_s: float
    data: bytes

    @property
    def destination(self) -> bytes:
        """The Ethernet destination."""
        return self.data[:6]

    @property
    def source(self) -> bytes:
        """The Ethernet source."""
        return self.data[6:12]

    def ipv4(self) -> Packet | None:
        """The IPv4 packet in it; None where there is none."""
        if self.data[12:14] != struct.pack(">H", frames.IPV4):
            return None
        return frames.read_ipv4(self.data[14:])


def read(path: Path) -> list[Captured]:
    """Returns the frames that are in the file now; one that is being written is left out."""
    data = path.read_bytes()
    (magic,) = struct.unpack("<I", data[:4])
    if magic != MAGIC:
        raise ValueError(f"{path.name} is no capture of this machine")
    found = []
    place = HEADER_BYTES
    while place + RECORD_BYTES <= len(data):
        seconds, micros, length, whole = struct.unpack_from("<IIII", data, place)
        place += RECORD_BYTES
        if length != whole:
            raise ValueError("a frame was cut short")
        if place + length > len(data):
            break
        found.append(Captured(seconds + micros / 1e6, data[place : place + length]))
        place += length
    return found
