"""SHA-512 (FIPS 180-4).

How to use it: make a `Sha512`, call `start`, `update` as often as needed, `finish`.
"""

from __future__ import annotations

from decimal import Context
from math import isqrt

from bare import (
    Array,
    Bytes,
    Span,
    array,
    invert,
    load_u64_be,
    rotate_right,
    store_u64_be,
    struct,
    u8,
    u64,
    usize,
    wrapping_add,
)

DIGEST_SIZE: usize = 64
BLOCK_SIZE: usize = 128
LENGTH_OFFSET: usize = 112
"""Where the length in bits, 16 bytes, stands in the last block."""
ROUNDS = 80
WORD_MASK = (1 << 64) - 1


PRIMES = [number for number in range(2, 410) if all(number % part for part in range(2, number))]
EXACT = Context(prec=60)
"""Arithmetic with far more digits than the constants have."""
CUBE_ROOTS = [EXACT.power(prime, EXACT.divide(1, 3)) for prime in PRIMES]

INITIAL: tuple[u64, ...] = tuple(isqrt(prime << 128) & WORD_MASK for prime in PRIMES[:8])
"""FIPS 180-4, 5.3.5: fractions of the square roots of the first primes, 64 bits each."""

ROUND: tuple[u64, ...] = tuple(int(EXACT.multiply(root % 1, 2**64)) for root in CUBE_ROOTS)
"""FIPS 180-4, 4.2.3: fractions of the cube roots of the first primes, 64 bits each."""


@struct
class Sha512:
    """A running digest."""

    state: Array[u64] = array(8)
    schedule: Array[u64] = array(ROUNDS)
    block: Array[u8] = array(128)
    used: usize = 0
    length: u64 = 0

    def start(self) -> None:
        """Forgets everything; must come first."""
        for index, word in enumerate(INITIAL):
            self.state[index] = word
        self.used = 0
        self.length = 0

    def update(self, data: Bytes) -> None:
        """Adds `data`."""
        self.length += len(data)
        rest = data
        while len(rest) > 0:
            taken = min(BLOCK_SIZE - self.used, len(rest))
            self.block[self.used : self.used + taken].copy_from(rest[:taken])
            self.used += taken
            rest = rest[taken:]
            if self.used == BLOCK_SIZE:
                self._compress()
                self.used = 0

    def finish(self, digest: Span[u8]) -> None:
        """Writes the 64 bytes of the digest; `start` makes the object usable again."""
        self.block[self.used] = 0x80
        self.block[self.used + 1 :].fill(0)
        if self.used >= LENGTH_OFFSET:
            self._compress()
            self.block[:].fill(0)
        store_u64_be(self.block, LENGTH_OFFSET + 8, self.length * 8)
        self._compress()
        for index, word in enumerate(self.state):
            store_u64_be(digest, 8 * index, word)

    def _compress(self) -> None:
        """Mixes the block into the state. FIPS 180-4, 6.4.2."""
        self._expand()
        state = self.state
        a, b, c, d = state[0], state[1], state[2], state[3]
        e, f, g, h = state[4], state[5], state[6], state[7]
        for round_key, word in zip(ROUND, self.schedule, strict=True):
            choice = e & f ^ invert(e) & g
            majority = a & b ^ a & c ^ b & c
            first = wrapping_add(wrapping_add(h, _big_sigma_1(e)), choice)
            first = wrapping_add(wrapping_add(first, round_key), word)
            second = wrapping_add(_big_sigma_0(a), majority)
            h, g, f, e = g, f, e, wrapping_add(d, first)
            d, c, b, a = c, b, a, wrapping_add(first, second)
        self._add(0, a, b, c, d)
        self._add(4, e, f, g, h)

    def _add(self, place: usize, first: u64, second: u64, third: u64, fourth: u64) -> None:
        self.state[place] = wrapping_add(self.state[place], first)
        self.state[place + 1] = wrapping_add(self.state[place + 1], second)
        self.state[place + 2] = wrapping_add(self.state[place + 2], third)
        self.state[place + 3] = wrapping_add(self.state[place + 3], fourth)

    def _expand(self) -> None:
        """Makes the 80 words of the message schedule."""
        schedule = self.schedule
        for index in range(16):
            schedule[index] = load_u64_be(self.block, 8 * index)
        for index in range(16, ROUNDS):
            recent = wrapping_add(_small_sigma_1(schedule[index - 2]), schedule[index - 7])
            old = wrapping_add(_small_sigma_0(schedule[index - 15]), schedule[index - 16])
            schedule[index] = wrapping_add(recent, old)


def _big_sigma_0(x: u64) -> u64:
    return rotate_right(x, 28) ^ rotate_right(x, 34) ^ rotate_right(x, 39)


def _big_sigma_1(x: u64) -> u64:
    return rotate_right(x, 14) ^ rotate_right(x, 18) ^ rotate_right(x, 41)


def _small_sigma_0(x: u64) -> u64:
    return rotate_right(x, 1) ^ rotate_right(x, 8) ^ x >> 7


def _small_sigma_1(x: u64) -> u64:
    return rotate_right(x, 19) ^ rotate_right(x, 61) ^ x >> 6
