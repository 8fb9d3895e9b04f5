"""Ed25519 with Python's whole numbers, as RFC 8032 writes it: the oracle for `bare.lib.ed25519`."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int]


def add(left: Point, right: Point) -> Point:
    (x1, y1), (x2, y2) = left, right
    crossed = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + crossed, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - crossed, P - 2, P) % P
    return x, y


def multiple(scalar: int, point: Point) -> Point:
    total: Point = (0, 1)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def base() -> Point:
    y = 4 * pow(5, P - 2, P) % P
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (x if x % 2 == 0 else P - x), y


def encoded(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def key_parts(seed: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return scalar, digest[32:]


def public_key(seed: bytes) -> bytes:
    return encoded(multiple(key_parts(seed)[0], base()))


def sign(seed: bytes, message: bytes) -> bytes:
    scalar, prefix = key_parts(seed)
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    point = encoded(multiple(nonce, base()))
    challenge = hashlib.sha512(point + public_key(seed) + message).digest()
    response = (nonce + int.from_bytes(challenge, "little") * scalar) % L
    return point + response.to_bytes(32, "little")
