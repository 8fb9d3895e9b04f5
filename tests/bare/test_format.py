"""`bare.lib.format`, under checked execution, formats as CPython does."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare

LIBRARY = bare.load("bare/lib/format_float.py", "bare/lib/format.py")
FORMAT = LIBRARY.module("bare.lib.format")


class Collector(LIBRARY.module("bare.lib.writer").Writer):  # type: ignore[misc]
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def write(self, data: Any) -> None:
        self.data += bytes(data)


def pack(
    kind: str,
    width: int = 0,
    precision: int = 0,
    align: str = "",
    *,
    zero: bool = False,
    alternate: bool = False,
    comma: bool = False,
) -> int:
    flags = zero << 40 | alternate << 41 | comma << 42
    return width | precision << 16 | ord(kind) << 24 | (ord(align) if align else 0) << 32 | flags


WIDTHS = st.sampled_from([0, 1, 5, 12, 40, 70])
ALIGNS = st.sampled_from(["", "<", ">", "^"])
FLAGS = st.booleans()


@given(
    value=st.integers(-(1 << 63), (1 << 64) - 1),
    kind=st.sampled_from("dxXobc"),
    width=WIDTHS,
    align=ALIGNS,
    zero=FLAGS,
    alternate=FLAGS,
    comma=FLAGS,
)
def test_integers(
    value: int, kind: str, width: int, align: str, zero: bool, alternate: bool, comma: bool
) -> None:
    if kind == "c":
        value, alternate = abs(value) % 0xD800, False
    comma = comma and kind == "d"
    zero = zero and width > 0
    text = f"{align}{'#' if alternate else ''}{'0' if zero else ''}{width or ''}"
    wanted = format(value, f"{text}{',' if comma else ''}{kind}")
    spec = pack(kind, width, 0, align, zero=zero, alternate=alternate, comma=comma)
    writer = Collector()
    if value >> 63 in (0, -1):
        FORMAT.format_signed(writer, value, spec)
    else:
        FORMAT.format_unsigned(writer, value, spec)
    assert writer.data.decode() == wanted


@given(
    value=st.floats() | st.sampled_from([0.5, 1.5, 2.5, -0.0, 5e-324, 1e300]),
    precision=st.sampled_from([0, 1, 2, 6, 17, 60, 255]),
    width=WIDTHS,
    align=ALIGNS,
    zero=FLAGS,
    comma=FLAGS,
)
def test_floats(
    value: float, precision: int, width: int, align: str, zero: bool, comma: bool
) -> None:
    zero = zero and width > 0
    text = f"{align}{'0' if zero else ''}{width or ''}{',' if comma else ''}.{precision}f"
    writer = Collector()
    spec = pack("f", width, precision, align, zero=zero, comma=comma)
    LIBRARY.format_float(writer, value, spec)
    assert writer.data.decode() == format(value, text)


@given(text=st.text(max_size=20), width=WIDTHS, align=ALIGNS)
def test_text_counts_characters(text: str, width: int, align: str) -> None:
    writer = Collector()
    FORMAT.format_text(writer, text.encode(), pack("s", width, 0, align))
    assert writer.data.decode() == format(text, f"{align}{width or ''}s")


@pytest.mark.parametrize(("text", "width"), [("abc", 8), ("Zoë", 8), ("long enough", 3)])
def test_messages_are_padded_by_their_characters(text: str, width: int) -> None:
    writer = Collector()
    FORMAT.format_message(writer, text, pack("s", width, 0, "^"))
    assert writer.data.decode() == format(text, f"^{width}")


def test_every_power_of_two_is_exact() -> None:
    for exponent in range(-1074, 1024, 37):
        value = math.ldexp(1.0, exponent)
        writer = Collector()
        LIBRARY.format_float(writer, value, pack("f", 0, 255))
        assert writer.data.decode() == f"{value:.255f}"


def test_the_specification_is_what_the_compiler_packs() -> None:
    packed = pack("x", 0x1234, 0x56, "^", zero=True, comma=True)
    assert struct.pack("<Q", packed) == b"\x34\x12\x56x^\x05\0\0"
