from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import bare

strings = bare.load("user/lib/strings.py")
toml = bare.load("user/lib/toml.py")
BYTES = st.binary(max_size=6)


@given(BYTES, BYTES)
def test_compare_orders_like_python(left: bytes, right: bytes) -> None:
    result = strings.compare(left, right)
    assert (result < 0, result > 0) == (left < right, left > right)


@given(BYTES, st.integers(0, 255))
def test_find_byte(data: bytes, byte: int) -> None:
    index = data.find(bytes([byte]))
    assert strings.find_byte(data, byte, 0) == (len(data) if index < 0 else index)


@given(BYTES)
def test_until_zero(data: bytes) -> None:
    assert bytes(strings.until_zero(data)) == data.split(b"\0")[0]


@given(st.text(" \t\nx", max_size=8).map(str.encode), st.sampled_from([b" \t", b" \t\n", b""]))
def test_trimmed(data: bytes, blanks: bytes) -> None:
    expected = data.strip(blanks) if blanks else data
    assert bytes(strings.trimmed(data, blanks)) == expected


def test_trimmed_drops_spaces_and_tabs_unless_told_otherwise() -> None:
    assert bytes(strings.trimmed(b"\t \nx y\r \t")) == b"\nx y\r"


def test_classes_of_all_bytes() -> None:
    for byte in range(256):
        letter = chr(byte)
        is_hex = letter in "0123456789abcdefABCDEF"
        assert strings.hex_value(byte) == (int(letter, 16) if is_hex else strings.NOT_HEX)
        assert strings.is_digit(byte) == (letter in "0123456789")
        assert strings.lower_of(byte) == (bytes([byte]).lower()[0])


def test_service_values() -> None:
    content = b'# a comment\ncommand = "/sbin/x"\n  restart="always"\nitems = ["a", "b"]\n'
    assert bytes(toml.string_of(toml.find_value(content, b"command"))) == b"/sbin/x"
    assert bytes(toml.string_of(toml.find_value(content, b"restart"))) == b"always"
    assert bytes(toml.find_value(content, b"comm")) == b""
    assert bytes(toml.find_value(content, b"missing")) == b""
