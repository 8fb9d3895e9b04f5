"""A local has one type in its function."""

from __future__ import annotations

from bare import struct, u32, u64


@struct
class Point:
    """A place."""

    x: u32


def count(limit: u64) -> u64:
    total = 0
    total = limit
    return u64(total)


def reuse(point: Point) -> u32:
    value = point.x
    value = point
    return 0


def annotate_again(number: u32) -> u64:
    result: u32 = number
    result: u64 = number
    return result

# error[E0310] 17:13-17: 'total' is i64 and gets u64
#   note 16: 'total' got the type i64 here
#   help: write the type at the first assignment, as in `total: u64 = ...`
# error[E0310] 23:13-17: 'value' is u32 and gets Point
#   note 22: 'value' got the type u32 here
#   help: write the type at the first assignment, as in `value: Point = ...`
# error[E0310] 29:5-24: 'result' is u32 already
#   note 28: 'result' got the type u32 here
#   help: use another name
