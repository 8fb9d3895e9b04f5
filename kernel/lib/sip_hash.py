"""`SipHash`: a keyed hash of 64-bit words that nobody without the key can predict.

SipHash-2-4 of Aumasson and Bernstein (2012). For hash tables that strangers fill, and numbers that
they must not guess.
"""

from __future__ import annotations

from bare import rotate_left, struct, u64, wrapping_add


@struct
class SipHash:
    """Words go in one by one; `finish` gives the hash. `start` begins anew."""

    v0: u64 = 0
    v1: u64 = 0
    v2: u64 = 0
    v3: u64 = 0

    def start(self, key_low: u64, key_high: u64) -> None:
        """Begins with a key of 16 bytes, as two little-endian words."""
        self.v0 = key_low ^ 0x736F_6D65_7073_6575
        self.v1 = key_high ^ 0x646F_7261_6E64_6F6D
        self.v2 = key_low ^ 0x6C79_6765_6E65_7261
        self.v3 = key_high ^ 0x7465_6462_7974_6573

    def add(self, word: u64) -> None:
        """Takes eight bytes, as a little-endian word."""
        self.v3 ^= word
        self._mix()
        self._mix()
        self.v0 ^= word

    def finish(self, rest: u64, length: u64) -> u64:
        """Takes the last 0 to 7 bytes, and how many bytes there were in all; returns the hash."""
        self.add(rest | (length & 0xFF) << 56)
        self.v2 ^= 0xFF
        self._mix()
        self._mix()
        self._mix()
        self._mix()
        return self.v0 ^ self.v1 ^ self.v2 ^ self.v3

    def _mix(self) -> None:
        """Does one SipRound."""
        self.v0 = wrapping_add(self.v0, self.v1)
        self.v1 = rotate_left(self.v1, 13) ^ self.v0
        self.v0 = rotate_left(self.v0, 32)
        self.v2 = wrapping_add(self.v2, self.v3)
        self.v3 = rotate_left(self.v3, 16) ^ self.v2
        self.v0 = wrapping_add(self.v0, self.v3)
        self.v3 = rotate_left(self.v3, 21) ^ self.v0
        self.v2 = wrapping_add(self.v2, self.v1)
        self.v1 = rotate_left(self.v1, 17) ^ self.v2
        self.v2 = rotate_left(self.v2, 32)
