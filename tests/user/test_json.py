"""The JSON reader against Python's: the same values, and the same texts refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bare

reader_module = bare.load("user/lib/json.py")
utf8 = bare.load("user/lib/utf8.py")
Token = reader_module.Token


class RefusedError(Exception):
    pass


def read(text: bytes) -> Any:
    reader = reader_module.JsonReader(text)
    value = read_value(reader, reader.next())
    if reader.next() != Token.END:
        raise RefusedError
    assert reader.next() == Token.END
    return value


def read_value(reader: Any, token: Any) -> Any:
    match token:
        case Token.OBJECT:
            found = {}
            while (token := reader.next()) != Token.OBJECT_END:
                if token != Token.KEY:
                    raise RefusedError
                key = string_of(reader)
                found[key] = read_value(reader, reader.next())
            return found
        case Token.ARRAY:
            items = []
            while (token := reader.next()) != Token.ARRAY_END:
                items.append(read_value(reader, token))
            return items
        case Token.STRING:
            return string_of(reader)
        case Token.NUMBER:
            return reader.number()
        case Token.TRUE | Token.FALSE | Token.NULL:
            return {Token.TRUE: True, Token.FALSE: False, Token.NULL: None}[token]
        case _:
            raise RefusedError


def string_of(reader: Any) -> str:
    return bytes(reader.unescape(bytearray(len(reader.raw) + 4))).decode()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=120, deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_what_python_writes_is_read_back(value: Any, ascii_only: bool, indent: Any) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert read(text.encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0",
        "1.5",
        "0.1",
        "1e3",
        "1E+3",
        "12.5e-2",
        "123456789012345678901234567890",
        "1e308",
        "1e-320",
        "4.9e-324",
        "1e999",
        "-1e-999",
        "0.000000000000000000000000000001",
        "3.14159265358979",
    ],
)
def test_numbers(text: str) -> None:
    assert read(text.encode()) == pytest.approx(float(text), rel=1e-14, abs=1e-322)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"{",
        b"}",
        b"[",
        b"]",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"{1:2}",
        b'{"a"}',
        b'{"a":}',
        b'{"a":1,}',
        b'{"a":1 "b":2}',
        b'{"a":1]',
        b"[1}",
        b"01",
        b"-",
        b"+1",
        b"1.",
        b".5",
        b"1e",
        b"1e+",
        b"nul",
        b"truE",
        b"'a'",
        b'"',
        b'"\\x"',
        b'"\\u12"',
        b'"\\u12g4"',
        b'"\\ud800"',
        b'"\\udc00"',
        b'"\\ud800\\u0041"',
        b'"\n"',
        b'"\xff"',
        b'"\xc0\x80"',
        b'"\xed\xa0\x80"',
        b'"\xf4\x90\x80\x80"',
        b'"\xe2\x82"',
        b"1 2",
        b"NaN",
        b"Infinity",
        b"[" * 33 + b"]" * 33,
        b"\xef\xbb\xbf1",
    ],
)
def test_what_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(RefusedError):
        read(text)
    reader = reader_module.JsonReader(text)
    while reader.next() != Token.ERROR:
        pass
    assert reader.next() == Token.ERROR


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(b'{}[]",:0123456789.eE+-\\ utrfalsn\xc3\xa9\x00'), max_size=14))
def test_python_refuses_the_same(codes: list[int]) -> None:
    text = bytes(codes)
    try:
        expected = json.loads(text.decode(), parse_constant=lambda name: 1 / 0)
    except (ValueError, ZeroDivisionError):
        with pytest.raises(RefusedError):
            read(text)
        return
    assert read(text) == pytest.approx(expected)


def test_skip_leaves_out_a_whole_value() -> None:
    reader = reader_module.JsonReader(b'{"a": [1, {"b": []}], "c": 2}')
    assert reader.next() == Token.OBJECT
    assert reader.next() == Token.KEY
    assert reader.skip(reader.next())
    assert reader.next() == Token.KEY
    assert bytes(reader.raw) == b"c"


def test_a_string_longer_than_its_place_is_an_error() -> None:
    reader = reader_module.JsonReader(b'"abcd"')
    assert reader.next() == Token.STRING
    with pytest.raises(OSError):
        reader.unescape(bytearray(3))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=6), st.integers(0, 3))
def test_a_cut_character_is_held_back(text: str, cut: int) -> None:
    data = text.encode()
    data = data[: max(0, len(data) - cut)]
    whole = utf8.whole_length(data)
    assert data[:whole].decode(errors="ignore").encode() == data[:whole]
    assert whole <= len(data) < whole + 4


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=4))
def test_character_sizes_are_those_of_python(data: bytes) -> None:
    sizes = [size for size in range(1, len(data) + 1) if is_one_character(data[:size])]
    assert utf8.character_size(data) == (sizes[0] if sizes else 0)


def is_one_character(data: bytes) -> bool:
    try:
        return len(data.decode()) == 1
    except UnicodeDecodeError:
        return False
