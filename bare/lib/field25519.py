"""Arithmetic modulo the prime 2**255 - 19, for signatures on Curve25519.

An element is five limbs of 51 bits, the lowest first. Every operation takes limbs below 2**52 and
leaves such: a little more than 51 bits each, so an element has several forms; `store` makes the
one of RFC 8032, 5.1.2. Results may be written over operands. Not constant in time: for public
values only.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    Span,
    array,
    load_u64,
    multiply_high,
    store_u64,
    struct,
    u8,
    u32,
    u64,
    wrapping_add,
    wrapping_mul,
)

PRIME = 2**255 - 19
LIMB_BITS = 51
LIMB_MASK: u64 = (1 << LIMB_BITS) - 1
LIMBS = 5
FOLD: u64 = 19
"""2**255 is 19 modulo the prime."""
FOUR_PRIMES: tuple[u64, ...] = (4 * (2**51 - 19),) + (4 * (2**51 - 1),) * 4
"""Four times the prime, in limbs that are larger than those of any operand."""
ELEMENT_SIZE = 32


@struct
class Element:
    """A number modulo the prime; zeroed is 0."""

    limbs: Array[u64] = array(LIMBS)

    def copy_from(self, other: Element) -> None:
        """Takes the value of another."""
        self.limbs[:].copy_from(other.limbs)

    def set_small(self, value: u32) -> None:
        """Becomes a small number."""
        self.limbs[:].fill(0)
        self.limbs[0] = u64(value)

    def load(self, source: Bytes) -> None:
        """Takes 32 bytes, the lowest first; the highest bit is not looked at."""
        words: Array[u64] = array(4)
        for index in range(4):
            words[index] = load_u64(source, 8 * index)
        self.limbs[0] = words[0] & LIMB_MASK
        self.limbs[1] = (words[0] >> 51 | (words[1] & (LIMB_MASK >> 13)) << 13) & LIMB_MASK
        self.limbs[2] = (words[1] >> 38 | (words[2] & (LIMB_MASK >> 26)) << 26) & LIMB_MASK
        self.limbs[3] = (words[2] >> 25 | (words[3] & (LIMB_MASK >> 39)) << 39) & LIMB_MASK
        self.limbs[4] = words[3] >> 12 & LIMB_MASK

    def store(self, into: Span[u8]) -> None:
        """Writes the 32 bytes of the smallest form."""
        self.carry()
        self.carry()
        self._subtract_prime()
        limbs = self.limbs
        store_u64(into, 0, limbs[0] | (limbs[1] & 0x1FFF) << 51)
        store_u64(into, 8, limbs[1] >> 13 | (limbs[2] & 0x3FF_FFFF) << 38)
        store_u64(into, 16, limbs[2] >> 26 | (limbs[3] & 0x7F_FFFF_FFFF) << 25)
        store_u64(into, 24, limbs[3] >> 39 | limbs[4] << 12)

    def is_zero(self) -> bool:
        """Whether the value is 0 in any form."""
        form: Array[u8] = array(ELEMENT_SIZE)
        self.store(form)
        for byte in form:
            if byte != 0:
                return False
        return True

    def is_odd(self) -> bool:
        """Whether the smallest form is odd: the sign of RFC 8032."""
        form: Array[u8] = array(ELEMENT_SIZE)
        self.store(form)
        return form[0] & 1 == 1

    def carry(self) -> None:
        """Moves what is above 51 bits of a limb into the next, and from the last to the first."""
        over: u64 = 0
        for index in range(LIMBS):
            limb = self.limbs[index] + over
            self.limbs[index] = limb & LIMB_MASK
            over = limb >> LIMB_BITS
        self.limbs[0] += FOLD * over

    def _subtract_prime(self) -> None:
        """Brings a carried value below the prime: it is p or more if adding 19 reaches 2**255."""
        over = (self.limbs[0] + FOLD) >> LIMB_BITS
        for index in range(1, LIMBS):
            over = (self.limbs[index] + over) >> LIMB_BITS
        over *= FOLD
        for index in range(LIMBS):
            limb = self.limbs[index] + over
            self.limbs[index] = limb & LIMB_MASK
            over = limb >> LIMB_BITS


def add(into: Element, left: Element, right: Element) -> None:
    """into = left + right"""
    for index in range(LIMBS):
        into.limbs[index] = left.limbs[index] + right.limbs[index]
    into.carry()


def subtract(into: Element, left: Element, right: Element) -> None:
    """into = left - right"""
    for index in range(LIMBS):
        into.limbs[index] = left.limbs[index] + FOUR_PRIMES[index] - right.limbs[index]
    into.carry()


def multiply(into: Element, left: Element, right: Element) -> None:
    """into = left * right"""
    product: Array[u64] = array(LIMBS)
    over: u64 = 0
    for place in range(LIMBS):
        low = over
        high: u64 = 0
        for index in range(LIMBS):
            factor = left.limbs[index]
            if index <= place:
                other = right.limbs[place - index]
            else:
                other = FOLD * right.limbs[LIMBS + place - index]
            sum_low = wrapping_add(low, wrapping_mul(factor, other))
            high += multiply_high(factor, other)
            if sum_low < low:
                high += 1
            low = sum_low
        product[place] = low & LIMB_MASK
        over = high << 13 | low >> LIMB_BITS
    product[0] += FOLD * over
    into.limbs[:].copy_from(product)
    into.carry()


def square(into: Element, value: Element) -> None:
    """into = value ** 2"""
    multiply(into, value, value)


def raise_and_multiply(into: Element, base: Element, squarings: u32, factor: Element) -> None:
    """into = base ** (2 ** squarings) * factor"""
    power = Element()
    power.copy_from(base)
    for _ in range(squarings):
        square(power, power)
    multiply(into, power, factor)


def raise_to_250_ones(into: Element, value: Element) -> None:
    """into = value ** (2**250 - 1), by doubling the number of ones in the exponent."""
    ones_5 = Element()
    ones_10 = Element()
    ones_50 = Element()
    power = Element()
    raise_and_multiply(power, value, 1, value)
    raise_and_multiply(power, power, 2, power)
    raise_and_multiply(ones_5, power, 1, value)
    raise_and_multiply(ones_10, ones_5, 5, ones_5)
    raise_and_multiply(power, ones_10, 10, ones_10)
    raise_and_multiply(power, power, 20, power)
    raise_and_multiply(ones_50, power, 10, ones_10)
    raise_and_multiply(power, ones_50, 50, ones_50)
    raise_and_multiply(power, power, 100, power)
    raise_and_multiply(into, power, 50, ones_50)


def reciprocal(into: Element, value: Element) -> None:
    """into = 1 / value, which is value ** (p - 2); 0 for 0."""
    power = Element()
    cube = Element()
    eleven = Element()
    raise_to_250_ones(power, value)
    raise_and_multiply(cube, value, 1, value)
    raise_and_multiply(eleven, value, 3, cube)
    raise_and_multiply(into, power, 5, eleven)


def raise_to_root(into: Element, value: Element) -> None:
    """into = value ** ((p - 5) / 8), the candidate of a square root. RFC 8032, 5.1.3."""
    power = Element()
    raise_to_250_ones(power, value)
    raise_and_multiply(into, power, 2, value)
