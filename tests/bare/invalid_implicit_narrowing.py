"""A conversion that could change the value has to be written."""

from __future__ import annotations

from bare import f32, f64, i32, u8, u16, u32, u64


def narrow(wide: u64) -> u32:
    return wide


def drop_sign(number: i32) -> u32:
    return number


def round_off(value: f64) -> f32:
    return value


def constant() -> u8:
    return 256


def argument(wide: u32) -> u16:
    return take(wide)


def take(small: u16) -> u16:
    return small

# error[E0303] 9:12-15: u64 does not convert to u32 implicitly
#   help: write `u32(x)`, which traps when the value does not fit, or `wrap_u32(x)`, which takes the low bits
# error[E0303] 13:12-17: i32 does not convert to u32 implicitly
#   help: write `u32(x)`, which traps when the value does not fit, or `wrap_u32(x)`, which takes the low bits
# error[E0303] 17:12-16: f64 does not convert to f32 implicitly
#   help: write `f32(x)`, which rounds
# error[E0305] 21:12-14: constant 256 does not fit u8
#   help: use a wider type or another constant
# error[E0303] 25:17-20: u32 does not convert to u16 implicitly
#   help: write `u16(x)`, which traps when the value does not fit, or `wrap_u16(x)`, which takes the low bits
