"""Bare Python: random numbers that a seed repeats (xorshift64*)."""

from __future__ import annotations

from bare import struct, u32, u64, wrap_u32, wrapping_mul, wrapping_shl


@struct
class Dice:
    """A stream of numbers. `state` must not be zero."""

    state: u64 = 1

    def start(self, seed: u64) -> None:
        """Begins the stream of a seed."""
        self.state = wrapping_mul(seed + 1, 0x9E37_79B9_7F4A_7C15) | 1
        self.roll()

    def roll(self) -> u32:
        """Returns any number."""
        self.state ^= self.state >> 12
        self.state ^= wrapping_shl(self.state, 25)
        self.state ^= self.state >> 27
        return wrap_u32(wrapping_mul(self.state, 0x2545_F491_4F6C_DD1D) >> 32)

    def below(self, limit: u32) -> u32:
        """Returns a number from 0 to `limit` - 1."""
        return self.roll() % limit

    def happens(self, permille: u32) -> bool:
        """Says yes `permille` times in a thousand."""
        return permille > 0 and self.below(1000) < permille
