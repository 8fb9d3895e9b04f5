"""SHA-512 and Ed25519 of `bare.lib`: the vectors of RFC 8032, and an oracle on random input."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare
from tests.support import ed25519_signer as oracle

sha = bare.load("bare/lib/sha512.py")
field = bare.load("bare/lib/field25519.py")
ed = bare.load("bare/lib/ed25519.py")

VECTORS = [  # RFC 8032, 7.1: seed, public key, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da0"
        "85ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac1"
        "8ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def sha512(*pieces: bytes) -> bytes:
    digest = bytearray(64)
    state = sha.Sha512()
    state.start()
    for piece in pieces:
        state.update(piece)
    state.finish(digest)
    return bytes(digest)


@pytest.mark.parametrize("length", [0, 1, 111, 112, 113, 127, 128, 129, 239, 240, 256, 300])
def test_sha512_around_block_ends(length: int) -> None:
    data = bytes(index * 7 & 0xFF for index in range(length))
    assert sha512(data) == hashlib.sha512(data).digest()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=4))
def test_sha512_of_pieces(pieces: list[bytes]) -> None:
    assert sha512(*pieces) == hashlib.sha512(b"".join(pieces)).digest()


NUMBERS = st.integers(0, 2**255 - 1) | st.sampled_from([0, 1, oracle.P - 1, oracle.P, 2**255 - 1])


@settings(max_examples=60, deadline=None)
@given(NUMBERS, NUMBERS)
def test_the_field_against_whole_numbers(left: int, right: int) -> None:
    first, second = field.Element(), field.Element()
    first.load(left.to_bytes(32, "little"))
    second.load(right.to_bytes(32, "little"))
    for operation, expected in [
        (field.add, left + right),
        (field.subtract, left - right),
        (field.multiply, left * right),
    ]:
        result, form = field.Element(), bytearray(32)
        operation(result, first, second)
        result.store(form)
        assert int.from_bytes(form, "little") == expected % oracle.P


@pytest.mark.parametrize(("seed", "key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc(seed: str, key: str, message: str, signature: str) -> None:
    assert oracle.public_key(bytes.fromhex(seed)).hex() == key
    assert oracle.sign(bytes.fromhex(seed), bytes.fromhex(message)).hex() == signature
    assert ed.verify(bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature))


@pytest.mark.parametrize("number", range(4))
def test_random_messages_and_one_changed_bit(number: int) -> None:
    source = random.Random(number)
    seed, message = source.randbytes(32), source.randbytes(source.randrange(200))
    key, signature = oracle.public_key(seed), oracle.sign(seed, message)
    assert ed.verify(key, message, signature)
    place = source.randrange(512)
    changed = bytearray(signature)
    changed[place // 8] ^= 1 << place % 8
    assert not ed.verify(key, message, bytes(changed))
    assert not ed.verify(key, message + b"x", signature)
    assert not ed.verify(oracle.public_key(source.randbytes(32)), message, signature)


def test_only_the_smallest_scalar_counts() -> None:
    key, signature = (bytes.fromhex(VECTORS[0][place]) for place in (1, 3))
    larger = int.from_bytes(signature[32:], "little") + oracle.L
    assert not ed.verify(key, b"", signature[:32] + larger.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "key",
    [
        (oracle.P).to_bytes(32, "little"),  # y = p, a second form of 0
        (2**255 - 1).to_bytes(32, "little"),
        (2).to_bytes(32, "little"),  # no x belongs to y = 2
        (1 | 1 << 255).to_bytes(32, "little"),  # x = 0 with a sign
        b"",
        bytes(31),
        bytes(33),
    ],
)
def test_what_is_no_key(key: bytes) -> None:
    assert not ed.verify(key, b"", bytes.fromhex(VECTORS[0][3]))


@pytest.mark.parametrize("length", [0, 63, 65])
def test_what_is_no_signature(length: int) -> None:
    assert not ed.verify(bytes.fromhex(VECTORS[0][1]), b"", bytes(length))


def test_reduction_modulo_the_order() -> None:
    source = random.Random(5)
    for number in [0, 1, oracle.L - 1, oracle.L, 2**512 - 1, source.getrandbits(512)]:
        form = bytearray(32)
        ed.reduce_modulo_order(form, number.to_bytes(64, "little"))
        assert int.from_bytes(form, "little") == number % oracle.L
