"""A nullable reference is used after a test has narrowed a local."""

from __future__ import annotations

from bare import struct, u32


@struct
class Box:
    """Holds a value and perhaps another box."""

    value: u32
    inner: Box | None = None


def by_if(box: Box | None) -> u32:
    """Narrows in a branch."""
    if box is not None:
        return box.value
    return 0


def by_return(box: Box | None) -> u32:
    """Narrows by leaving early."""
    if box is None:
        return 1
    return box.value


def by_assert(box: Box | None) -> u32:
    """Narrows by assertion."""
    assert box is not None, "there is a box"
    return box.value


def depth(box: Box) -> u32:
    """Copies a field to a local to narrow it."""
    count: u32 = 1
    inner = box.inner
    while inner is not None:
        count += 1
        inner = inner.inner
    return count


def either(box: Box | None) -> u32:
    """Narrows in an expression."""
    return box.value if box is not None and box.value > 5 else 2


def by_assignment(box: Box | None, other: Box) -> u32:
    """Narrows by assigning something that is not None."""
    chosen = box
    if chosen is None:
        chosen = other
    return chosen.value


def main() -> None:
    """Calls each with a box and with None."""
    small = Box(3)
    large = Box(7, small)
    print(by_if(small), by_if(None))
    print(by_return(small), by_return(None), by_assert(large))
    print(depth(large), depth(small))
    print(either(small), either(large), either(None))
    print(by_assignment(None, small), by_assignment(large, small))
