"""Byte-pair encoding: text to token ids.

A text that is not empty gets a space in front. It is split into characters; one that is no piece
becomes its bytes, which never merge. Then the neighbouring pair with the best score is merged, the
leftmost of equals, until none merges. Pairs wait in a heap, so n bytes take n log n steps.

A symbol is named by the offset of its first byte: its right neighbour begins where it ends.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import Bytes, Span, allocate_span, copy_struct, f32, raises, struct, u8, u32, usize
from bare.lib.allocator import Allocator
from user.lib.llm.tokenizer import BOS, FIRST_BYTE_PIECE, FIRST_TEXT_PIECE, SPACE, Tokenizer

LARGEST_CHARACTER: usize = 4
FIRST_LEAD_BYTE: u8 = 0xC0
"""RFC 3629, 3."""


@struct
class Pair:
    """Two neighbouring symbols that make a piece."""

    score: f32 = 0.0
    left: u32 = 0
    length: u32 = 0
    """Bytes of both: a pair is stale when its symbols no longer have so many."""
    piece: u32 = 0


@struct
class Merger:
    """Room for texts up to a given length. All spans are indexed by byte offset but `heap`."""

    tokenizer: Tokenizer
    text: Span[u8]
    lengths: Span[u32]
    """Of the symbol that begins here; 0 where none does."""
    previous: Span[u32]
    pieces: Span[u32]
    heap: Span[Pair]
    heap_count: usize = 0

    @raises(ENOMEM)
    def prepare(self, allocator: Allocator, tokenizer: Tokenizer, most_bytes: usize) -> None:
        """Takes the memory for texts of up to `most_bytes`."""
        size = most_bytes + 1
        self.tokenizer = tokenizer
        self.text = allocate_span(allocator, u8, size)
        self.lengths = allocate_span(allocator, u32, size)
        self.previous = allocate_span(allocator, u32, size)
        self.pieces = allocate_span(allocator, u32, size)
        self.heap = allocate_span(allocator, Pair, 3 * size)

    def encode(self, text: Bytes, ids: Span[u32]) -> usize:
        """Writes BOS and the ids of `text`; returns how many. `ids` holds len(text) + 2."""
        ids[0] = u32(BOS)
        if len(text) == 0:
            return 1
        size = len(text) + 1
        self.text[0] = SPACE
        self.text[1:size].copy_from(text)
        self.split(size)
        while self.heap_count > 0:
            self.merge_best(size)
        count: usize = 1
        offset: usize = 0
        while offset < size:
            ids[count] = self.pieces[offset]
            count += 1
            offset += self.lengths[offset]
        return count

    def split(self, size: usize) -> None:
        """Makes a symbol of each character, and a pair of all neighbours that merge."""
        self.lengths.fill(0)
        self.heap_count = 0
        last: usize = 0
        offset: usize = 0
        while offset < size:
            length = character_length(self.text[offset:size])
            piece = self.tokenizer.find(self.text[offset : offset + length])
            if piece is None:
                length = 1
                self.pieces[offset] = u32(FIRST_BYTE_PIECE + self.text[offset])
            else:
                self.pieces[offset] = piece
            self.lengths[offset] = u32(length)
            self.previous[offset] = u32(last)
            last = offset
            offset += length
        offset = 0
        while offset < size:
            self.consider(offset, size)
            offset += self.lengths[offset]

    def consider(self, left: usize, size: usize) -> None:
        """Puts the pair that begins at `left` on the heap if it makes a piece."""
        right = left + self.lengths[left]
        if right >= size or self.is_byte(left) or self.is_byte(right):
            return
        length = self.lengths[left] + self.lengths[right]
        piece = self.tokenizer.find(self.text[left : left + length])
        if piece is not None:
            self.push(self.tokenizer.score(piece), u32(left), length, piece)

    def is_byte(self, offset: usize) -> bool:
        """Whether the symbol stands for a byte."""
        return self.pieces[offset] < FIRST_TEXT_PIECE

    def merge_best(self, size: usize) -> None:
        """Takes the best pair from the heap and merges it, unless it is stale."""
        best = self.heap[0]
        left = usize(best.left)
        length = best.length
        piece = best.piece
        self.pop()
        right = left + self.lengths[left]
        if self.lengths[left] == 0 or right >= size:
            return
        if self.lengths[left] + self.lengths[right] != length:
            return
        self.lengths[right] = 0
        self.lengths[left] = length
        self.pieces[left] = piece
        following = left + length
        if following < size:
            self.previous[following] = u32(left)
        self.consider(left, size)
        if left > 0:
            self.consider(usize(self.previous[left]), size)

    def push(self, score: f32, left: u32, length: u32, piece: u32) -> None:
        """Adds a pair to the heap."""
        place = self.heap_count
        self.heap_count += 1
        while place > 0:
            parent = self.heap[(place - 1) // 2]
            if not is_before(score, left, parent.score, parent.left):
                break
            copy_struct(self.heap[place], parent)
            place = (place - 1) // 2
        pair = self.heap[place]
        pair.score = score
        pair.left = left
        pair.length = length
        pair.piece = piece

    def pop(self) -> None:
        """Removes the heap's first pair."""
        self.heap_count -= 1
        count = self.heap_count
        moved = self.heap[count]
        place: usize = 0
        while 2 * place + 1 < count:
            child = 2 * place + 1
            if child + 1 < count:
                other = self.heap[child + 1]
                best = self.heap[child]
                if is_before(other.score, other.left, best.score, best.left):
                    child += 1
            below = self.heap[child]
            if not is_before(below.score, below.left, moved.score, moved.left):
                break
            copy_struct(self.heap[place], below)
            place = child
        copy_struct(self.heap[place], moved)


def is_before(score: f32, left: u32, other_score: f32, other_left: u32) -> bool:
    """Whether a pair merges before another: better score, or as good and further left."""
    if score != other_score:
        return score > other_score
    return left < other_left


def character_length(text: Bytes) -> usize:
    """Returns the bytes of the first character: a lead byte takes what continues it."""
    length: usize = 1
    if text[0] < FIRST_LEAD_BYTE:
        return length
    while length < len(text) and length < LARGEST_CHARACTER and text[length] & 0xC0 == 0x80:
        length += 1
    return length
