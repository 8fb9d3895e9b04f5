"""Echo requests and replies, against bytes laid out by hand (RFC 792)."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

import bare

echo = bare.load("user/lib/net/echo.py")


@given(st.integers(8, 300), st.integers(0, 65535), st.integers(0, 2**64 - 1))
def test_request_comes_back_as_a_reply(size: int, sequence: int, now_ns: int) -> None:
    message = bytearray(size)
    echo.build_request(message, sequence, now_ns)
    assert struct.unpack_from(">BBHHH", message) == (8, 0, 0, 0, sequence)
    reply = echo.EchoReply()
    assert not echo.read_reply(bytes(message), reply)
    assert echo.read_reply(b"\x00" + bytes(message[1:]), reply)
    assert (reply.sequence, reply.size) == (sequence, size - 8)
    assert reply.sent_ns == (now_ns if size >= 16 else 0)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_reply_or_not(data: bytes) -> None:
    expected = len(data) >= 8 and data[:2] == b"\0\0"
    assert echo.read_reply(data, echo.EchoReply()) == expected
