"""A disk in a Python `bytes`, as a `BlockDevice` of a bench."""

from __future__ import annotations

from typing import Any

from tests.kernel.bench import LINEAR_BASE, PAGE_SIZE, Bench

EIO = 5
SECTOR = 512


def make_disk(bench: Bench, image: bytes) -> Any:
    """Returns a disk with `image`, filled up to whole sectors. `disk.failing` holds blocks that
    cannot be read, `disk.requests` what was asked for.
    """

    class Disk(bench.get("kernel.device.block:BlockDevice")):  # type: ignore[misc]
        def read_blocks(self, first: int, into: Any) -> None:
            count = len(into) // SECTOR
            data = disk_data(first, count)
            for index, byte in enumerate(data):
                into[index] = byte

        def read_frames(self, first: int, frames: Any) -> None:
            sectors = PAGE_SIZE // SECTOR
            data = disk_data(first, len(frames) * sectors)
            for index, frame in enumerate(frames):
                target = bench.memory.bytes_at(LINEAR_BASE + frame, PAGE_SIZE)
                target[:] = data[index * PAGE_SIZE : (index + 1) * PAGE_SIZE]

    failing: set[int] = set()
    requests: list[tuple[int, int]] = []
    padded = image + bytes(-len(image) % SECTOR)

    def disk_data(first: int, count: int) -> bytes:
        requests.append((first, count))
        if (first + count) * SECTOR > len(padded) or failing & set(range(first, first + count)):
            raise OSError(EIO, "disk")
        return padded[first * SECTOR : (first + count) * SECTOR]

    disk = Disk(
        block_size=SECTOR,
        block_count=len(padded) // SECTOR,
        is_read_only=True,
        may_write=False,
    )
    return Handle(disk, failing, requests)


class Handle:
    """A disk and the strings that a test pulls."""

    def __init__(self, disk: Any, failing: set[int], requests: list[tuple[int, int]]) -> None:
        self.disk = disk
        self.failing = failing
        self.requests = requests
