"""Points of the Edwards curve of Ed25519. RFC 8032, 5.1.

-x**2 + y**2 = 1 + d x**2 y**2 modulo 2**255 - 19, in extended coordinates: x = X/Z, y = Y/Z,
x y = T/Z. Not constant in time: for public values only.
"""

from __future__ import annotations

from bare import Array, Bytes, Span, array, inline, struct, u8, usize
from bare.lib.field25519 import (
    ELEMENT_SIZE,
    PRIME,
    Element,
    add,
    multiply,
    raise_to_root,
    reciprocal,
    square,
    subtract,
)

CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
BASE_Y = 4 * pow(5, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)

# RFC 8032, 5.1.3, for the one point that is a constant: its x is the even root.
BASE_X_SQUARE = (BASE_Y**2 - 1) * pow(CURVE_D * BASE_Y**2 + 1, -1, PRIME) % PRIME
CANDIDATE = pow(BASE_X_SQUARE, (PRIME + 3) // 8, PRIME)
ROOT = CANDIDATE * (1 if CANDIDATE**2 % PRIME == BASE_X_SQUARE else ROOT_OF_MINUS_ONE) % PRIME
BASE_X = ROOT if ROOT % 2 == 0 else PRIME - ROOT

BASE_X_BYTES = BASE_X.to_bytes(ELEMENT_SIZE, "little")
BASE_Y_BYTES = BASE_Y.to_bytes(ELEMENT_SIZE, "little")
D_BYTES = CURVE_D.to_bytes(ELEMENT_SIZE, "little")
TWICE_D_BYTES = (2 * CURVE_D % PRIME).to_bytes(ELEMENT_SIZE, "little")
ROOT_BYTES = ROOT_OF_MINUS_ONE.to_bytes(ELEMENT_SIZE, "little")
SIGN_BIT: u8 = 0x80
SCALAR_BITS: usize = 253
"""Scalars are below the order of the base point."""


@struct
class Point:
    """A point of the curve, once one of the `set_` methods or an operation has filled it."""

    x: Element = inline()
    y: Element = inline()
    z: Element = inline()
    t: Element = inline()

    def set_neutral(self) -> None:
        """Becomes the neutral element (0, 1)."""
        self.x.set_small(0)
        self.y.set_small(1)
        self.z.set_small(1)
        self.t.set_small(0)

    def set_base(self) -> None:
        """Becomes the base point."""
        self.x.load(BASE_X_BYTES)
        self.y.load(BASE_Y_BYTES)
        self.z.set_small(1)
        multiply(self.t, self.x, self.y)

    def negate(self) -> None:
        """Becomes its own negative."""
        zero = Element()
        subtract(self.x, zero, self.x)
        subtract(self.t, zero, self.t)

    def decode(self, source: Bytes) -> bool:
        """Takes 32 bytes of RFC 8032, 5.1.3; False where they are no point's only encoding."""
        self.y.load(source)
        form: Array[u8] = array(ELEMENT_SIZE)
        self.y.store(form)
        is_negative = source[31] & SIGN_BIT != 0
        if is_negative:
            form[ELEMENT_SIZE - 1] |= SIGN_BIT
        if form != source[:ELEMENT_SIZE]:
            return False
        if not self._find_x():
            return False
        if self.x.is_zero() and is_negative:
            return False
        if self.x.is_odd() != is_negative:
            zero = Element()
            subtract(self.x, zero, self.x)
        self.z.set_small(1)
        multiply(self.t, self.x, self.y)
        return True

    def encode(self, into: Span[u8]) -> None:
        """Writes the 32 bytes of RFC 8032, 5.1.2."""
        inverse = Element()
        x = Element()
        y = Element()
        reciprocal(inverse, self.z)
        multiply(x, self.x, inverse)
        multiply(y, self.y, inverse)
        y.store(into)
        if x.is_odd():
            into[31] |= SIGN_BIT

    def _find_x(self) -> bool:
        """Solves the curve for x: the root of (y**2 - 1) / (d y**2 + 1); False without one."""
        one = Element()
        constant = Element()
        numerator = Element()
        denominator = Element()
        one.set_small(1)
        constant.load(D_BYTES)
        square(numerator, self.y)
        multiply(denominator, numerator, constant)
        subtract(numerator, numerator, one)
        add(denominator, denominator, one)
        self._root_of_fraction(numerator, denominator)
        check = Element()
        square(check, self.x)
        multiply(check, check, denominator)
        difference = Element()
        subtract(difference, check, numerator)
        if difference.is_zero():
            return True
        add(difference, check, numerator)
        if not difference.is_zero():
            return False
        constant.load(ROOT_BYTES)
        multiply(self.x, self.x, constant)
        return True

    def _root_of_fraction(self, numerator: Element, denominator: Element) -> None:
        """x = u v**3 (u v**7) ** ((p - 5) / 8): the root, or that of the negative fraction."""
        cube = Element()
        seventh = Element()
        square(cube, denominator)
        multiply(cube, cube, denominator)
        square(seventh, cube)
        multiply(seventh, seventh, denominator)
        multiply(seventh, seventh, numerator)
        raise_to_root(seventh, seventh)
        multiply(cube, cube, numerator)
        multiply(self.x, cube, seventh)


def add_points(into: Point, left: Point, right: Point) -> None:
    """into = left + right. RFC 8032, 5.1.4; `into` may be either."""
    a = Element()
    b = Element()
    c = Element()
    d = Element()
    other = Element()
    subtract(a, left.y, left.x)
    subtract(other, right.y, right.x)
    multiply(a, a, other)
    add(b, left.y, left.x)
    add(other, right.y, right.x)
    multiply(b, b, other)
    other.load(TWICE_D_BYTES)
    multiply(c, left.t, right.t)
    multiply(c, c, other)
    multiply(d, left.z, right.z)
    add(d, d, d)
    _finish(into, a, b, c, d)


def _finish(into: Point, a: Element, b: Element, c: Element, d: Element) -> None:
    """Makes the sum from the four products that RFC 8032, 5.1.4 calls A to D."""
    e = Element()
    f = Element()
    g = Element()
    h = Element()
    subtract(e, b, a)
    subtract(f, d, c)
    add(g, d, c)
    add(h, b, a)
    multiply(into.x, e, f)
    multiply(into.y, g, h)
    multiply(into.z, f, g)
    multiply(into.t, e, h)


def double_point(into: Point, point: Point) -> None:
    """into = point + point. RFC 8032, 5.1.4; `into` may be the point."""
    a = Element()
    b = Element()
    c = Element()
    e = Element()
    f = Element()
    g = Element()
    h = Element()
    square(a, point.x)
    square(b, point.y)
    square(c, point.z)
    add(c, c, c)
    add(h, a, b)
    add(e, point.x, point.y)
    square(e, e)
    subtract(e, h, e)
    subtract(g, a, b)
    add(f, c, g)
    multiply(into.x, e, f)
    multiply(into.y, g, h)
    multiply(into.z, f, g)
    multiply(into.t, e, h)


def add_multiples(into: Point, first: Bytes, second: Bytes, point: Point) -> None:
    """into = first * base + second * point, for scalars of 32 bytes, the lowest first.

    Both scalars are gone through at once, from the highest bit (Straus).
    """
    base = Point()
    both = Point()
    total = Point()
    base.set_base()
    add_points(both, base, point)
    total.set_neutral()
    for step in range(SCALAR_BITS):
        place = SCALAR_BITS - 1 - step
        double_point(total, total)
        has_first = bit_of(first, place)
        has_second = bit_of(second, place)
        if has_first and has_second:
            add_points(total, total, both)
        elif has_first:
            add_points(total, total, base)
        elif has_second:
            add_points(total, total, point)
    copy_point(into, total)


def copy_point(into: Point, source: Point) -> None:
    """into = source"""
    into.x.copy_from(source.x)
    into.y.copy_from(source.y)
    into.z.copy_from(source.z)
    into.t.copy_from(source.t)


def bit_of(scalar: Bytes, place: usize) -> bool:
    """Returns one bit of a scalar."""
    return scalar[place // 8] >> u8(place % 8) & 1 == 1
