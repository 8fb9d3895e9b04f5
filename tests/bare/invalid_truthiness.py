"""Conditions are bools."""

from __future__ import annotations

from bare import Bytes, struct, u32


@struct
class Node:
    """One of a list."""

    following: Node | None = None


def count(number: u32) -> u32:
    if number:
        return 1
    while not number:
        number = 1
    return 0


def is_last(node: Node) -> bool:
    if node.following:
        return False
    return True


def is_empty(data: Bytes) -> bool:
    assert data, "no data"
    return True and 1

# error[E0307] 16:8-13: a condition is a bool, not u32
#   help: write `number != 0`
# error[E0307] 18:15-20: a condition is a bool, not u32
#   help: write `number != 0`
# error[E0307] 24:8-21: a condition is a bool, not Node | None
#   help: write `node.following is not None`
# error[E0307] 30:12-15: a condition is a bool, not Bytes
#   help: compare it with something
# error[E0307] 31:21-21: a condition is a bool, not integer constant
#   help: write `1 != 0`
