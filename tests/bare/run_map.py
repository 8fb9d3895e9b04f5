"""Map has integer keys, TextMap has bytes as keys."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, Bytes, array, encode, raises, u8, u16, u32, u64, usize
from bare.lib.arena import Arena
from bare.lib.map import Map, TextMap

WORDS: tuple[str, ...] = ("the", "cat", "sat", "on", "the", "mat", "the", "end")


@raises(ENOMEM)
def numbers(arena: Arena) -> None:
    """Puts, finds and removes."""
    table = Map[u32, u64](arena)
    print(len(table), table.get(5, 99), table.has(5))
    for number in range(u32(100)):
        table.put(number * 7, u64(number) * 1000)
    print(len(table), table.get(70, 0), table.get(71, 1), table.has(693))
    for number in range(u32(100)):
        if number % 2 == 0 and not table.remove(number * 7):
            print("never printed")
    print(len(table), table.remove(0), table.get(7, 0), table.has(14))
    table.put(7, 5)
    table.put(14, 6)
    print(len(table), table.get(7, 0), table.get(14, 0))
    total: u64 = 0
    index = table.next_entry(0)
    while index < len(table.entries):
        total += table.entries[index].key
        index = table.next_entry(index + 1)
    print(total)


@raises(ENOMEM)
def count(arena: Arena, word: Bytes) -> usize:
    """Counts words."""
    counts = TextMap[u16](arena)
    for one in WORDS:
        counts.put(encode(one), counts.get(encode(one), 0) + 1)
    print(len(counts), counts.get(b"the", 0), counts.get(b"dog", 0), counts.remove(b"cat"))
    return counts.get(word, 0)


def main() -> None:
    """Uses both."""
    memory: Array[u8] = array(32768)
    arena = Arena(memory)
    try:
        numbers(arena)
        print(count(arena, b"mat"))
    except OSError:
        print("never printed")
