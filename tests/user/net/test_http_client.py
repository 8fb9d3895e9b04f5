"""Addresses and response heads as `wget` reads them."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare

url_module = bare.load("user/lib/net/url.py")
response_module = bare.load("user/lib/net/http_response.py")


def parse(word: bytes) -> Any:
    url = url_module.Url()
    url.parse(word)
    return url


@pytest.mark.parametrize(
    ("word", "host", "port", "target", "name"),
    [
        (b"http://a.example", b"a.example", 80, b"/", b"index.html"),
        (b"HTTP://a.example/", b"a.example", 80, b"/", b"index.html"),
        (b"a.example:8080/x/y.txt", b"a.example", 8080, b"/x/y.txt", b"y.txt"),
        (b"http://10.0.2.2:81/x/y?z=/1#part", b"10.0.2.2", 81, b"/x/y?z=/1", b"y"),
        (b"http://a/x/#y", b"a", 80, b"/x/", b"index.html"),
    ],
)
def test_parts_of_an_address(
    word: bytes, host: bytes, port: int, target: bytes, name: bytes
) -> None:
    url = parse(word)
    found = (bytes(url.host), url.port, bytes(url.target), bytes(url.file_name()))
    assert found == (host, port, target, name)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (b"https://a/", errno.EPROTONOSUPPORT),
        (b"ftp://a/", errno.EPROTONOSUPPORT),
        (b"http:///x", errno.EINVAL),
        (b"http://a:0/", errno.EINVAL),
        (b"http://a:/", errno.EINVAL),
        (b"http://a b/", errno.EINVAL),
        (b"http://a/x y", errno.EINVAL),
        (b"http://a/x\r\nInjected: 1", errno.EINVAL),
        (b"http://a?x", errno.EINVAL),
        (b"", errno.EINVAL),
    ],
)
def test_what_is_no_address_is_refused(word: bytes, code: int) -> None:
    with pytest.raises(OSError) as found:
        parse(word)
    assert found.value.errno == code


def read(head: bytes) -> Any:
    found = response_module.ResponseHead()
    found.read(head)
    return found


def test_head_of_a_response() -> None:
    head = read(
        b"HTTP/1.1 206 Partial Content\r\ncontent-LENGTH: 12\r\nContent-Range: bytes 5-16/17\r\n"
        b"Location:  /there \r\nX: y\r\n\r\n"
    )
    assert (head.status, bytes(head.reason)) == (206, b"Partial Content")
    assert (head.has_length, head.length) == (True, 12)
    assert (head.has_range, head.range_start) == (True, 5)
    assert bytes(head.location) == b"/there"
    assert head.has_body()
    assert not head.is_redirection()


def test_head_says_how_the_body_comes() -> None:
    assert read(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n").is_chunked
    assert not read(b"HTTP/1.0 204\r\n\r\n").has_body()
    assert read(b"HTTP/1.1 302 x\nLocation: y\n\n").is_redirection()


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"HTTP/2 200 OK\r\n\r\n", errno.EBADMSG),
        (b"HTTP/1.1 20x OK\r\n\r\n", errno.EBADMSG),
        (b"HTTP/1.1 20\r\n\r\n", errno.EBADMSG),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", errno.EBADMSG),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", errno.EBADMSG),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", errno.EBADMSG),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", errno.EPROTONOSUPPORT),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", errno.EPROTONOSUPPORT),
    ],
)
def test_head_that_cannot_be_relied_on_is_refused(head: bytes, code: int) -> None:
    with pytest.raises(OSError) as found:
        read(head)
    assert found.value.errno == code


@pytest.mark.parametrize(
    ("data", "length"),
    [(b"", 0), (b"a\r\n", 0), (b"a\r\n\r\nbody", 5), (b"a\n\nb", 3), (b"a\r\nb\r\n\r", 0)],
)
def test_head_ends_at_its_empty_line(data: bytes, length: int) -> None:
    assert response_module.head_length(data) == length


@given(st.binary(max_size=120), st.booleans())
def test_any_bytes_are_read_or_refused(data: bytes, is_answer: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + data if is_answer else data
    try:
        read(head)
    except OSError as error:
        assert error.errno in (errno.EBADMSG, errno.EPROTONOSUPPORT)
    try:
        parse(data)
    except OSError as error:
        assert error.errno in (errno.EINVAL, errno.EPROTONOSUPPORT)
