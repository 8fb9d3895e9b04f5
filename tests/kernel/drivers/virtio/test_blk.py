"""The virtio disk against an honest device and against lying ones."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.kernel.bench import LINEAR_BASE, PAGE_SIZE, Bench
from tests.kernel.drivers.virtio.device import SECTOR, FakeBlk
from tests.kernel.drivers.virtio.transport import ADDRESS
from tests.kernel.tree import error_of
from tests.support import images

CONTENT = random.Random(1).randbytes(96 * PAGE_SIZE)
SECTORS = PAGE_SIZE // SECTOR


class Disk:
    """A started disk and its device."""

    def __init__(self, **settings: Any) -> None:
        self.bench = Bench()
        self.device = FakeBlk(self.bench, CONTENT)
        for name, value in settings.items():
            setattr(self.device, name, value)
        self.free = self.bench.free_frames()
        self.disk = self.bench.program.start_disk(self.bench.rig, ADDRESS)
        self.device.on_interrupt = lambda: self.bench.program.interrupt(self.bench.rig, self.disk)

    def read(self, first: int, size: int) -> bytes:
        """Reads `size` bytes from a block on."""
        data = self.bench.program.read_bytes(self.bench.rig, self.disk, first, size)
        content = bytes(data)
        self.bench.program.give_back(self.bench.rig, data)
        return content

    def read_pages(self, first: int, count: int) -> bytes:
        """Reads pages into scattered frames."""
        frames = [self.bench.rig.frames.alloc(0) for _ in range(count)]
        try:
            self.bench.program.read_frame(self.disk, first, count, frames)
            return b"".join(
                bytes(self.bench.memory.bytes_at(LINEAR_BASE + frame, PAGE_SIZE))
                for frame in frames
            )
        finally:
            for frame in frames:
                self.bench.rig.frames.put(frame)


def test_reads_what_the_disk_holds() -> None:
    disk = Disk()
    assert disk.disk.block_count == len(CONTENT) // SECTOR
    assert disk.read(0, SECTOR) == CONTENT[:SECTOR]
    assert disk.read(3, 5 * SECTOR) == CONTENT[3 * SECTOR : 8 * SECTOR]
    assert disk.read_pages(SECTORS, 3) == CONTENT[PAGE_SIZE : 4 * PAGE_SIZE]


def test_large_reads_are_split_at_the_segment_limit() -> None:
    disk = Disk()
    assert disk.read_pages(0, 40) == CONTENT[: 40 * PAGE_SIZE]
    assert [count // SECTORS for _, count in disk.device.requests] == [16, 16, 8]


def test_many_requests_use_the_queue_again_and_again() -> None:
    disk = Disk()
    for index in range(300):
        assert disk.read(index % 90, SECTOR)[:4] == CONTENT[index % 90 * SECTOR :][:4]
    assert disk.disk.queue.free_count == 128
    assert disk.disk.queue.in_flight == 0


def test_blocks_that_do_not_exist_are_refused_without_a_request() -> None:
    disk = Disk()
    end = len(CONTENT) // SECTOR
    assert error_of(disk.read, end, SECTOR) == "EIO"
    assert error_of(disk.read, end - 1, 2 * SECTOR) == "EIO"
    assert error_of(disk.read, 1 << 63, SECTOR) == "EIO"
    assert error_of(disk.read, 0, 100) == "EINVAL"
    assert disk.device.requests == []


@pytest.mark.parametrize("status", [1, 2, 0xFF])
def test_failed_request_is_an_error_and_the_next_one_works(status: int) -> None:
    disk = Disk(status_byte=status)
    assert error_of(disk.read, 0, SECTOR) == "EIO"
    assert f"failed with status {status}" in disk.bench.log_text()
    disk.device.status_byte = 0
    assert disk.read(0, SECTOR) == CONTENT[:SECTOR]


def test_silent_device_is_given_up_and_reset() -> None:
    disk = Disk(is_silent=True)
    before = disk.bench.now_ns
    assert error_of(disk.read, 0, SECTOR) == "EIO"
    assert disk.bench.now_ns - before >= 10_000_000_000
    assert "did not answer" in disk.bench.log_text()
    assert disk.device.status() == 0
    disk.device.is_silent = False
    assert error_of(disk.read, 0, SECTOR) == "EIO"


def silent_disk() -> Disk:
    """Returns a disk that stops to answer and cannot even be reset."""
    disk = Disk()
    disk.device.is_silent = True
    disk.device.can_reset = False
    return disk


def test_memory_that_the_device_may_still_write_is_never_used_again() -> None:
    disk = silent_disk()
    frames = [disk.bench.rig.frames.alloc(0) for _ in range(20)]
    assert error_of(disk.bench.program.read_frame, disk.disk, 0, 20, frames) == "EIO"
    assert disk.disk.may_write
    asked, unasked = frames[: disk.device.segments], frames[disk.device.segments :]
    references = disk.bench.rig.frames.references
    assert [references(frame) for frame in asked] == [2] * len(asked)
    assert [references(frame) for frame in unasked] == [1] * len(unasked)


def test_memory_of_a_device_that_was_reset_is_free_again() -> None:
    disk = Disk(is_silent=True)
    frames = [disk.bench.rig.frames.alloc(0) for _ in range(3)]
    assert error_of(disk.bench.program.read_frame, disk.disk, 0, 3, frames) == "EIO"
    assert not disk.disk.may_write
    assert [disk.bench.rig.frames.references(frame) for frame in frames] == [1] * 3


def test_later_requests_of_a_broken_device_hold_no_memory() -> None:
    disk = silent_disk()
    error_of(disk.read, 0, SECTOR)
    frames = [disk.bench.rig.frames.alloc(0) for _ in range(3)]
    assert error_of(disk.bench.program.read_frame, disk.disk, 0, 3, frames) == "EIO"
    assert [disk.bench.rig.frames.references(frame) for frame in frames] == [1] * 3


def lost_frames(answered: int, can_reset: bool) -> int:
    """Mounts an image from a disk that answers some requests; returns the frames that are gone."""
    disk = Disk(content=images.sample() + bytes(-len(images.sample()) % SECTOR))
    device = disk.device
    device.can_reset = can_reset
    device.is_silent = answered == 0
    serve = device.on_interrupt

    def count() -> None:
        serve()
        device.is_silent = len(device.requests) == answered

    device.on_interrupt = count
    before = disk.bench.free_frames()
    assert error_of(disk.bench.program.mount_image, disk.bench.rig, disk.disk) == "EIO"
    assert len(device.requests) == answered
    return before - disk.bench.free_frames()


@pytest.mark.parametrize(("answered", "kept"), [(0, 1), (1, 4)])
def test_mount_keeps_memory_that_the_device_may_still_write(answered: int, kept: int) -> None:
    # First comes the superblock's page, then the metadata, which takes a block of four frames.
    assert lost_frames(answered, can_reset=False) == lost_frames(answered, can_reset=True) + kept


def test_interrupt_without_work_does_nothing() -> None:
    disk = Disk()
    disk.device.interrupts = 1
    disk.device.on_interrupt()
    assert disk.read(0, SECTOR) == CONTENT[:SECTOR]


def lie(disk: Disk, name: str) -> None:
    """Makes the device break the rules of its queue behind the next request."""
    device = disk.device
    used = device.ring(0xA0)

    def spoil() -> None:
        index = device.word(used + 2, 2)
        place = used + 4 + 8 * ((index - 1) % device.size())
        if name == "identity beyond the queue":
            device.store(place, 4, 5000)
        elif name == "identity of a free descriptor":
            device.store(place, 4, 77)
        elif name == "identity inside a chain":
            device.store(place, 4, device.word(place, 4) + 1)
        elif name == "index far ahead":
            device.store(used + 2, 2, (index + 50) & 0xFFFF)
        elif name == "index back":
            device.store(used + 2, 2, (index - 3) & 0xFFFF)
        elif name == "same chain twice":
            device.store(used + 2, 2, (index + 1) & 0xFFFF)
            device.store(place + 8, 4, device.word(place, 4))

    device.before_interrupt = spoil


@pytest.mark.parametrize(
    "name",
    [
        "identity beyond the queue",
        "identity of a free descriptor",
        "identity inside a chain",
        "index far ahead",
        "index back",
        "same chain twice",
    ],
)
def test_device_that_lies_is_given_up(name: str) -> None:
    disk = Disk()
    lie(disk, name)
    error_of(disk.read, 0, SECTOR)
    disk.device.before_interrupt = lambda: None
    assert error_of(disk.read, 0, SECTOR) == "EIO"
    assert "broke the rules" in disk.bench.log_text()
    assert disk.device.status() == 0


def test_descriptors_overwritten_by_the_device_do_not_mislead_the_driver() -> None:
    disk = Disk()
    device = disk.device

    def overwrite() -> None:
        table = device.ring(0x80)
        noise = random.Random(2).randbytes(16 * device.size())
        disk.bench.memory.bytes_at(table, len(noise))[:] = noise

    device.before_interrupt = overwrite
    for first in (0, 7, 20):
        assert disk.read_pages(first, 5) == CONTENT[first * SECTOR :][: 5 * PAGE_SIZE]


def test_random_garbage_in_the_used_ring_never_traps() -> None:
    for seed in range(20):
        disk = Disk()
        device = disk.device
        chance = random.Random(seed)
        used = device.ring(0xA0)

        def spoil(device: FakeBlk = device, used: int = used, chance: Any = chance) -> None:
            for _ in range(chance.randint(1, 6)):
                offset = chance.randrange(0, 4 + 8 * 4)
                device.store(used + offset, 1, chance.randrange(256))

        device.before_interrupt = spoil
        for _ in range(3):
            assert error_of(disk.read, 0, SECTOR) in ("", "EIO")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"version": 1}, "legacy device refused; run QEMU with -global virtio-mmio.force-legacy"),
        ({"version": 7}, "unknown transport version 7"),
        ({"identity": 0}, ""),
        ({"identity": 1}, ""),
    ],
)
def test_other_devices_are_refused(settings: dict[str, int], message: str) -> None:
    bench = Bench()
    device = FakeBlk(bench, CONTENT)
    for name, value in settings.items():
        setattr(device, name, value)
    assert error_of(bench.program.start_disk, bench.rig, ADDRESS) == "ENODEV"
    assert message in bench.log_text()


@pytest.mark.parametrize("settings", [{"features": 4}, {"queue_limit": 0}, {"queue_limit": 64}])
def test_device_without_what_the_driver_needs_is_refused(settings: dict[str, int]) -> None:
    bench = Bench()
    device = FakeBlk(bench, CONTENT)
    for name, value in settings.items():
        setattr(device, name, value)
    assert error_of(bench.program.start_disk, bench.rig, ADDRESS) == "EINVAL"


def test_impossible_capacity_is_cut() -> None:
    bench = Bench()
    device = FakeBlk(bench, CONTENT)
    original = device.read
    device.read = lambda offset, width: (  # type: ignore[method-assign]
        0xFFFF_FFFF if offset in (0x100, 0x104) else original(offset, width)
    )
    disk = bench.program.start_disk(bench.rig, ADDRESS)
    assert disk.block_count == 1 << 40
    assert disk.capacity() == 1 << 49
