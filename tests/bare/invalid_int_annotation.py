"""`int` and `float` have no width."""

from __future__ import annotations

from bare import struct, u32


@struct
class Sample:
    """A measurement."""

    value: float


def double(number: int) -> u32:
    return u32(number + number)


def local() -> u32:
    count: int = 0
    return u32(count)

# error[E0302] 12:12-16: `float` is not a type of Bare Python
#   help: write a sized type, such as `u32`, `i64`, `usize` or `f64`
# error[E0302] 15:20-22: `int` is not a type of Bare Python
#   help: write a sized type, such as `u32`, `i64`, `usize` or `f64`
# error[E0302] 20:12-14: `int` is not a type of Bare Python
#   help: write a sized type, such as `u32`, `i64`, `usize` or `f64`
