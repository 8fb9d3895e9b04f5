"""A virtio network device, in Python: an honest one, with hooks to lie. Virtio 1.2, 5.1."""

from __future__ import annotations

import struct

from tests.kernel.bench import Bench
from tests.kernel.drivers.virtio.transport import (
    AVAILABLE,
    FEATURE_EVENT_INDEX,
    USED,
    WRITE,
    FakeVirtio,
)

NETWORK = 1
MAC = bytes.fromhex("525400123456")
FEATURE_MTU = 1 << 3
FEATURE_MAC = 1 << 5
FEATURE_MERGING = 1 << 15
FEATURE_STATUS = 1 << 16
RECEIVE, SEND = 0, 1
HEADER = 12
LINK_UP = 1


class FakeNet(FakeVirtio):
    """The device. `deliver` and `collect` do its work when the test says."""

    def __init__(self, bench: Bench, without: int = 0) -> None:
        features = FEATURE_MTU | FEATURE_MAC | FEATURE_MERGING | FEATURE_STATUS
        super().__init__(bench, NETWORK, (features | FEATURE_EVENT_INDEX) & ~without)
        self.link = LINK_UP
        self.mtu = 1500
        self.sent: list[bytes] = []
        """Frames that the guest sent."""
        self.signalled: dict[int, int] = {}
        self.interrupt_count = 0

    def configuration(self) -> bytes:
        """Returns address, link, number of queue pairs and MTU."""
        return MAC + struct.pack("<HHH", self.link, 1, self.mtu)

    def deliver(self, *frames: bytes, pieces: tuple[int, ...] = (), **lies: int) -> None:
        """Receives frames and interrupts if the driver wishes it.

        `pieces` are the lengths of a frame's buffers, without the header; the last takes the rest.
        `buffers`, `gso` and `written` are lies about every frame.
        """
        for frame in frames:
            parts = cut(frame, pieces)
            header = struct.pack(
                "<BBHHHHH", 0, lies.get("gso", 0), 0, 0, 0, 0, lies.get("buffers", len(parts))
            )
            parts[0] = header + parts[0]
            for part in parts:
                self.fill(part, lies.get("written", len(part)))
        self.interrupt_if_wanted(RECEIVE)

    def fill(self, part: bytes, written: int) -> None:
        """Writes into the next buffer and reports it."""
        head = self.take_head(RECEIVE)
        (buffer,) = self.chain(head, RECEIVE)
        assert buffer[2] & WRITE
        self.memory(buffer)[: len(part)] = part
        self.use(head, written, RECEIVE)

    def collect(self, count: int | None = None) -> None:
        """Sends up to `count` of the waiting frames, and interrupts if the driver wishes it."""
        left = self.available(SEND) if count is None else count
        for _ in range(left):
            head = self.take_head(SEND)
            chain = self.chain(head, SEND)
            assert not any(part[2] & WRITE for part in chain)
            data = b"".join(bytes(self.memory(part)) for part in chain)
            assert data[:HEADER] == bytes(HEADER), "an offload that was not agreed on"
            self.sent.append(data[HEADER:])
            self.use(head, 0, SEND)
        self.ask_for_notification(SEND)
        self.interrupt_if_wanted(SEND)

    def ask_for_notification(self, index: int) -> None:
        """Asks to be notified of the next chain. Virtio 1.2, 2.7.10."""
        event = self.ring(USED, index) + 4 + 8 * self.size(index)
        self.store(event, 2, self.served.get(index, 0))

    def interrupt_if_wanted(self, index: int) -> None:
        """Interrupts as the driver asked for: by event index, or unless its flag says no."""
        after = self.word(self.ring(USED, index) + 2, 2)
        before = self.signalled.get(index, 0)
        self.signalled[index] = after
        available = self.ring(AVAILABLE, index)
        if self.features & FEATURE_EVENT_INDEX:
            event = self.word(available + 4 + 2 * self.size(index), 2)
            is_wanted = (after - event - 1) & 0xFFFF < (after - before) & 0xFFFF
        else:
            is_wanted = self.word(available, 2) & 1 == 0 and after != before
        if is_wanted:
            self.interrupt_count += 1
            self.interrupt()


def cut(frame: bytes, pieces: tuple[int, ...]) -> list[bytes]:
    """Cuts a frame into pieces of these lengths, the last one taking the rest."""
    parts = []
    for length in pieces:
        parts.append(frame[:length])
        frame = frame[length:]
    if frame or not parts:
        parts.append(frame)
    return parts
