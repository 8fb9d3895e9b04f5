"""An object of a function's frame is not passed to a function that keeps it."""

from __future__ import annotations

from bare import struct, u32


@struct
class Node:
    """One of a list."""

    value: u32
    following: Node | None = None


@struct
class List:
    """A list."""

    head: Node | None = None

    def push(self, node: Node) -> None:
        node.following = self.head
        self.head = node

    def push_all(self, first: Node, second: Node) -> None:
        self.push(first)
        self.push(second)


def fill(numbers: List) -> None:
    node = Node(1)
    numbers.push(node)


def fill_deeply(numbers: List, kept: Node) -> None:
    numbers.push_all(kept, Node(2))


def keep_here() -> u32:
    numbers = List()
    numbers.push(Node(1))
    head = numbers.head
    return head.value if head is not None else 0

# error[E0503] 33:5-22: an object of this function's frame is passed to List.push(), which keeps 'node'
#   note 32: the object is made here
#   note 22: List.push keeps 'node'
#   help: allocate the object, or keep it in something that lives in the same frame
# error[E0503] 37:5-35: an object of this function's frame is passed to List.push_all(), which keeps 'second'
#   note 37: the object is made here
#   note 26: List.push_all keeps 'second'
#   help: allocate the object, or keep it in something that lives in the same frame
