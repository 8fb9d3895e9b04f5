"""The Internet checksum, against RFC 1071's example and a plain sum of words."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

import bare
from tests.support import frames

wire = bare.load("kernel/net/wire/checksum.py")


def test_example_of_rfc_1071() -> None:
    assert wire.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2 ^ 0xFFFF


def test_example_header() -> None:
    header = bytes.fromhex("45000073000040004011b861c0a80001c0a800c7")
    assert wire.checksum(header) == 0
    assert wire.checksum(header[:10] + b"\0\0" + header[12:]) == 0xB861


@given(st.binary(max_size=200))
def test_equals_the_sum_of_words(data: bytes) -> None:
    assert wire.checksum(data) == frames.checksum(data)


@given(st.binary(max_size=120), st.lists(st.integers(0, 120), max_size=5))
def test_pieces_may_end_anywhere(data: bytes, cuts: list[int]) -> None:
    sum = wire.Checksum()
    for start, end in pairwise(sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})):
        sum.add(data[start:end])
    assert sum.finish() == frames.checksum(data)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 65535))
def test_pseudo_header(source: int, destination: int, length: int) -> None:
    sum = wire.Checksum()
    sum.add_pseudo_header(source, destination, 6, length)
    packed = source.to_bytes(4, "big") + destination.to_bytes(4, "big")
    assert sum.finish() == frames.checksum(packed + bytes([0, 6]) + length.to_bytes(2, "big"))


def test_carries_come_back() -> None:
    assert wire.checksum(b"\xff" * 64) == 0
    assert wire.checksum(b"\xff" * 63 + b"\xfe") == frames.checksum(b"\xff" * 63 + b"\xfe")
