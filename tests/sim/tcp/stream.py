"""Bare Python: the bytes of a simulated stream, which their place says, and a reader's buffer."""

from __future__ import annotations

from bare import Span, struct, u8, u32, wrap_u8, wrapping_add, wrapping_mul


def byte_at(salt: u32, place: u32) -> u8:
    """Returns a byte of a stream."""
    mixed = wrapping_mul(wrapping_add(place, salt), 0x9E37_79B1)
    return wrap_u8(mixed >> 24)


def fill_stream(into: Span[u8], salt: u32, place: u32) -> None:
    """Writes the bytes of a stream from `place` on."""
    for index in range(len(into)):
        into[index] = byte_at(salt, place + u32(index))


@struct
class Reader:
    """A receive queue: a ring, where bytes are put wherever in the stream they belong."""

    ring: Span[u8]
    salt: u32 = 0
    delivered: u32 = 0
    """Bytes that TCP says may be read."""
    consumed: u32 = 0
    wrong: u32 = 0
    """Bytes that were read and were not those of the stream."""

    def put(self, place: u32, data: Span[u8]) -> None:
        """Keeps bytes of the stream. Those ahead of the ring are a fault of the window."""
        mask = u32(len(self.ring)) - 1
        assert place + u32(len(data)) <= self.consumed + u32(len(self.ring)), "beyond the window"
        for index in range(len(data)):
            self.ring[(place + u32(index)) & mask] = data[index]

    def read(self, most: u32) -> u32:
        """Reads up to `most` bytes, checks them, and returns how many there were."""
        mask = u32(len(self.ring)) - 1
        count = min(most, self.delivered - self.consumed)
        for index in range(self.consumed, self.consumed + count):
            place = index & mask
            if self.ring[place] != byte_at(self.salt, index):
                self.wrong += 1
            self.ring[place] = 0
        self.consumed += count
        return count
