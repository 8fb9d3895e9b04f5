"""Verification of Ed25519 signatures. RFC 8032, 5.1.7.

How to use it: `verify(public_key, message, signature)`. Strict: an encoding that is not the only
one of its point or scalar is refused. Signing needs constant time and is done elsewhere.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    Span,
    array,
    load_u64,
    store_u64,
    u8,
    u64,
    wrapping_add,
    wrapping_sub,
)
from bare.lib.edwards25519 import Point, add_multiples
from bare.lib.sha512 import Sha512

PUBLIC_KEY_SIZE = 32
SIGNATURE_SIZE = 64
POINT_SIZE = 32
WORDS = 4
ORDER = 2**252 + 27742317777372353535851937790883648493
ORDER_WORDS: tuple[u64, ...] = tuple(ORDER >> (64 * index) & (2**64 - 1) for index in range(WORDS))
"""The order of the base point, L."""
DIGEST_BITS = 512
LOW_63_BITS: u64 = (1 << 63) - 1


def verify(public_key: Bytes, message: Bytes, signature: Bytes) -> bool:
    """Whether `signature` (64 bytes) is that of `message` by the owner of `public_key` (32 bytes).

    Lengths that are not these are no signature.
    """
    if len(public_key) != PUBLIC_KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    scalar = signature[POINT_SIZE:]
    key = Point()
    if not is_below_order(scalar) or not key.decode(public_key):
        return False
    challenge: Array[u8] = array(32)
    hash_challenge(challenge, signature[:POINT_SIZE], public_key, message)
    key.negate()
    found = Point()
    add_multiples(found, scalar, challenge, key)
    form: Array[u8] = array(POINT_SIZE)
    found.encode(form)
    return form == signature[:POINT_SIZE]


def hash_challenge(into: Span[u8], point: Bytes, public_key: Bytes, message: Bytes) -> None:
    """Writes the scalar SHA-512(R, A, M) modulo the order."""
    digest: Array[u8] = array(64)
    state = Sha512()
    state.start()
    state.update(point)
    state.update(public_key)
    state.update(message)
    state.finish(digest)
    reduce_modulo_order(into, digest)


def reduce_modulo_order(into: Span[u8], number: Bytes) -> None:
    """Writes the 32 bytes of a number of 64 bytes modulo the order, bit by bit from the top."""
    rest: Array[u64] = array(WORDS)
    for step in range(DIGEST_BITS):
        place = DIGEST_BITS - 1 - step
        carry = u64(number[place // 8] >> u8(place % 8) & 1)
        for index in range(WORDS):
            word = rest[index]
            rest[index] = (word & LOW_63_BITS) << 1 | carry
            carry = word >> 63
        if is_order_or_more(rest):
            subtract_order(rest)
    for index in range(WORDS):
        store_u64(into, 8 * index, rest[index])


def is_below_order(scalar: Bytes) -> bool:
    """Whether 32 bytes are a scalar's only encoding."""
    words: Array[u64] = array(WORDS)
    for index in range(WORDS):
        words[index] = load_u64(scalar, 8 * index)
    return not is_order_or_more(words)


def is_order_or_more(words: Span[u64]) -> bool:
    """Compares a number with the order, from its highest word."""
    for step in range(WORDS):
        index = WORDS - 1 - step
        if words[index] != ORDER_WORDS[index]:
            return words[index] > ORDER_WORDS[index]
    return True


def subtract_order(words: Span[u64]) -> None:
    """Takes the order from a number that is not smaller."""
    borrow: u64 = 0
    for index in range(WORDS):
        word = words[index]
        part = wrapping_add(ORDER_WORDS[index], borrow)
        words[index] = wrapping_sub(word, part)
        borrow = 1 if word < part or (borrow == 1 and part == 0) else 0
