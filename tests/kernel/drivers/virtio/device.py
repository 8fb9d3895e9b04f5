"""A virtio block device, in Python: an honest one, with hooks to lie. Virtio 1.2, 5.2."""

from __future__ import annotations

import struct

from tests.kernel.bench import Bench
from tests.kernel.drivers.virtio.transport import DRIVER_OK, WRITE, FakeVirtio

SECTOR = 512
FEATURE_SEGMENTS = 1 << 2
BLOCK = 2


class FakeBlk(FakeVirtio):
    """The device. `work` serves one request; the test decides when."""

    def __init__(self, bench: Bench, content: bytes) -> None:
        super().__init__(bench, BLOCK, FEATURE_SEGMENTS)
        self.content = content
        self.segments = 16
        self.requests: list[tuple[int, int]] = []
        self.status_byte = 0
        self.is_silent = False
        bench.devices.append(self.work)

    def configuration(self) -> bytes:
        """Returns capacity and segment limit."""
        return struct.pack("<QII", len(self.content) // SECTOR, 0, self.segments)

    def work(self) -> bool:
        """Serves the next request; whether there was one."""
        if self.is_silent or not self.status() & DRIVER_OK or self.available() == 0:
            return False
        head = self.take_head()
        self.use(head, self.serve(head))
        self.interrupt()
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
