"""allocate, allocate_span and release with an Allocator."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Array,
    Span,
    allocate,
    allocate_span,
    array,
    errno_of,
    inline,
    raises,
    release,
    struct,
    u8,
    u16,
    u32,
    usize,
)
from bare.lib.arena import Arena


@struct
class Counting(Allocator):
    """Counts the bytes that are in use."""

    source: Allocator
    used: usize = 0

    @raises(ENOMEM)
    def allocate_bytes(self, size: usize, align: usize) -> usize:
        """Hands out and counts."""
        address = self.source.allocate_bytes(size, align)
        self.used += size
        return address

    def free_bytes(self, address: usize, size: usize) -> None:
        """Takes back and counts."""
        self.source.free_bytes(address, size)
        self.used -= size


@struct
class Inner:
    """Has a default."""

    limit: u16 = 300


@struct
class Node:
    """Is allocated."""

    value: u32 = 7
    inner: Inner = inline()
    next: Node | None = None


@raises(ENOMEM)
def make_list(allocator: Allocator, count: u32) -> Node | None:
    """Makes a list of nodes."""
    first: Node | None = None
    for number in range(count):
        node = allocate(allocator, Node)
        node.value = number
        node.next = first
        first = node
    return first


def free_list(allocator: Allocator, first: Node | None) -> u32:
    """Frees a list and adds its values."""
    total: u32 = 0
    node = first
    while node is not None:
        following = node.next
        total += node.value
        release(allocator, node)
        node = following
    return total


def main() -> None:
    """Allocates until memory is gone."""
    memory: Array[u8] = array(1024)
    arena = Arena(memory)
    counting = Counting(arena)
    try:
        node = allocate(counting, Node)
        print(node.value, node.inner.limit, node.next is None)
        release(counting, node)
        words: Span[u16] = allocate_span(counting, u16, 10)
        words[9] = 65535
        print(len(words), words[0], words[9], counting.used)
        release(counting, words)
        print(free_list(counting, make_list(counting, 5)), counting.used)
        print(len(allocate_span(counting, u8, 4096)))
    except OSError as error:
        print("out of memory:", errno_of(error) == ENOMEM)
