"""f-strings: integers, bools, text, floats, enum members, nested messages."""

from __future__ import annotations

from bare import Enum8, FormatStr, f32, f64, i8, i64, text, u8, u32, u64


class State(Enum8):
    """States of a thread."""

    READY = 0
    RUN = 1


def show(message: FormatStr) -> None:
    """Prints a message between brackets."""
    print(f"[{message}]")


def main() -> None:
    """Formats."""
    a: u32 = 48879
    show(f"{a} {a:d} {a:x} {a:X} {a:o} {a:b} {a:#x} {a:#o} {a:#b}")
    show(f"{a:8} {a:<8} {a:>8} {a:^8} {a:08x} {a:#010x} {a:,}")
    b: i64 = -1234567
    show(f"{b} {b:,} {b:012,} {b:x} {b:#x} {b:<10}|{b:>12}|{b:^12}|{b:012}")
    smallest: i64 = -9_223_372_036_854_775_808
    largest: u64 = 18_446_744_073_709_551_615
    show(f"{smallest} {largest:,} {largest:x} {largest:b}")
    tiny: i8 = -128
    show(f"{tiny:b} {tiny:5}")
    letter: u8 = 65
    show(f"{letter:c}{0x20AC:c}{letter:3c}")
    show(f"{a > 5} {a < 5:7}|{True:>7}")
    show(f"{State.RUN} {State.READY:>8}")
    show(f"{'text'} {'text':8}|{'text':>8}|{text(b'bytes'):^9}|")
    c: f64 = 3.14159
    d: f32 = 0.1
    show(f"{c:.2f} {c:8.3f} {c:<9.1f}| {-c:09.2f} {d:.10f} {c:.0f} {c * 1000000.0:,.2f}")
    half: f64 = 0.5
    show(f"{half:.0f} {half + 1.0:.0f} {half + 2.0:.0f} {-half:.0f} {1e22:.1f} {1e-7:.9f}")
    show("a str is a message too")
    show(f"braces {{}} and {a}")
