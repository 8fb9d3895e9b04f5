"""Arena hands out memory in order and takes it back all at once."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, allocate, allocate_span, array, raises, struct, u8, u64
from bare.lib.arena import Arena


@struct
class Pair:
    """Sixteen bytes."""

    first: u64 = 1
    second: u64 = 2


@raises(ENOMEM)
def fill(arena: Arena) -> u64:
    """Takes pairs until the arena is used up."""
    count: u64 = 0
    while True:
        pair = allocate(arena, Pair)
        count += pair.first + pair.second
    return count


def main() -> None:
    """Uses an arena up, twice."""
    memory: Array[u8] = array(256)
    arena = Arena(memory)
    try:
        odd = allocate_span(arena, u8, 3)
        odd.fill(9)
        print(arena.used)
        pair = allocate(arena, Pair)
        print(pair.second, arena.used <= 24)
        fill(arena)
    except OSError:
        print("used up")
    arena.reset()
    print(arena.used)
    try:
        again = allocate_span(arena, u8, 3)
        print(again[0], again[1], again[2])
    except OSError:
        print("never printed")
