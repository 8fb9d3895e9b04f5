"""A constructor call or array(n) makes an object in the frame of the function."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u32, usize


@struct
class Total:
    """An accumulator."""

    sum: u32 = 0
    count: u32 = 0

    def add(self, value: u32) -> None:
        """Adds a value."""
        self.sum += value
        self.count += 1


def digits(value: u32, target: Span[u8]) -> usize:
    """Writes decimal digits, lowest first, by way of a buffer of its own."""
    buffer: Array[u8] = array(10)
    rest = value
    used: usize = 0
    while rest > 0:
        buffer[used] = u8(rest % 10)
        rest //= 10
        used += 1
    target[:used].copy_from(buffer[:used])
    return used


def average(values: Span[u32]) -> u32:
    """Adds in a frame object."""
    total = Total()
    for value in values:
        total.add(value)
    return total.sum // total.count


def depth(level: u32) -> u32:
    """Each call has its own object."""
    total = Total(level)
    if level > 0:
        total.add(depth(level - 1))
    return total.sum


def main() -> None:
    """Calls them."""
    target: Array[u8] = array(10)
    used = digits(90210, target)
    for digit in target[:used]:
        print(digit, end=" ")
    print(used)
    values: Array[u32] = array(4)
    for index in range(len(values)):
        values[index] = u32(index * 10)
    print(average(values), average(values[1:3]))
    print(depth(4))
