"""A reference that may be None is tested before it is used."""

from __future__ import annotations

from bare import struct, u32


@struct
class Node:
    """One of a list."""

    value: u32
    following: Node | None = None

    def sum(self) -> u32:
        return self.value


def second(node: Node) -> u32:
    return node.following.value


def called(node: Node | None) -> u32:
    return node.sum()


def after_call(node: Node) -> u32:
    if node.following is None:
        return 0
    touch(node)
    return node.following.value


def touch(node: Node) -> None:
    node.following = None


def in_a_loop(node: Node | None) -> u32:
    assert node is not None
    total: u32 = 0
    while total < 10:
        total += node.value
        node = node.following
    return total


def passed(node: Node | None) -> None:
    touch(node)


def stored(node: Node | None) -> None:
    if node is not None or touch_all():
        node.value = 1


def touch_all() -> bool:
    return True


def unassigned(flag: bool) -> u32:
    if flag:
        value: u32 = 1
    return value

# error[E0311] 20:12-25: node.following may be None here
#   help: copy it to a local first, as in `x = node.following`, and test that with `is not None`
# error[E0311] 24:12-15: node may be None here
#   help: test it first: `if node is not None:` or `assert node is not None`
# error[E0311] 31:12-25: node.following may be None here
#   help: copy it to a local first, as in `x = node.following`, and test that with `is not None`
# error[E0311] 42:18-21: node may be None here
#   help: test it first: `if node is not None:` or `assert node is not None`
# error[E0311] 43:16-19: node may be None here
#   help: test it first: `if node is not None:` or `assert node is not None`
# error[E0311] 48:11-14: this may be None, and Node is wanted
#   help: copy it to a local and test it with `is not None` first
# error[E0311] 53:9-12: node may be None here
#   help: test it first: `if node is not None:` or `assert node is not None`
# error[E0202] 63:12-16: 'value' may have no value here
#   help: assign it on every path first
