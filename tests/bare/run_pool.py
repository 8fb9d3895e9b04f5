"""Pool makes and frees objects of one type in any order."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, array, raises, struct, u8, u32
from bare.lib.arena import Arena
from bare.lib.pool import Pool


@struct
class Task:
    """An object."""

    number: u32 = 50
    next: Task | None = None


@raises(ENOMEM)
def work(arena: Arena) -> u32:
    """Makes, frees and makes again."""
    pool = Pool[Task](arena)
    a = pool.alloc()
    b = pool.alloc()
    print(a.number, b.number, a is b, pool.count())
    a.number = 1
    b.next = a
    b.next = None
    pool.free(a)
    c = pool.alloc()
    print(c.number, c.next is None, pool.count())
    first: Task | None = None
    for number in range(u32(40)):
        task = pool.alloc()
        task.number = number
        task.next = first
        first = task
    print(pool.count())
    total: u32 = 0
    while first is not None:
        following = first.next
        total += first.number
        pool.free(first)
        first = following
    print(pool.count())
    return total


def main() -> None:
    """Uses a pool, then one whose memory ends."""
    memory: Array[u8] = array(4096)
    arena = Arena(memory)
    try:
        print(work(arena))
        small: Array[u8] = array(300)
        scarce = Arena(small)
        pool = Pool[Task](scarce)
        for _ in range(100):
            pool.alloc()
    except OSError:
        print("out of memory")
