"""The Internet checksum: the one's complement sum of 16-bit words. RFC 1071.

The sum does not depend on the order of bytes (RFC 1071, 2 (B)), so it is taken over little-endian
words, the carries coming back at the low end, and swapped once at the end.

A checksum is right where the sum over everything, itself included, `finish`es as zero.
"""

from __future__ import annotations

from bare import (
    Bytes,
    byte_swap,
    load_u16,
    load_u32,
    load_u64,
    struct,
    u8,
    u16,
    u32,
    u64,
    wrap_u16,
    wrapping_add,
)

LOW_HALF: u64 = 0xFFFF_FFFF


@struct
class Checksum:
    """A sum under way. Pieces may end at odd bytes; the next one goes on there."""

    sum: u64 = 0
    is_odd: bool = False

    def add(self, data: Bytes) -> None:
        """Adds bytes."""
        sum = sum_words(data)
        if self.is_odd:
            sum = u64(byte_swap(fold(sum)))
        self.sum = add_with_carry(self.sum, sum)
        if len(data) % 2 != 0:
            self.is_odd = not self.is_odd

    def add_pseudo_header(self, source: u32, destination: u32, protocol: u8, length: u32) -> None:
        """Adds the addresses, the protocol and the length that TCP and UDP cover besides their
        bytes. RFC 9293, 3.1; RFC 768.
        """
        self.sum = add_with_carry(self.sum, u64(byte_swap(source)))
        self.sum = add_with_carry(self.sum, u64(byte_swap(destination)))
        self.sum = add_with_carry(self.sum, u64(byte_swap(u32(protocol))))
        self.sum = add_with_carry(self.sum, u64(byte_swap(length)))

    def finish(self) -> u16:
        """Returns the checksum: what a big-endian field gets."""
        return byte_swap(fold(self.sum) ^ 0xFFFF)


def checksum(data: Bytes) -> u16:
    """Returns the checksum of bytes that are all there is."""
    return byte_swap(fold(sum_words(data)) ^ 0xFFFF)


def sum_words(data: Bytes) -> u64:
    """Sums words of 32 bits, less than 2**32 of them; a tail counts as if zeros followed.

    The halves of 64 bits are added apart, so that no carry need be looked for: an emulator computes
    flags dearly.
    """
    low: u64 = 0
    high: u64 = 0
    rest = data
    while len(rest) >= 32:
        block = rest[:32]
        for at in range(0, 32, 8):
            word = load_u64(block, at)
            low = wrapping_add(low, word & LOW_HALF)
            high = wrapping_add(high, word >> 32)
        rest = rest[32:]
    while len(rest) >= 8:
        word = load_u64(rest, 0)
        low = wrapping_add(low, word & LOW_HALF)
        high = wrapping_add(high, word >> 32)
        rest = rest[8:]
    if len(rest) >= 4:
        low = wrapping_add(low, u64(load_u32(rest, 0)))
        rest = rest[4:]
    if len(rest) >= 2:
        low = wrapping_add(low, u64(load_u16(rest, 0)))
        rest = rest[2:]
    if len(rest) == 1:
        low = wrapping_add(low, u64(rest[0]))
    return wrapping_add(low, high)


def add_with_carry(left: u64, right: u64) -> u64:
    """Adds in one's complement."""
    total = wrapping_add(left, right)
    return wrapping_add(total, 1) if total < right else total


def fold(total: u64) -> u16:
    """Folds a sum of 64 bits to 16."""
    half = (total >> 32) + (total & 0xFFFF_FFFF)
    quarter = (half >> 32) + (half & 0xFFFF_FFFF)
    word = (quarter >> 16) + (quarter & 0xFFFF)
    word = (word >> 16) + (word & 0xFFFF)
    return wrap_u16((word >> 16) + (word & 0xFFFF))
