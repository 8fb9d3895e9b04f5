"""Vec grows with scalars and references, StructVec with structs."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, array, raises, struct, u8, u32, u64
from bare.lib.arena import Arena
from bare.lib.vec import StructVec, Vec


@struct
class Item:
    """An element."""

    value: u32 = 3


@raises(ENOMEM)
def numbers(arena: Arena) -> u64:
    """Squares in a Vec."""
    squares = Vec[u64](arena)
    for number in range(20):
        squares.append(u64(number * number))
    squares.set(3, 1000)
    last = squares.pop()
    print(len(squares), squares.get(3), squares.get(18), last)
    total: u64 = 0
    for square in squares.view():
        total += square
    squares.clear()
    print(len(squares))
    squares.free()
    return total


@raises(ENOMEM)
def structs(arena: Arena) -> u32:
    """Items in a StructVec, and references to them in a Vec."""
    items = StructVec[Item](arena)
    for number in range(u32(10)):
        item = items.append()
        item.value += number
    chosen = Vec[Item | None](arena)
    chosen.append(items.get(9))
    chosen.append(None)
    first = chosen.get(0)
    second = chosen.get(1)
    print(len(items), items.get(0).value, second is None)
    return first.value if first is not None else 0


def main() -> None:
    """Fills vectors."""
    memory: Array[u8] = array(4096)
    arena = Arena(memory)
    try:
        print(numbers(arena))
        print(structs(arena))
    except OSError:
        print("never printed")
