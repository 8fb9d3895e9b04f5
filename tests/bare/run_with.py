"""with calls __enter__, and __exit__ on every way out but a trap."""

from __future__ import annotations

from abi.errno import EIO
from bare import errno_of, raises, struct, u32


@struct
class Lock:
    """Counts how it is held."""

    depth: u32 = 0
    taken: u32 = 0

    def __enter__(self) -> Lock:
        self.depth += 1
        self.taken += 1
        print("enter", self.depth)
        return self

    def __exit__(self, *exc: object) -> None:
        self.depth -= 1
        print("exit", self.depth)


@raises(EIO)
def work(lock: Lock, number: u32) -> u32:
    """Leaves the block in several ways."""
    with lock as held:
        if number == 0:
            return held.taken
        if number == 1:
            raise OSError(EIO)
        with lock:
            print("inside", lock.depth)
    return number


def main() -> None:
    """Takes each way out."""
    lock = Lock()
    for number in range(u32(3)):
        try:
            print("result", work(lock, number))
        except OSError as error:
            print("error", errno_of(error))
    for number in range(u32(3)):
        with lock:
            if number == 1:
                break
    print(lock.depth, lock.taken)
