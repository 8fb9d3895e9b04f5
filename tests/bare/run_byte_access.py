"""load_* and store_* read and write integers at byte offsets."""

from __future__ import annotations

from bare import (
    Array,
    array,
    load_i8,
    load_i16,
    load_i32_be,
    load_i64,
    load_u8,
    load_u16,
    load_u16_be,
    load_u32,
    load_u32_be,
    load_u64,
    load_u64_be,
    store_i16,
    store_u8,
    store_u16,
    store_u16_be,
    store_u32,
    store_u32_be,
    store_u64,
    store_u64_be,
    u8,
)


def main() -> None:
    """Writes and reads in both orders, at odd offsets."""
    memory: Array[u8] = array(24)
    store_u16(memory, 1, 0x1234)
    store_u16_be(memory, 3, 0x1234)
    store_u32(memory, 5, 0x89ABCDEF)
    store_u32_be(memory, 9, 0x89ABCDEF)
    store_u64(memory, 13, 0x0123_4567_89AB_CDEF)
    store_u8(memory, 21, 255)
    store_i16(memory, 22, -2)
    for byte in memory:
        print(f"{byte:02x}", end="")
    print()
    print(f"{load_u16(memory, 1):x} {load_u16_be(memory, 1):x} {load_u32(memory, 5):x}")
    print(f"{load_u32_be(memory, 5):x} {load_u64(memory, 13):x} {load_u64_be(memory, 13):x}")
    print(load_i8(memory, 21), load_u8(memory, 21), load_i16(memory, 22), load_i32_be(memory, 9))
    print(load_i64(b"\xff\xff\xff\xff\xff\xff\xff\x7f", 0))
    store_u64_be(memory, 0, 1)
    print(memory[7], load_u16(b"ab", 0))
