"""A class deriving Items is walked by for; __iter__ may make one."""

from __future__ import annotations

from bare import Items, struct, u32


@struct
class Node:
    """A link."""

    value: u32
    next: Node | None = None


@struct
class Nodes(Items[Node]):
    """Walks a list."""

    node: Node | None

    def next_item(self) -> Node | None:
        """Returns the next node."""
        node = self.node
        if node is not None:
            self.node = node.next
        return node


@struct
class Odd(Items[u32]):
    """Gives odd numbers below a limit."""

    limit: u32
    number: u32 = 1

    def next_item(self) -> u32 | None:
        """Returns the next odd number."""
        number = self.number
        if number >= self.limit:
            return None
        self.number = number + 2
        return number


def total(items: Nodes) -> u32:
    """Adds the values of the nodes that are left."""
    result: u32 = 0
    for node in items:
        result += node.value
    return result


def main() -> None:
    """Walks."""
    third = Node(30)
    second = Node(20, third)
    first = Node(10, second)
    walk = Nodes(first)
    for node in walk:
        print(node.value, end=" ")
        if node is second:
            break
    print(total(walk), total(Nodes(None)))
    for number in Odd(10):
        if number == 5:
            continue
        print(number, end=" ")
    else:
        print("end")
