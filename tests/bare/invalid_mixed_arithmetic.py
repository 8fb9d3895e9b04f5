"""Arithmetic takes two operands of one type."""

from __future__ import annotations

from bare import Enum8, f32, i64, struct, u32, u64


class State(Enum8):
    """What a thing does."""

    IDLE = 0
    BUSY = 1


@struct
class Counter:
    """A number."""

    value: u64 = 0


def signs(a: i64, b: u64) -> u64:
    return a + b


def kinds(a: u32, b: f32) -> f32:
    return a * b


def states(a: State) -> u32:
    return a + 1


def compared(a: u32, b: i64, c: u64) -> bool:
    return a < b < c


def truth(flag: bool) -> u32:
    return flag + 1


def modulo(a: f32) -> f32:
    return a % 2.0


def add_to(counter: Counter, amount: i64) -> None:
    counter.value += amount

# error[E0304] 23:12-16: the operands of `+` are i64 and u64
#   help: convert one, as in `i64(...)`
# error[E0304] 27:12-16: the operands of `*` are u32 and f32
#   help: convert one, as in `u32(...)`
# error[E0306] 31:12-16: `+` is not defined on State
#   help: use a function or a conversion that says what is meant
# error[E0304] 35:12-20: the operands of `<` are i64 and u64
#   help: convert one, as in `i64(...)`
# error[E0306] 39:12-19: `+` is not defined on bool
#   help: use `and`, `or`, `!=`, or convert: `u32(b)`
# error[E0306] 43:12-18: `%` is not defined on floats
#   help: use a function or a conversion that says what is meant
# error[E0304] 47:5-27: the operands of `+` are u64 and i64
#   help: convert one, as in `u64(...)`
