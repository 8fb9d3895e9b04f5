"""A pool object that was freed traps when it is used, in checked and debug builds."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Array, array, raises, struct, u8, u32
from bare.lib.arena import Arena
from bare.lib.pool import Pool


@struct
class Task:
    """An object."""

    number: u32 = 50


@raises(ENOMEM)
def work(arena: Arena) -> u32:
    """Keeps a reference too long."""
    pool = Pool[Task](arena)
    task = pool.alloc()
    task.number = 5
    print(task.number)
    pool.free(task)
    print(pool.count())
    return task.number


def main() -> None:
    """Uses a freed object."""
    memory: Array[u8] = array(4096)
    arena = Arena(memory)
    try:
        print(work(arena))
    except OSError:
        print("never printed")
