"""Tokens in falling order of probability, taken one by one from a heap.

Equal ones come by id. Only as many are put in order as are asked for.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Span, allocate_span, f32, raises, struct, u32, usize
from bare.lib.allocator import Allocator


@struct
class Candidates:
    """All tokens with their weights; spans are [vocab]."""

    weights: Span[f32]
    """By id."""
    heap: Span[u32]
    """Ids that were not taken yet, in the order of a heap."""
    taken: Span[u32]
    """Ids that were, in order."""
    taken_count: usize = 0

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, vocab: usize) -> None:
        """Takes the memory for a vocabulary."""
        self.weights = allocate_span(allocator, f32, vocab)
        self.heap = allocate_span(allocator, u32, vocab)
        self.taken = allocate_span(allocator, u32, vocab)

    def start(self) -> None:
        """Makes a heap of all ids; the weights must be set."""
        count = len(self.heap)
        self.taken_count = 0
        for index in range(count):
            self.heap[index] = u32(index)
        for index in range(count // 2):
            self.sift_down(count // 2 - 1 - index, count)

    def take(self) -> usize:
        """Takes and returns the most probable id that is left."""
        token = self.heap[0]
        last = len(self.heap) - self.taken_count - 1
        self.heap[0] = self.heap[last]
        self.sift_down(0, last)
        self.taken[self.taken_count] = token
        self.taken_count += 1
        return usize(token)

    def sift_down(self, start: usize, count: usize) -> None:
        """Moves the id at `start` down until neither of its children is before it."""
        parent = start
        while 2 * parent + 1 < count:
            child = 2 * parent + 1
            if child + 1 < count and self.is_before(self.heap[child + 1], self.heap[child]):
                child += 1
            if not self.is_before(self.heap[child], self.heap[parent]):
                return
            moved = self.heap[parent]
            self.heap[parent] = self.heap[child]
            self.heap[child] = moved
            parent = child

    def is_before(self, left: u32, right: u32) -> bool:
        """Whether `left` is the more probable id, or the lower of equals."""
        if self.weights[left] != self.weights[right]:
            return self.weights[left] > self.weights[right]
        return left < right
