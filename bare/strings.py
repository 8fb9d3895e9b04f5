"""Text: conversions between `str` and `Bytes`, and formatted text handed to a writer.

`FormatStr` is what an f-string is: its fields are evaluated when it is made and formatted when it
is written. It lives in the caller's frame: pass it to a parameter, never store or return it. To
the type checker, and in a plain import, it is a `str`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bare.spans import Bytes

if TYPE_CHECKING:
    from bare.lib.writer import Writer

FormatStr: TypeAlias = str


def encode(value: str) -> Bytes:
    """Views the UTF-8 bytes of `value`; nothing is copied."""
    return value.encode("utf-8", "surrogateescape")


def text(value: Bytes) -> str:
    """Views bytes as text; bytes that are not UTF-8 are printed unchanged."""
    return bytes(value).decode("utf-8", "surrogateescape")


def write_to(writer: Writer, message: FormatStr) -> None:
    """Formats `message` and sends it to `writer`, piece by piece, without allocating."""
    writer.write(encode(message))
