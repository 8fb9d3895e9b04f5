"""Module-level values that are no constants of Bare Python, and constants that do not fit."""

from __future__ import annotations

from collections import OrderedDict

from bare import struct, u8, u32

NAMES = {"one": 1}
ORDER = OrderedDict()
LIMIT: u8 = 300
NUMBERS: tuple[u8, ...] = (1, 2, 256)
MIXED = (1, "two")


@struct
class Entry:
    """A number."""

    value: u8


WIDE = Entry(256)


def lookup() -> u32:
    return NAMES["one"]


def foreign() -> u32:
    return len(ORDER)


def limit() -> u8:
    return LIMIT


def number(index: u32) -> u8:
    return NUMBERS[index]


def mixed() -> u32:
    return len(MIXED)


def wide() -> u8:
    return WIDE.value


def is_known(word: u32) -> bool:
    return word in NAMES

# error[E0005] 12:1-7: NUMBERS: constant 256 does not fit u8
#   help: use an integer, float, bool, str, bytes, enum member, tuple, struct instance, function or type
# error[E0005] 23:1-4: WIDE: constant 256 does not fit u8
#   help: use an integer, float, bool, str, bytes, enum member, tuple, struct instance, function or type
# error[E0005] 27:12-16: NAMES is a value of type dict, not a constant
#   help: use an integer, float, bool, str, bytes, enum member, tuple, struct instance, function or type
# error[E0005] 31:16-20: ORDER is a value of type OrderedDict, not a constant
#   help: use an integer, float, bool, str, bytes, enum member, tuple, struct instance, function or type
# error[E0305] 35:12-16: constant 300 does not fit u8
#   help: use a wider type or another constant
# error[E0005] 43:16-20: MIXED is a tuple of unlike items
#   help: annotate it `tuple[T, ...]`, or make it a struct
# error[E0306] 51:20-24: `in` takes a tuple of constants
#   help: write `x in (A, B)`
