"""`memcpy`, `memmove`, `memset`, `memcmp` and `bcmp`: what LLVM calls in freestanding programs.

Linked into every program for bare AArch64, outside of link-time optimisation, so that nothing turns
these loops into calls of themselves. They move 32 bytes a step and finish with overlapping
accesses instead of byte loops, so memory must be normal memory with unaligned access allowed
(SCTLR_EL1.A clear, MMU on). Addresses and sizes are the C library's; the results too.
"""

from __future__ import annotations

from bare import byte_swap, export, i32, u8, u16, u32, u64, usize, wrapping_add, wrapping_sub
from bare.unsafe import Pointer

STEP = 32
PATTERN = 0x0101_0101_0101_0101


def load64(address: usize) -> u64:
    """Reads eight bytes at any alignment."""
    # SAFETY: the callers stay within the ranges that they were given.
    return Pointer[u64](address).load()


def store64(address: usize, value: u64) -> None:
    """Writes eight bytes at any alignment."""
    # SAFETY: as for `load64`.
    Pointer[u64](address).store(value)


def copy_short(target: usize, source: usize, count: usize) -> None:
    """Copies at most 31 bytes, which may overlap: everything is read before anything is written."""
    # SAFETY: all accesses lie in the two ranges of `count` bytes.
    if count >= 16:
        first = load64(source)
        second = load64(wrapping_add(source, 8))
        third = load64(wrapping_add(source, wrapping_sub(count, 16)))
        fourth = load64(wrapping_add(source, wrapping_sub(count, 8)))
        store64(target, first)
        store64(wrapping_add(target, 8), second)
        store64(wrapping_add(target, wrapping_sub(count, 16)), third)
        store64(wrapping_add(target, wrapping_sub(count, 8)), fourth)
    elif count >= 8:
        low = load64(source)
        high = load64(wrapping_add(source, wrapping_sub(count, 8)))
        store64(target, low)
        store64(wrapping_add(target, wrapping_sub(count, 8)), high)
    elif count >= 4:
        back = wrapping_sub(count, 4)
        low_word = Pointer[u32](source).load()
        high_word = Pointer[u32](wrapping_add(source, back)).load()
        Pointer[u32](target).store(low_word)
        Pointer[u32](wrapping_add(target, back)).store(high_word)
    elif count >= 2:
        last = wrapping_sub(count, 1)
        head = Pointer[u16](source).load()
        tail = Pointer[u8](wrapping_add(source, last)).load()
        Pointer[u16](target).store(head)
        Pointer[u8](wrapping_add(target, last)).store(tail)
    elif count == 1:
        Pointer[u8](target).store(Pointer[u8](source).load())


def copy_forward(target: usize, source: usize, count: usize) -> None:
    """Copies 32 bytes or more; `target` may overlap `source` from below."""
    tail = wrapping_add(source, wrapping_sub(count, STEP))
    first = load64(tail)
    second = load64(wrapping_add(tail, 8))
    third = load64(wrapping_add(tail, 16))
    fourth = load64(wrapping_add(tail, 24))
    end = wrapping_add(target, wrapping_sub(count, STEP))
    to = target
    while to < end:
        a = load64(source)
        b = load64(wrapping_add(source, 8))
        c = load64(wrapping_add(source, 16))
        d = load64(wrapping_add(source, 24))
        store64(to, a)
        store64(wrapping_add(to, 8), b)
        store64(wrapping_add(to, 16), c)
        store64(wrapping_add(to, 24), d)
        source = wrapping_add(source, STEP)
        to = wrapping_add(to, STEP)
    store64(end, first)
    store64(wrapping_add(end, 8), second)
    store64(wrapping_add(end, 16), third)
    store64(wrapping_add(end, 24), fourth)


def copy_backward(target: usize, source: usize, count: usize) -> None:
    """Copies 32 bytes or more from the end; `target` may overlap `source` from above."""
    first = load64(source)
    second = load64(wrapping_add(source, 8))
    third = load64(wrapping_add(source, 16))
    fourth = load64(wrapping_add(source, 24))
    left = count
    while left > STEP:
        left = wrapping_sub(left, STEP)
        at = wrapping_add(source, left)
        a = load64(at)
        b = load64(wrapping_add(at, 8))
        c = load64(wrapping_add(at, 16))
        d = load64(wrapping_add(at, 24))
        to = wrapping_add(target, left)
        store64(to, a)
        store64(wrapping_add(to, 8), b)
        store64(wrapping_add(to, 16), c)
        store64(wrapping_add(to, 24), d)
    store64(target, first)
    store64(wrapping_add(target, 8), second)
    store64(wrapping_add(target, 16), third)
    store64(wrapping_add(target, 24), fourth)


@export("memcpy")
def copy(target: usize, source: usize, count: usize) -> usize:
    """C's `memcpy`: the ranges do not overlap."""
    if count < STEP:
        copy_short(target, source, count)
    else:
        copy_forward(target, source, count)
    return target


@export("memmove")
def move(target: usize, source: usize, count: usize) -> usize:
    """C's `memmove`: the ranges may overlap."""
    if count < STEP:
        copy_short(target, source, count)
    elif wrapping_sub(target, source) >= count:
        copy_forward(target, source, count)
    else:
        copy_backward(target, source, count)
    return target


@export("memset")
def fill(target: usize, value: i32, count: usize) -> usize:
    """C's `memset`."""
    byte = u64(value & 0xFF)
    pattern = byte * PATTERN
    if count >= 16:
        fill_long(target, pattern, count)
    elif count >= 8:
        store64(target, pattern)
        store64(wrapping_add(target, wrapping_sub(count, 8)), pattern)
    else:
        at = target
        end = wrapping_add(target, count)
        # SAFETY: within the `count` bytes.
        while at < end:
            Pointer[u8](at).store(u8(byte))
            at = wrapping_add(at, 1)
    return target


def fill_long(target: usize, pattern: u64, count: usize) -> None:
    """Fills 16 bytes or more."""
    end = wrapping_add(target, count)
    at = target
    while wrapping_sub(end, at) >= STEP:
        store64(at, pattern)
        store64(wrapping_add(at, 8), pattern)
        store64(wrapping_add(at, 16), pattern)
        store64(wrapping_add(at, 24), pattern)
        at = wrapping_add(at, STEP)
    if wrapping_sub(end, at) >= 16:
        store64(at, pattern)
        store64(wrapping_add(at, 8), pattern)
    store64(wrapping_sub(end, 16), pattern)
    store64(wrapping_sub(end, 8), pattern)


@export("memcmp")
def compare(left: usize, right: usize, count: usize) -> i32:
    """C's `memcmp`: the sign of the first difference."""
    position: usize = 0
    while wrapping_sub(count, position) >= 8:
        a = load64(wrapping_add(left, position))
        b = load64(wrapping_add(right, position))
        if a != b:
            return -1 if byte_swap(a) < byte_swap(b) else 1
        position = wrapping_add(position, 8)
    # SAFETY: within the two ranges of `count` bytes.
    while position < count:
        c = Pointer[u8](wrapping_add(left, position)).load()
        d = Pointer[u8](wrapping_add(right, position)).load()
        if c != d:
            return -1 if c < d else 1
        position = wrapping_add(position, 1)
    return 0


@export("bcmp")
def differs(left: usize, right: usize, count: usize) -> i32:
    """C's `bcmp`: 0 where the ranges are equal."""
    return compare(left, right, count)
