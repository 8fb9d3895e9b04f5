"""`Bitmap`: a set of small numbers, one bit each, in words that the owner provides."""

from __future__ import annotations

from bare import Span, count_ones, invert, struct, trailing_zeros, u64, usize

WORD_BITS = 64


@struct
class Bitmap:
    """The numbers below `64 * len(words)`. Each operation traps outside of that."""

    words: Span[u64]

    def capacity(self) -> usize:
        """Returns how many numbers there may be."""
        return WORD_BITS * len(self.words)

    def has(self, number: usize) -> bool:
        """Whether `number` is in the set."""
        return self.words[number // WORD_BITS] & mask_of(number) != 0

    def add(self, number: usize) -> None:
        """Puts `number` into the set."""
        self.words[number // WORD_BITS] |= mask_of(number)

    def remove(self, number: usize) -> None:
        """Takes `number` out of the set."""
        self.words[number // WORD_BITS] &= invert(mask_of(number))

    def count(self) -> usize:
        """Returns how many numbers are in the set."""
        total: usize = 0
        for word in self.words:
            total += count_ones(word)
        return total

    def first_from(self, start: usize) -> usize:
        """Returns the smallest number in the set from `start` on, or `capacity()` if none."""
        number = start
        while number < self.capacity():
            rest = self.words[number // WORD_BITS] >> (number % WORD_BITS)
            if rest != 0:
                return number + trailing_zeros(rest)
            number = (number // WORD_BITS + 1) * WORD_BITS
        return self.capacity()

    def first_missing_from(self, start: usize) -> usize:
        """Returns the smallest number not in the set from `start` on, or `capacity()` if none."""
        number = start
        while number < self.capacity():
            rest = invert(self.words[number // WORD_BITS]) >> (number % WORD_BITS)
            if rest != 0:
                return number + trailing_zeros(rest)
            number = (number // WORD_BITS + 1) * WORD_BITS
        return self.capacity()


def mask_of(number: usize) -> u64:
    """Returns the bit of `number` in its word."""
    return u64(1) << (number % WORD_BITS)
