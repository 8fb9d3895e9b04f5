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


def test_service_values() -> None:
    content = b'# a comment\ncommand = "/sbin/x"\n  restart="always"\nitems = ["a", "b"]\n'
    assert bytes(toml.string_of(toml.find_value(content, b"command"))) == b"/sbin/x"
    assert bytes(toml.string_of(toml.find_value(content, b"restart"))) == b"always"
    assert bytes(toml.find_value(content, b"comm")) == b""
    assert bytes(toml.find_value(content, b"missing")) == b""
