"""Structs are compared by identity."""

from __future__ import annotations

from bare import struct, u32


@struct
class Point:
    """A place."""

    x: u32


def same(a: Point, b: Point) -> bool:
    return a == b


def missing(a: Point | None) -> bool:
    return a == None  # noqa: E711

# error[E0317] 16:12-17: `==` on structs
#   help: use `is`, or compare fields
# error[E0306] 20:12-20: None is compared with `is` and `is not`
#   help: write `is None`
