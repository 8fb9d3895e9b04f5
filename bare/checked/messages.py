"""Formatted text under `bare.load`: what an f-string evaluates to, and how it is written.

Formatting is CPython's own, which is what `bare.lib.format` has to agree with.
"""

from __future__ import annotations

from typing import Any

from compiler.ir.nodes import FormatSpec


class Message:
    """An f-string whose fields are evaluated: literal bytes, and (value, Python spec) pairs."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def pieces(self) -> list[bytes]:
        """Returns the text, a piece for each literal and field."""
        return [part if isinstance(part, bytes) else _field(*part) for part in self.parts]

    def render(self) -> bytes:
        """Returns the whole text."""
        return b"".join(self.pieces())

    def __str__(self) -> str:
        return decode(self.render())


def decode(value: Any) -> str:
    """Reads text; bytes that are not UTF-8 survive a round trip."""
    return bytes(value).decode("utf-8", "surrogateescape")


def _field(value: Any, spec: str) -> bytes:
    if isinstance(value, Message):
        value = str(value)
    elif isinstance(value, bool):
        value = "True" if value else "False"
    elif isinstance(value, bytes | memoryview):
        value = decode(value)
    return format(value, spec).encode("utf-8", "surrogateescape")


def python_spec(spec: FormatSpec) -> str:
    """Spells a format specification as Python does."""
    text = spec.align
    if spec.alternate:
        text += "#"
    if spec.zero:
        text += "0"
    if spec.width:
        text += str(spec.width)
    if spec.comma:
        text += ","
    if spec.kind == "f":
        text += f".{spec.precision}"
    return text + spec.kind
