"""A conversion is implicit only where no value can change."""

from __future__ import annotations

from bare import f32, f64, i16, i32, i64, u8, u16, u32, u64


def take(value: u64) -> u64:
    """Takes any unsigned integer."""
    return value


def give(value: u8) -> i16:
    """Returns an unsigned value as a wider signed one."""
    return value


def main() -> None:
    """Widens in assignments, arguments, results and operands."""
    byte: u8 = 200
    word: u16 = byte
    wide: u32 = word
    signed: i32 = word
    print(word, wide, signed, take(byte), give(byte))
    print(wide + byte, signed - byte)
    negative: i16 = -5
    large: i64 = negative
    print(large, large * negative)
    single: f32 = 0.1
    double: f64 = single
    print(f"{double:.12f}")
