"""CRC-32C and SHA-256 of `bare.lib` against the host's, whole and in pieces."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare
from swiftos.crc32c import crc32c

crc = bare.load("bare/lib/crc32c.py")
sha = bare.load("bare/lib/sha256.py")


def sha256(data: bytes) -> bytes:
    digest = bytearray(32)
    sha.sha256(data, digest)
    return bytes(digest)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"", 0),
        (b"123456789", 0xE306_9283),
        (bytes(32), 0x8A91_36AA),
        (b"\xff" * 32, 0x62A8_AB43),
        (bytes(range(32)), 0x46DD_794E),
    ],
)
def test_crc_check_values(data: bytes, value: int) -> None:
    assert crc.crc32c(data) == value


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=40))
def test_crc_of_pieces_is_that_of_the_whole(first: bytes, second: bytes) -> None:
    assert crc.crc32c(first + second) == crc32c(first + second)
    running = crc.update(crc.update(crc.START, first), second)
    assert crc.finish(running) == crc32c(first + second)


def test_crc_of_words_is_that_of_their_bytes() -> None:
    data = hashlib.sha256(b"seed").digest() * 4
    words = list(struct.unpack("<16Q", data))
    assert crc.finish(crc.update_words(crc.START, words)) == crc32c(data)


@pytest.mark.parametrize("length", [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 200])
def test_sha256_around_block_ends(length: int) -> None:
    data = bytes(index * 7 & 0xFF for index in range(length))
    assert sha256(data) == hashlib.sha256(data).digest()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(max_size=90), max_size=4))
def test_sha256_of_pieces_is_that_of_the_whole(pieces: list[bytes]) -> None:
    state = sha.Sha256()
    state.start()
    for piece in pieces:
        state.update(piece)
    digest = bytearray(32)
    state.finish(digest)
    assert bytes(digest) == hashlib.sha256(b"".join(pieces)).digest()
