"""An Array has a fixed length and converts to a Span of all of it."""

from __future__ import annotations

from bare import Array, Span, array, f32, i64, struct, u8, u16, u64, usize

COUNT = 5


@struct
class Node:
    """Is referred to."""

    value: u8 = 1


def total(values: Span[i64]) -> i64:
    """Adds."""
    result: i64 = 0
    for value in values:
        result += value
    return result


def main() -> None:
    """Uses arrays of several types."""
    values: Array[i64] = array(COUNT)
    print(len(values), values[0])
    for index in range(COUNT):
        values[index] = index * -10
    print(total(values), total(values[2:]), values[u8(4)])
    values[1] += 3
    values[2] *= 2
    print(values[1], values[2])
    flags: Array[bool] = array(3)
    flags[1] = True
    print(flags[0], flags[1])
    reals: Array[f32] = array(2)
    reals[0] = 0.1
    print(f"{reals[0]:.9f} {reals[1]:.1f}")
    nodes: Array[Node | None] = array(3)
    node = Node(9)
    nodes[1] = node
    there = nodes[1]
    print(nodes[0] is None, there is node, there.value if there is not None else 0)
    words: Array[u16] = array(2)
    place: usize = 1
    words[place] = 65535
    last: u64 = words[1]
    print(last, len(nodes))
