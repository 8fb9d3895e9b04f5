"""`/` gives a float, so it is for floats only."""

from __future__ import annotations

from bare import u32


def half(number: u32) -> u32:
    return number / 2

# error[E0308] 9:12-21: `/` on integers
#   help: use `//`, or convert to `f64` first
