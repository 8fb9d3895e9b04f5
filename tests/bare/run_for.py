"""for over ranges, arrays, spans, tables and bytes; enumerate and zip."""

from __future__ import annotations

from bare import Array, Bytes, array, i8, u8, u16, u32, usize

TABLE: tuple[u16, ...] = (100, 200, 300)


def find(data: Bytes, wanted: u8) -> usize:
    """Returns the index of a byte, or the length."""
    for index, byte in enumerate(data):
        if byte == wanted:
            return index
    return len(data)


def main() -> None:
    """Loops."""
    for i in range(3):
        print(i, end=" ")
    for j in range(u8(250), u8(255), 2):
        print(j, end=" ")
    for k in range(i8(5), i8(-5), -3):
        print(k, end=" ")
    print()
    for n in range(10):
        if n == 2:
            continue
        if n == 5:
            break
        print(n, end=" ")
    else:
        print("never printed")
    for _ in range(u32(5), u32(5)):
        print("never printed")
    else:
        print("empty")
    values: Array[u32] = array(3)
    for index, entry in enumerate(TABLE):
        values[index] = entry * 2
    total: u32 = 0
    for value, entry in zip(values, TABLE, strict=True):
        total += value - entry
    print(total, find(b"hello", 0x6C), find(b"hello", 0x7A))
    count: u8 = 0
    while count < 3:
        count += 1
    else:
        print("done", count)
    last: u8 = 0
    for last in range(u8(4)):
        total += last
    print(last, total)
