"""A constructor in a loop makes its object anew at each turn; none of an earlier turn is kept."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u32


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


def build(count: u32) -> u32:
    numbers = List()
    for value in range(count):
        numbers.push(Node(value))
    head = numbers.head
    return head.value if head is not None else 0


def link(count: u32) -> u32:
    first = Node(0)
    for value in range(count):
        first.following = Node(value)
    return first.value


def last_two(count: u32) -> u32:
    previous: Node | None = None
    total: u32 = 0
    for value in range(count):
        node = Node(value)
        if previous is not None:
            total += previous.value
        previous = node
    return total


def within_a_turn(count: u32) -> u32:
    total: u32 = 0
    for value in range(count):
        node = Node(value)
        numbers = List()
        numbers.push(node)
        buffer: Array[u8] = array(16)
        total += node.value + fill(buffer)
    return total


def after_the_loop(count: u32) -> u32:
    found = Node(0)
    for value in range(count):
        if value == 7:
            found = Node(value)
            break
    return found.value


def fill(buffer: Span[u8]) -> u32:
    buffer.fill(1)
    return buffer[0]

# error[E0504] 30:9-33: an object that each turn of the loop makes anew is stored in something that outlives the turn
#   note 30: the object is made here
#   help: make the object before the loop, allocate it, or keep a copy of its values
# error[E0504] 38:27-37: an object that each turn of the loop makes anew is stored in something that outlives the turn
#   note 38: the object is made here
#   help: make the object before the loop, allocate it, or keep a copy of its values
# error[E0504] 46:16-26: each turn of the loop makes this object anew, but 'previous' still refers to that of the turn before
#   help: make the object before the loop, allocate it, or keep a copy of its values
