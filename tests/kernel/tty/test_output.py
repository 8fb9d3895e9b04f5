"""Output: newline translation and the column, however long a line gets."""

from __future__ import annotations

import pytest

from bare import load

ONLCR, OPOST = 0o4, 0o1
OUTPUT = load("kernel/tty/output.py")


@pytest.fixture
def output():
    return OUTPUT.OutputProcessor()


def send(output, text: bytes, modes: int = ONLCR | OPOST) -> bytes:
    sent = b""
    for byte in text:
        into = bytearray(2)
        sent += bytes(into[: output.translate(modes, byte, into)])
    return sent


def test_newline_returns_the_carriage(output):
    assert send(output, b"ab\n") == b"ab\r\n"
    assert output.column == 0
    assert send(output, b"ab\n", 0) == b"ab\n"
    assert output.column == 2


def test_column_follows_the_cursor(output):
    send(output, "aé\t€\b".encode())
    assert output.column == 8
    send(output, b"\r\b")
    assert output.column == 0


@pytest.mark.parametrize("byte", [b"x", b"\t"])
def test_column_of_an_endless_line_stops_growing(output, byte):
    output.column = OUTPUT.LAST_COLUMN - 3
    send(output, byte * 10)
    assert output.column == OUTPUT.LAST_COLUMN
    send(output, b"\n")
    assert output.column == 0
