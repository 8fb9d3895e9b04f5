"""An object of a function's frame is not stored in what outlives it."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u32


@struct
class Node:
    """One of a list."""

    value: u32
    following: Node | None = None


@struct
class Reader:
    """Reads into a buffer."""

    buffer: Span[u8]


def append(last: Node) -> None:
    last.following = Node(2)


def set_buffer(reader: Reader) -> None:
    buffer: Array[u8] = array(64)
    reader.buffer = buffer


def in_the_same_frame() -> u32:
    first = Node(1)
    second = Node(2)
    first.following = second
    return first.value

# error[E0502] 24:22-28: an object of this function's frame is stored in something that outlives it
#   note 24: the object is made here
#   help: allocate the object, or embed it with `inline()`
# error[E0502] 29:21-26: an object of this function's frame is stored in something that outlives it
#   note 28: the object is made here
#   help: allocate the object, or embed it with `inline()`
