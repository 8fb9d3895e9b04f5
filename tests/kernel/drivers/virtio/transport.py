"""A virtio device over memory-mapped registers, in Python: registers, queues, rings.

Virtio 1.2, 2.7 and 4.2.2, written from the specification and not from the driver. What a device
does with its buffers is the subclasses'.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from tests.kernel.bench import LINEAR_BASE, Bench

ADDRESS = LINEAR_BASE + 0x0A00_0000
REGISTER_BYTES = 0x200
CONFIGURATION = 0x100
MAGIC = 0x74726976
VERSION = 2
FEATURE_VERSION_1 = 1 << 32
FEATURE_EVENT_INDEX = 1 << 29
QUEUE_LIMIT = 256
NEXT = 1
WRITE = 2
DRIVER_OK = 4
FAILED = 128
DESCRIPTORS, AVAILABLE, USED = 0x80, 0x90, 0xA0

Descriptor = tuple[int, int, int]
"""Address, length, flags."""


class FakeVirtio:
    """Registers and queues of a device; honest unless a test overrides something."""

    def __init__(self, bench: Bench, identity: int, features: int) -> None:
        self.bench = bench
        self.version = VERSION
        self.identity = identity
        self.features = FEATURE_VERSION_1 | features
        self.queue_limit = QUEUE_LIMIT
        self.registers: dict[int, int] = {}
        self.queues: dict[int, dict[int, int]] = {}
        self.served: dict[int, int] = {}
        self.notified = 0
        """Notifications of any queue since the reset."""
        self.interrupts = 0
        self.resets = 0
        self.can_reset = True
        self.before_interrupt: Callable[[], None] = lambda: None
        self.on_interrupt: Callable[[], None] = lambda: None
        bench.memory.add_device(ADDRESS, REGISTER_BYTES, self)

    def read(self, offset: int, width: int) -> int:
        """Answers a load."""
        assert width == 32
        if offset >= CONFIGURATION:
            padded = self.configuration().ljust(REGISTER_BYTES, b"\0")
            return int.from_bytes(padded[offset - CONFIGURATION :][:4], "little")
        selected = self.registers.get(0x14, 0)
        answers = {
            0x00: MAGIC,
            0x04: self.version,
            0x08: self.identity,
            0x10: self.features >> 32 * selected & 0xFFFF_FFFF,
            0x34: self.queue_limit,
            0x44: self.queue().get(0x44, 0),
            0x60: self.interrupts,
            0x70: self.status(),
        }
        return int(answers.get(offset, self.registers.get(offset, 0)))

    def configuration(self) -> bytes:
        """Returns the device's own registers."""
        raise NotImplementedError

    def status(self) -> int:
        """Returns the status register."""
        return self.registers.get(0x70, 0)

    def write(self, offset: int, width: int, value: int) -> None:
        """Takes a store."""
        assert width == 32
        if offset == 0x70 and value == 0:
            self._reset()
            return
        if offset == 0x50:
            self.notified += 1
        if offset == 0x64:
            self.interrupts &= ~value
        if offset in (0x38, 0x44) or DESCRIPTORS <= offset < CONFIGURATION:
            self.queue()[offset] = value
        else:
            self.registers[offset] = value

    def accepted_features(self) -> int:
        """Returns the word of features that the driver wrote last: the high one."""
        return self.registers.get(0x20, 0)

    def queue(self, index: int | None = None) -> dict[int, int]:
        """Returns the registers of a queue; by default of the selected one."""
        chosen = self.registers.get(0x30, 0) if index is None else index
        return self.queues.setdefault(chosen, {})

    def ring(self, low: int, index: int = 0) -> int:
        """Returns the linear address of a part of a queue."""
        registers = self.queue(index)
        return LINEAR_BASE + registers[low] + (registers[low + 4] << 32)

    def size(self, index: int = 0) -> int:
        """Returns the length of a queue."""
        return self.queue(index)[0x38]

    def word(self, address: int, width: int) -> int:
        """Loads from the guest's memory."""
        return int.from_bytes(bytes(self.bench.memory.bytes_at(address, width)), "little")

    def store(self, address: int, width: int, value: int) -> None:
        """Stores to the guest's memory."""
        self.bench.memory.bytes_at(address, width)[:] = value.to_bytes(width, "little")

    def available(self, index: int = 0) -> int:
        """Returns how many chains wait in a queue."""
        ring = self.ring(AVAILABLE, index)
        return (self.word(ring + 2, 2) - self.served.get(index, 0)) & 0xFFFF

    def take_head(self, index: int = 0) -> int:
        """Takes the next chain that is available."""
        served = self.served.get(index, 0)
        ring = self.ring(AVAILABLE, index)
        self.served[index] = (served + 1) & 0xFFFF
        return self.word(ring + 4 + 2 * (served % self.size(index)), 2)

    def chain(self, head: int, index: int = 0) -> list[Descriptor]:
        """Returns the descriptors of a chain."""
        found: list[Descriptor] = []
        place = head
        while True:
            assert place < self.size(index) and len(found) < self.size(index)
            at = self.ring(DESCRIPTORS, index) + 16 * place
            data = self.bench.memory.bytes_at(at, 16)
            address, length, flags, place = struct.unpack("<QIHH", data)
            assert length > 0, "an empty buffer"
            found.append((address, length, flags))
            if not flags & NEXT:
                return found

    def memory(self, descriptor: Descriptor) -> Any:
        """Returns the bytes that a descriptor names."""
        return self.bench.memory.bytes_at(LINEAR_BASE + descriptor[0], descriptor[1])

    def use(self, head: int, written: int, index: int = 0) -> None:
        """Reports a chain as used."""
        used = self.ring(USED, index)
        count = self.word(used + 2, 2)
        place = used + 4 + 8 * (count % self.size(index))
        self.store(place, 4, head)
        self.store(place + 4, 4, written)
        self.store(used + 2, 2, (count + 1) & 0xFFFF)

    def interrupt(self, reason: int = 1) -> None:
        """Interrupts, whether the driver wants it or not."""
        self.before_interrupt()
        self.interrupts |= reason
        self.on_interrupt()

    def _reset(self) -> None:
        self.resets += 1
        if self.can_reset:
            self.registers.clear()
            self.queues.clear()
            self.served.clear()
            self.notified = 0
