"""A virtio block device over memory-mapped registers, in Python: an honest one, with hooks to lie.

Virtio 1.2, 2.7, 4.2.2 and 5.2, written from the specification and not from the driver.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from tests.kernel.bench import LINEAR_BASE, Bench

ADDRESS = LINEAR_BASE + 0x0A00_0000
SECTOR = 512
NEXT = 1
WRITE = 2
FEATURE_VERSION_1 = 1 << 32
FEATURE_SEGMENTS = 1 << 2
VERSION = 2
BLOCK = 2
QUEUE_LIMIT = 256


class FakeBlk:
    """The device. `work` serves one request; the test decides when."""

    def __init__(self, bench: Bench, content: bytes) -> None:
        self.bench = bench
        self.content = content
        self.version = VERSION
        self.identity = BLOCK
        self.features = FEATURE_VERSION_1 | FEATURE_SEGMENTS
        self.segments = 16
        self.queue_limit = QUEUE_LIMIT
        self.registers: dict[int, int] = {}
        self.notified = 0
        self.interrupts = 0
        self.served = 0
        self.requests: list[tuple[int, int]] = []
        self.status_byte = 0
        self.is_silent = False
        self.can_reset = True
        self.before_interrupt: Callable[[], None] = lambda: None
        self.on_interrupt: Callable[[], None] = lambda: None
        bench.memory.add_device(ADDRESS, 0x200, self)
        bench.devices.append(self.work)

    def read(self, offset: int, width: int) -> int:
        """Answers a load."""
        assert width == 32
        low, high = struct.unpack("<II", struct.pack("<Q", len(self.content) // SECTOR))
        selected = self.registers.get(0x14, 0)
        answers = {
            0x00: 0x74726976,
            0x04: self.version,
            0x08: self.identity,
            0x10: self.features >> 32 * selected & 0xFFFF_FFFF,
            0x34: self.queue_limit,
            0x60: self.interrupts,
            0x70: self.status(),
            0x100: low,
            0x104: high,
            0x10C: self.segments,
        }
        return int(answers.get(offset, self.registers.get(offset, 0)))

    def status(self) -> int:
        """Returns the status register."""
        return self.registers.get(0x70, 0)

    def write(self, offset: int, width: int, value: int) -> None:
        """Takes a store."""
        assert width == 32
        if offset == 0x70 and value == 0:
            if not self.can_reset:
                return
            self.registers.clear()
            self.served = 0
            self.notified = 0
            return
        if offset == 0x50:
            self.notified += 1
        if offset == 0x64:
            self.interrupts &= ~value
        self.registers[offset] = value

    def ring(self, low: int) -> int:
        """Returns the linear address of a part of the queue."""
        return LINEAR_BASE + self.registers[low] + (self.registers[low + 4] << 32)

    def word(self, address: int, width: int) -> int:
        """Loads from the guest's memory."""
        return int.from_bytes(bytes(self.bench.memory.bytes_at(address, width)), "little")

    def store(self, address: int, width: int, value: int) -> None:
        """Stores to the guest's memory."""
        self.bench.memory.bytes_at(address, width)[:] = value.to_bytes(width, "little")

    def size(self) -> int:
        """Returns the length of the queue."""
        return self.registers[0x38]

    def work(self) -> bool:
        """Serves the next request; whether there was one."""
        if self.is_silent or not self.status() & 4:
            return False
        available = self.ring(0x90)
        if self.served == self.word(available + 2, 2):
            return False
        head = self.word(available + 4 + 2 * (self.served % self.size()), 2)
        self.served = (self.served + 1) & 0xFFFF
        self.use(head, self.serve(head))
        return True

    def serve(self, head: int) -> int:
        """Does what a chain asks for; returns the bytes written."""
        chain = self.chain(head)
        header, *data, status = chain
        kind, _, sector = struct.unpack("<IIQ", self.memory(header))
        assert kind == 0
        assert header[1] == 16 and not header[2] & WRITE
        assert status[1] == 1 and status[2] & WRITE
        place = sector * SECTOR
        for part in data:
            assert part[2] & WRITE
            self.memory(part)[:] = self.content[place : place + part[1]]
            place += part[1]
        self.requests.append((sector, place // SECTOR - sector))
        self.memory(status)[:] = bytes([self.status_byte])
        return int(place - sector * SECTOR + 1)

    def chain(self, head: int) -> list[tuple[int, int, int]]:
        """Returns the (address, length, flags) of a chain's descriptors."""
        found: list[tuple[int, int, int]] = []
        index = head
        while True:
            assert index < self.size() and len(found) < self.size()
            at = self.ring(0x80) + 16 * index
            address, length, flags, index = struct.unpack(
                "<QIHH", self.bench.memory.bytes_at(at, 16)
            )
            found.append((address, length, flags))
            if not flags & NEXT:
                return found

    def memory(self, descriptor: tuple[int, int, int]) -> Any:
        """Returns the bytes that a descriptor names."""
        return self.bench.memory.bytes_at(LINEAR_BASE + descriptor[0], descriptor[1])

    def use(self, head: int, written: int) -> None:
        """Reports a chain as used, and interrupts."""
        used = self.ring(0xA0)
        index = self.word(used + 2, 2)
        place = used + 4 + 8 * (index % self.size())
        self.store(place, 4, head)
        self.store(place + 4, 4, written)
        self.store(used + 2, 2, (index + 1) & 0xFFFF)
        self.before_interrupt()
        self.interrupts |= 1
        self.on_interrupt()
