"""Integers in bytes: little- and big-endian loads and stores at byte offsets, bounds-checked.

Each traps with `IndexError` where the integer does not lie inside the span. Offsets are bytes and
need no alignment.
"""

from __future__ import annotations

from bare import traps
from bare.spans import Bytes, Span


def _load(source: Bytes, offset: int, size: int, big_endian: bool, signed: bool) -> int:
    if not 0 <= offset <= len(source) - size:
        raise traps.IndexError(f"{size} bytes at {offset} outside a span of {len(source)}")
    raw = bytes(source[offset + index] for index in range(size))
    return int.from_bytes(raw, "big" if big_endian else "little", signed=signed)


def _store(target: Span[int], offset: int, value: int, size: int, big_endian: bool) -> None:
    if not 0 <= offset <= len(target) - size:
        raise traps.IndexError(f"{size} bytes at {offset} outside a span of {len(target)}")
    raw = (value & ((1 << (8 * size)) - 1)).to_bytes(size, "big" if big_endian else "little")
    for index, byte in enumerate(raw):
        target[offset + index] = byte


def load_u8(source: Bytes, offset: int) -> int:
    """Reads the `u8` at byte `offset`."""
    return _load(source, offset, 1, big_endian=False, signed=False)


def store_u8(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a `u8` at byte `offset`."""
    _store(target, offset, value, 1, big_endian=False)


def load_u16(source: Bytes, offset: int) -> int:
    """Reads the little-endian `u16` at byte `offset`."""
    return _load(source, offset, 2, big_endian=False, signed=False)


def store_u16(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a little-endian `u16` at byte `offset`."""
    _store(target, offset, value, 2, big_endian=False)


def load_u16_be(source: Bytes, offset: int) -> int:
    """Reads the big-endian `u16` at byte `offset`."""
    return _load(source, offset, 2, big_endian=True, signed=False)


def store_u16_be(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a big-endian `u16` at byte `offset`."""
    _store(target, offset, value, 2, big_endian=True)


def load_u32(source: Bytes, offset: int) -> int:
    """Reads the little-endian `u32` at byte `offset`."""
    return _load(source, offset, 4, big_endian=False, signed=False)


def store_u32(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a little-endian `u32` at byte `offset`."""
    _store(target, offset, value, 4, big_endian=False)


def load_u32_be(source: Bytes, offset: int) -> int:
    """Reads the big-endian `u32` at byte `offset`."""
    return _load(source, offset, 4, big_endian=True, signed=False)


def store_u32_be(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a big-endian `u32` at byte `offset`."""
    _store(target, offset, value, 4, big_endian=True)


def load_u64(source: Bytes, offset: int) -> int:
    """Reads the little-endian `u64` at byte `offset`."""
    return _load(source, offset, 8, big_endian=False, signed=False)


def store_u64(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a little-endian `u64` at byte `offset`."""
    _store(target, offset, value, 8, big_endian=False)


def load_u64_be(source: Bytes, offset: int) -> int:
    """Reads the big-endian `u64` at byte `offset`."""
    return _load(source, offset, 8, big_endian=True, signed=False)


def store_u64_be(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a big-endian `u64` at byte `offset`."""
    _store(target, offset, value, 8, big_endian=True)


def load_i8(source: Bytes, offset: int) -> int:
    """Reads the `i8` at byte `offset`."""
    return _load(source, offset, 1, big_endian=False, signed=True)


def store_i8(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a `i8` at byte `offset`."""
    _store(target, offset, value, 1, big_endian=False)


def load_i16(source: Bytes, offset: int) -> int:
    """Reads the little-endian `i16` at byte `offset`."""
    return _load(source, offset, 2, big_endian=False, signed=True)


def store_i16(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a little-endian `i16` at byte `offset`."""
    _store(target, offset, value, 2, big_endian=False)


def load_i16_be(source: Bytes, offset: int) -> int:
    """Reads the big-endian `i16` at byte `offset`."""
    return _load(source, offset, 2, big_endian=True, signed=True)


def store_i16_be(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a big-endian `i16` at byte `offset`."""
    _store(target, offset, value, 2, big_endian=True)


def load_i32(source: Bytes, offset: int) -> int:
    """Reads the little-endian `i32` at byte `offset`."""
    return _load(source, offset, 4, big_endian=False, signed=True)


def store_i32(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a little-endian `i32` at byte `offset`."""
    _store(target, offset, value, 4, big_endian=False)


def load_i32_be(source: Bytes, offset: int) -> int:
    """Reads the big-endian `i32` at byte `offset`."""
    return _load(source, offset, 4, big_endian=True, signed=True)


def store_i32_be(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a big-endian `i32` at byte `offset`."""
    _store(target, offset, value, 4, big_endian=True)


def load_i64(source: Bytes, offset: int) -> int:
    """Reads the little-endian `i64` at byte `offset`."""
    return _load(source, offset, 8, big_endian=False, signed=True)


def store_i64(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a little-endian `i64` at byte `offset`."""
    _store(target, offset, value, 8, big_endian=False)


def load_i64_be(source: Bytes, offset: int) -> int:
    """Reads the big-endian `i64` at byte `offset`."""
    return _load(source, offset, 8, big_endian=True, signed=True)


def store_i64_be(target: Span[int], offset: int, value: int) -> None:
    """Writes `value` as a big-endian `i64` at byte `offset`."""
    _store(target, offset, value, 8, big_endian=True)
