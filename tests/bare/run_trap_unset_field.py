"""A non-null reference that was never set traps when it is read."""

from __future__ import annotations

from bare import Array, array, struct, u32


@struct
class Target:
    """What is referred to."""

    value: u32 = 5


@struct
class Holder:
    """Refers to a target."""

    target: Target
    count: u32


def main() -> None:
    """Reads a reference that is set, then one that is not."""
    holders: Array[Holder] = array(2)
    target = Target()
    holders[0].target = target
    print(holders[0].target.value, holders[1].count)
    print(holders[1].target.value)
