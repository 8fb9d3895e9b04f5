"""Ring is a queue of fixed capacity."""

from __future__ import annotations

from bare import Array, array, u8, u32
from bare.lib.ring import Ring


def main() -> None:
    """Turns the ring over."""
    storage: Array[u32] = array(4)
    ring = Ring[u32](storage)
    print(len(ring), ring.is_empty(), ring.is_full())
    for number in range(u32(4)):
        ring.push(number)
    print(len(ring), ring.is_full(), ring.peek())
    for number in range(u32(10)):
        print(ring.pop(), end=" ")
        ring.push(100 + number)
    print()
    while not ring.is_empty():
        print(ring.pop(), end=" ")
    print(len(ring))
    bytes_storage: Array[u8] = array(2)
    letters = Ring[u8](bytes_storage)
    letters.push(65)
    letters.clear()
    print(letters.is_empty())
