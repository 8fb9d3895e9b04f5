"""`T | None` of a scalar, a span or text is a value with a mark."""

from __future__ import annotations

from bare import Array, Bytes, Span, array, f64, struct, u8, u32, usize


@struct
class Slot:
    """Has nullable values as fields."""

    number: u32 | None = None
    name: str | None = None
    data: Span[u8] | None = None
    ratio: f64 | None = None


def find(data: Bytes, wanted: u8) -> usize | None:
    """Returns the index of a byte, if it is there."""
    for index, byte in enumerate(data):
        if byte == wanted:
            return index
    return None


def name_of(number: u32) -> str | None:
    """Knows two names."""
    if number == 1:
        return "one"
    return "two" if number == 2 else None


def part(data: Span[u8], length: usize | None) -> Span[u8] | None:
    """Returns the beginning of a span, if it is long enough."""
    if length is None:
        return data
    return data[:length] if length <= len(data) else None


def show(slot: Slot) -> None:
    """Prints what is set."""
    number = slot.number
    name = slot.name
    data = slot.data
    ratio = slot.ratio
    print(number if number is not None else 99, name if name is not None else "nobody", end=" ")
    print(len(data) if data is not None else 0, f"{ratio if ratio is not None else -1.0:.1f}")


def main() -> None:
    """Uses each kind."""
    index = find(b"hello", 0x6C)
    print(index is None, index if index is not None else 77, find(b"hello", 0x7A) is None)
    for number in range(u32(1), u32(4)):
        name = name_of(number)
        print("unknown" if name is None else name, end=" ")
    print()
    buffer: Array[u8] = array(5)
    slot = Slot()
    show(slot)
    slot.number = 0
    slot.name = name_of(2)
    slot.data = part(buffer, 3)
    slot.ratio = 0.0
    show(slot)
    whole = part(buffer, None)
    print(part(buffer, 9) is None, whole is not None and len(whole) == 5)
    slot.number = None
    slot.data = None
    show(slot)
