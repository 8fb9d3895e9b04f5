from __future__ import annotations

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare

numbers = bare.load("user/lib/numbers.py")


@given(st.integers(min_value=0, max_value=10**19))
def test_digits_are_their_number_or_out_of_range(value: int) -> None:
    word = str(value).encode()
    try:
        assert numbers.parse_unsigned(word) == value
    except OSError as error:
        assert error.errno == errno.ERANGE
        assert value > 0x1999_9999_9999_9998 * 10


@given(st.binary(max_size=8))
def test_anything_but_digits_is_invalid(word: bytes) -> None:
    if word and all(48 <= byte <= 57 for byte in word):
        assert numbers.parse_unsigned(word) == int(word)
    else:
        with pytest.raises(OSError) as caught:
            numbers.parse_unsigned(word)
        assert caught.value.errno == errno.EINVAL


@pytest.mark.parametrize(
    ("word", "nanoseconds"),
    [
        (b"2", 2_000_000_000),
        (b"0.25", 250_000_000),
        (b".5", 500_000_000),
        (b"1.0000000019", 10**9 + 1),
    ],
)
def test_seconds_with_a_fraction(word: bytes, nanoseconds: int) -> None:
    assert numbers.parse_seconds(word) == nanoseconds


@pytest.mark.parametrize("word", [b"", b".", b"1.", b"1.x", b"-1", b"1e3"])
def test_what_is_no_number_of_seconds(word: bytes) -> None:
    with pytest.raises(OSError):
        numbers.parse_seconds(word)


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.sampled_from(["", "0", "000"]))
def test_parse_signed_reads_what_python_writes(value: int, zeros: str) -> None:
    sign = "-" if value < 0 else ""
    assert numbers.parse_signed(f"{sign}{zeros}{abs(value)}".encode()) == value


@pytest.mark.parametrize("word", [b"", b"-", b"+", b"1-", b"--1", b"0x1"])
def test_parse_signed_refuses_what_is_no_number(word: bytes) -> None:
    with pytest.raises(OSError):
        numbers.parse_signed(word)


def test_decimal_value_stops_at_the_largest() -> None:
    assert numbers.decimal_value(b"0017", 100) == 17
    assert numbers.decimal_value(b"101", 100) == 100
    assert numbers.decimal_value(b"9" * 40, 100) == 100
